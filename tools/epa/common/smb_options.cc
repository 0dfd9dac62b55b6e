#include "tools/epa/common/smb_options.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "lib/service/values.h"
#include "tools/epa/common/setting_options.h"

namespace epa::tool {
namespace {

using smb2::Dialect;
using smb2::EncryptionPolicy;

constexpr Dialect kDialects[] = {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302,
                                 Dialect::k311};

}  // namespace

absl::StatusOr<std::vector<Dialect>> SmbDialectsFrom(const CommandLine& line) {
  const std::vector<std::string> names = line.Values("--dialect");
  for (const std::string& name : names) {
    if (!service::ParseDialect(name).has_value()) {
      return UnexpectedValue("--dialect", name);
    }
  }
  std::vector<Dialect> wanted;
  for (const Dialect dialect : kDialects) {
    if (names.empty() ||
        std::find(names.begin(), names.end(), smb2::DialectName(dialect)) != names.end()) {
      wanted.push_back(dialect);
    }
  }
  return wanted;
}

absl::StatusOr<bool> SmbSigningRequiredFrom(const CommandLine& line) {
  const std::string rule = line.ValueOr("--signing", "required");
  const auto required = service::ParseSigningRequired(rule);
  return required.has_value() ? absl::StatusOr<bool>(*required)
                              : UnexpectedValue("--signing", rule);
}

absl::StatusOr<EncryptionPolicy> SmbEncryptionFrom(const CommandLine& line) {
  const std::string rule = line.ValueOr("--encryption", "available");
  const auto policy = service::ParseEncryption(rule);
  return policy.has_value() ? absl::StatusOr<EncryptionPolicy>(*policy)
                            : UnexpectedValue("--encryption", rule);
}

}  // namespace epa::tool
