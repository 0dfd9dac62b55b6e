// A keytab is refused, or has at least one key and no cut record.
#include <cstdlib>
#include <memory>

#include "fuzz/reach.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/service_keys.h"

namespace {

epa::fuzz::ReachPoint was_read("a keytab");
epa::fuzz::ReachPoint several("a keytab with several keys");
epa::fuzz::ReachPoint refused("a refused keytab");

}  // namespace

// libkrb5 loses the realm of an entry that it cannot read to its end. That the entries we hold are
// released, the tests under the address sanitizer see.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libkrb5.so";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto& pool = *new std::shared_ptr<epa::kerberos::ContextPool>(
      epa::kerberos::ContextPool::Create({.path = {}, .contents = "[libdefaults]\n"}, false,
                                         nullptr)
          .value());
  const auto lease = pool->Acquire();
  const auto keys = epa::kerberos::ServiceKeys::Read(lease->context(), {data, size}, "keytab");
  was_read.Reach(keys.ok());
  several.Reach(keys.ok() && (*keys)->entries().size() > 1);
  refused.Reach(!keys.ok());
  if (keys.ok() && (*keys)->entries().empty()) {
    std::abort();
  }
  return 0;
}
