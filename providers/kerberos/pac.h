// Windows' authorization data in a ticket ([MS-PAC]).
#ifndef EPA_PROVIDERS_KERBEROS_PAC_H_
#define EPA_PROVIDERS_KERBEROS_PAC_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"

namespace epa::kerberos {

// The buffers of a PAC (2.3, 2.4) that a login looks at; lie in its octets.
struct PacBuffers {
  std::span<const uint8_t> logon_information;   // 2.5; empty: none
  std::span<const uint8_t> client_information;  // 2.7
  std::span<const uint8_t> server_signature;    // 2.8, as the next
  std::span<const uint8_t> kdc_signature;
};
// False where the PAC is malformed, or has not one each of the last three.
[[nodiscard]] bool ReadPacBuffers(std::span<const uint8_t> octets, PacBuffers& out);

// PAC_CLIENT_INFO (2.7).
struct ClientInformation {
  FileTime authentication_time = 0;
  std::string name;
};
std::optional<ClientInformation> ReadClientInformation(std::span<const uint8_t> octets);

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
