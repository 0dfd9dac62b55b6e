#include "tools/epa/common/tls_options.h"

#include <string>

#include "absl/status/status.h"
#include "lib/service/values.h"
#include "tools/epa/common/setting_options.h"

namespace epa::tool {

absl::StatusOr<std::optional<tls::UndefinedHashRule>> UndefinedHashRuleFrom(
    const CommandLine& line) {
  const auto rule = line.Value("--undefined-hash");
  if (!rule.has_value()) {
    return std::nullopt;
  }
  const auto parsed = service::ParseUndefinedHashRule(*rule);
  return parsed.has_value() ? absl::StatusOr<std::optional<tls::UndefinedHashRule>>(parsed)
                            : UnexpectedValue("--undefined-hash", *rule);
}

}  // namespace epa::tool
