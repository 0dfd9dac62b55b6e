#include "tools/epa/common/smb_options.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"

namespace epa::tool {
namespace {

using smb2::Dialect;
using smb2::EncryptionPolicy;

constexpr Dialect kDialects[] = {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302,
                                 Dialect::k311};

absl::Status Unknown(std::string_view option, std::string_view value, std::string_view expected) {
  return absl::InvalidArgumentError(std::string(option) + " '" + std::string(value) +
                                    "': expected " + std::string(expected));
}

}  // namespace

absl::StatusOr<std::vector<Dialect>> SmbDialectsFrom(const CommandLine& line) {
  const std::vector<std::string> names = line.Values("--dialect");
  for (const std::string& name : names) {
    if (std::none_of(std::begin(kDialects), std::end(kDialects),
                     [&name](Dialect dialect) { return smb2::DialectName(dialect) == name; })) {
      return Unknown("--dialect", name, "2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1");
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
  if (rule != "required" && rule != "optional") {
    return Unknown("--signing", rule, "required or optional");
  }
  return rule == "required";
}

absl::StatusOr<EncryptionPolicy> SmbEncryptionFrom(const CommandLine& line) {
  const std::string rule = line.ValueOr("--encryption", "available");
  if (rule == "off") {
    return EncryptionPolicy::kOff;
  }
  if (rule == "available") {
    return EncryptionPolicy::kAvailable;
  }
  if (rule == "required") {
    return EncryptionPolicy::kRequired;
  }
  return Unknown("--encryption", rule, "off, available or required");
}

}  // namespace epa::tool
