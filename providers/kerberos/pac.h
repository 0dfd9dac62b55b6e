// Windows' authorization data in a ticket ([MS-PAC]).
#ifndef EPA_PROVIDERS_KERBEROS_PAC_H_
#define EPA_PROVIDERS_KERBEROS_PAC_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::kerberos {

struct LogonInformation {
  std::string logon_name;
  std::string logon_domain;
  std::string user_sid;
  // The domain's groups, then those of other domains, then the resource groups.
  std::vector<std::string> group_sids;
};

// KERB_VALIDATION_INFO ([MS-PAC] 2.5), as NDR writes it. Without the names of user and domain, or
// with a NUL in one, it is malformed.
absl::StatusOr<LogonInformation> ReadLogonInformation(std::span<const uint8_t> octets);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_PAC_H_
