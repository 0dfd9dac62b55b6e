// Logon information is read or refused; what is read names a user and a domain.
#include <cstdlib>
#include <string>

#include "fuzz/reach.h"
#include "providers/kerberos/pac.h"

namespace {

epa::fuzz::ReachPoint was_read("logon information");
epa::fuzz::ReachPoint refused("refused information");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto is_name = [](const std::string& text) {
    return !text.empty() && text.find('\0') == std::string::npos;
  };
  const auto information = epa::kerberos::ReadLogonInformation({data, size});
  was_read.Reach(information.ok());
  refused.Reach(!information.ok());
  if (information.ok() &&
      (!information->user_sid.starts_with("S-1-") || information->group_sids.empty() ||
       !is_name(information->logon_name) || !is_name(information->logon_domain))) {
    std::abort();
  }
  return 0;
}
