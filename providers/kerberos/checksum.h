// The authenticator's checksum 0x8003: bindings, flags and delegated credentials (RFC 4121 4.1.1).
#ifndef EPA_PROVIDERS_KERBEROS_CHECKSUM_H_
#define EPA_PROVIDERS_KERBEROS_CHECKSUM_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel_bindings.h"

namespace epa::kerberos {

inline constexpr int32_t kGssChecksumType = 0x8003;

// RFC 4121 4.1.1.1; kDceStyle: [MS-KILE] 3.2.5.2.
enum GssFlag : uint32_t {
  kDelegation = 0x0001,
  kMutual = 0x0002,
  kReplayDetection = 0x0004,
  kSequence = 0x0008,
  kConfidentiality = 0x0010,
  kIntegrity = 0x0020,
  kDceStyle = 0x1000,
};

struct GssChecksum {
  ChannelBindingToken binding;
  uint32_t flags = 0;
  // The KRB-CRED of kDelegation; lies in what was read.
  std::span<const uint8_t> delegated;
};

// What follows the fields (extensions) is left alone, as RFC 4121 4.1.1 asks.
absl::StatusOr<GssChecksum> ReadGssChecksum(std::span<const uint8_t> octets);
// InvalidArgument when the credentials are longer than 65535 octets, or there are some without
// the flag or the flag without some.
absl::StatusOr<std::vector<uint8_t>> WriteGssChecksum(const GssChecksum& checksum);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_CHECKSUM_H_
