// Logon information is read or refused; what is read names a user.
#include <cstdlib>

#include "providers/kerberos/pac.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto information = epa::kerberos::ReadLogonInformation({data, size});
  if (information.ok() &&
      (!information->user_sid.starts_with("S-1-") || information->group_sids.empty())) {
    std::abort();
  }
  return 0;
}
