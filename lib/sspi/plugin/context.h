// One security context of a plug-in: calls it, and checks what it answers.
#ifndef EPA_LIB_SSPI_PLUGIN_CONTEXT_H_
#define EPA_LIB_SSPI_PLUGIN_CONTEXT_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/security_package.h"
#include "epa/sspi/sspi.h"
#include "lib/sspi/plugin/credentials.h"

namespace epa::sspi {

// What is asked of the plug-in. Nothing changes from one step to the next but an initiator's
// bindings, which may be learnt late.
struct ContextRequest {
  bool acceptor = false;
  ULONG flags = 0;                         // ISC_REQ_* or ASC_REQ_*
  std::optional<std::string> target_name;  // the initiator's
  std::vector<uint8_t> bindings;           // SEC_CHANNEL_BINDINGS(_EX); empty: none are given
  bool ask_for_result = false;             // SECBUFFER_CHANNEL_BINDINGS_RESULT
  // What the initiator's package must have agreed on at the end.
  bool must_sign = false;
  bool must_seal = false;
};

class PluginContext {
 public:
  PluginContext(std::shared_ptr<const PluginCredentials> credentials, ContextRequest request)
      : credentials_(std::move(credentials)), request_(std::move(request)) {}
  ~PluginContext();
  PluginContext(const PluginContext&) = delete;
  PluginContext& operator=(const PluginContext&) = delete;

  // An initiator's, from the next step on.
  void LearnBindings(std::vector<uint8_t> bindings) { request_.bindings = std::move(bindings); }
  // kContinue, kVerified, kRejected or an error.
  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token);

  // Of the client, as the acceptor's plug-in reports it; complete when a step has verified.
  const PeerIdentity& identity() const { return identity_; }
  const ExtendedProtectionEvidence& evidence() const { return evidence_; }

  // These after a step has verified.
  absl::StatusOr<SecretBytes> ExportSessionKey() const;
  absl::StatusOr<SecPkgContext_Sizes> QuerySizes() const;
  bool protects_messages() const;
  bool seals_messages() const;
  const SecurityFunctionTableW& table() const { return credentials_->table(); }
  PCtxtHandle handle() const { return const_cast<PCtxtHandle>(&handle_); }

 private:
  SECURITY_STATUS CallAcceptor(PSecBufferDesc input, PSecBufferDesc output);
  SECURITY_STATUS CallInitiator(PSecBufferDesc input, PSecBufferDesc output);
  SECURITY_STATUS Complete(SECURITY_STATUS status, PSecBufferDesc output);
  absl::StatusOr<MechanismResult> Conclude(SECURITY_STATUS status, std::vector<uint8_t> token);
  absl::Status QueryClient();
  void Free(void* buffer) const;

  std::shared_ptr<const PluginCredentials> credentials_;
  ContextRequest request_;
  int steps_ = 0;
  bool exists_ = false;
  CtxtHandle handle_{};
  ULONG attributes_ = 0;  // ISC_RET_* or ASC_RET_*
  PeerIdentity identity_;
  ExtendedProtectionEvidence evidence_;
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PLUGIN_CONTEXT_H_
