// What `epa login smb` has in common with the settings of a server.
#ifndef EPA_TOOLS_EPA_COMMON_SMB_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_SMB_OPTIONS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "epa/smb2/protocol.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

inline constexpr OptionSpec kSmbDialectOption = {
    "--dialect", "VERSION", "2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1; default: all of them", true};
inline constexpr OptionSpec kSmbSigningOption = {
    "--signing", "RULE", "required (default), or optional: RequireSecuritySignature"};
inline constexpr OptionSpec kSmbEncryptionOption = {"--encryption", "RULE",
                                                    "off, available (default), or required"};

// From --dialect: all of them without it.
absl::StatusOr<std::vector<smb2::Dialect>> SmbDialectsFrom(const CommandLine& line);
// From --signing; required without it.
absl::StatusOr<bool> SmbSigningRequiredFrom(const CommandLine& line);
// From --encryption.
absl::StatusOr<smb2::EncryptionPolicy> SmbEncryptionFrom(const CommandLine& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_SMB_OPTIONS_H_
