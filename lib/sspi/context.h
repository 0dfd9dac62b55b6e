// What a context handle leads to.
#ifndef EPA_LIB_SSPI_CONTEXT_H_
#define EPA_LIB_SSPI_CONTEXT_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "epa/core/channel_bindings.h"
#include "epa/core/security_context.h"
#include "lib/sspi/bindings.h"
#include "lib/sspi/credentials.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/handle_table.h"
#include "lib/sspi/lock.h"

namespace epa::sspi {

// Of a TLS connection, read when it was wrapped.
struct TlsBindings {
  std::optional<ChannelBindings> endpoint;
  std::optional<ChannelBindings> unique;
};

struct Context {
  // Held by the call that works with the context.
  Lock lock;

  bool acceptor = false;
  // No further message is taken.
  bool ended = false;
  bool forgives_absence = false;
  Comparison comparison = Comparison::kNothing;
  ULONG request = 0;     // fContextReq of the first call
  ULONG attributes = 0;  // ISC_RET_* or ASC_RET_*

  std::unique_ptr<SecurityContext> login;  // null for a TLS connection
  std::unique_ptr<const TlsBindings> tls;  // null for a login
  std::shared_ptr<const CredentialSet> credentials;
  std::shared_ptr<const GivenBindings> bindings;  // null: none were passed
  std::unique_ptr<const char[]> target_name;      // a client's, terminated
  // The last step's token did not fit the caller's buffer: the next call gives it again.
  std::unique_ptr<StepResult> undelivered;
};

using ContextTable = HandleTable<Context>;
// Those of this process.
ContextTable& TheContexts();

// Runs `body` with the context to itself. SEC_E_INVALID_HANDLE for a handle that leads nowhere.
template <typename Body>
SECURITY_STATUS WithContext(const SecHandle* handle, const Body& body) noexcept {
  return Entry([&] {
    const std::shared_ptr<Context> context = TheContexts().Find(handle);
    if (context == nullptr) {
      return SEC_E_INVALID_HANDLE;
    }
    const std::lock_guard lock(context->lock);
    return body(*context);
  });
}

// The same for a login that has succeeded: SEC_E_INVALID_HANDLE, as on Windows, for another.
template <typename Body>
SECURITY_STATUS WithEstablished(const SecHandle* handle, const Body& body) noexcept {
  return WithContext(handle, [&](Context& context) {
    return context.login != nullptr && context.login->established() ? body(context)
                                                                    : SEC_E_INVALID_HANDLE;
  });
}

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_CONTEXT_H_
