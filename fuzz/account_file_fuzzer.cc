#include <cstddef>
#include <cstdint>
#include <string_view>

#include "epa/ntlm/authority.h"
#include "fuzz/reach.h"

namespace {

epa::fuzz::ReachPoint was_read("accounts");
epa::fuzz::ReachPoint disabled("a disabled account");
epa::fuzz::ReachPoint refused("a refused file");

}  // namespace

// Whatever is in the file, accounts come out or an error does, and usable accounts have a hash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto accounts = epa::ntlm::ParseAccounts(text, "accounts");
  refused.Reach(!accounts.ok());
  if (!accounts.ok()) {
    return 0;
  }
  for (const epa::ntlm::Account& account : *accounts) {
    was_read.Reach();
    disabled.Reach(account.disabled);
    if (account.user.empty() || (!account.disabled && account.nt_hash == epa::ntlm::NtHash())) {
      __builtin_trap();
    }
  }
  (void)epa::ntlm::CreateMemoryAuthority(*std::move(accounts));
  return 0;
}
