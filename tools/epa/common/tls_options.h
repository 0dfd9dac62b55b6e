// What commands with TLS connections have in common on the command line.
#ifndef EPA_TOOLS_EPA_COMMON_TLS_OPTIONS_H_
#define EPA_TOOLS_EPA_COMMON_TLS_OPTIONS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

inline constexpr OptionSpec kUndefinedHashOption = {
    "--undefined-hash", "RULE",
    "certificates that RFC 5929 defines no hash for (Ed25519): fail, unbound or sha256"};

// From --undefined-hash; no value without it.
absl::StatusOr<std::optional<tls::UndefinedHashRule>> UndefinedHashRuleFrom(
    const CommandLine& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_TLS_OPTIONS_H_
