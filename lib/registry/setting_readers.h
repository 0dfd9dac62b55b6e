// A value of the registry as a setting: of the right type and within what Windows documents, or
// InvalidArgument with file, line, name and value.
#ifndef EPA_LIB_REGISTRY_SETTING_READERS_H_
#define EPA_LIB_REGISTRY_SETTING_READERS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/registry/windows_settings.h"
#include "lib/base/status_macros.h"

namespace epa::registry {

// The bits of NtlmMinClientSec and NtlmMinServerSec (KB239869).
inline constexpr uint32_t kIntegrity = 0x00000010;
inline constexpr uint32_t kConfidentiality = 0x00000020;
inline constexpr uint32_t kSessionSecurity = 0x00080000;  // NTLMv2 session security
inline constexpr uint32_t kKeys128Bit = 0x20000000;

inline constexpr std::array<std::pair<std::string_view, CbtHardeningLevel>, 3> kHardeningLevels = {{
    {"None", CbtHardeningLevel::kNone},
    {"Relaxed", CbtHardeningLevel::kRelaxed},
    {"Strict", CbtHardeningLevel::kStrict},
}};

// Levels as they are counted, flags as Windows' documents write them: "5", "0x20080000".
std::string NumberText(uint32_t number);

absl::StatusOr<uint32_t> ReadUpTo(const Registry::Entry& entry, uint32_t most);
absl::StatusOr<uint32_t> ReadSuppression(const Registry::Entry& entry);
absl::StatusOr<uint32_t> ReadSessionSecurity(const Registry::Entry& entry);
absl::StatusOr<uint32_t> ReadLmLevel(const Registry::Entry& entry);
absl::StatusOr<bool> ReadSwitch(const Registry::Entry& entry);
absl::StatusOr<std::vector<std::string>> ReadList(const Registry::Entry& entry);
absl::StatusOr<CbtHardeningLevel> ReadHardeningLevel(const Registry::Entry& entry);

// 0 to 2.
template <typename Level>
absl::StatusOr<Level> ReadLevel(const Registry::Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, ReadUpTo(entry, 2));
  return static_cast<Level>(number);
}

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_SETTING_READERS_H_
