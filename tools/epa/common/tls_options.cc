#include "tools/epa/common/tls_options.h"

#include <string>

#include "absl/status/status.h"

namespace epa::tool {

absl::StatusOr<std::optional<tls::UndefinedHashRule>> UndefinedHashRuleFrom(
    const CommandLine& line) {
  const auto rule = line.Value("--undefined-hash");
  if (!rule.has_value()) {
    return std::nullopt;
  }
  if (*rule == "fail") {
    return tls::UndefinedHashRule::kFail;
  }
  if (*rule == "unbound") {
    return tls::UndefinedHashRule::kUnbound;
  }
  if (*rule == "sha256") {
    return tls::UndefinedHashRule::kSha256;
  }
  return absl::InvalidArgumentError("--undefined-hash '" + *rule +
                                    "': expected fail, unbound or sha256");
}

}  // namespace epa::tool
