// A keytab is refused, or has at least one key and no cut record.
#include <cstdlib>
#include <memory>

#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/service_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& pool = *new std::shared_ptr<epa::kerberos::ContextPool>(
      epa::kerberos::ContextPool::Create({.path = {}, .contents = "[libdefaults]\n"}, false,
                                         nullptr)
          .value());
  const auto lease = pool->Acquire();
  const auto keys = epa::kerberos::ServiceKeys::Read(lease->context(), {data, size}, "keytab");
  if (keys.ok() && (*keys)->entries().empty()) {
    std::abort();
  }
  return 0;
}
