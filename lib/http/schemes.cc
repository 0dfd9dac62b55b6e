#include "lib/http/schemes.h"

#include "absl/strings/str_cat.h"
#include "lib/base/ascii.h"
#include "lib/base/base64.h"

namespace epa::http {

absl::Status ValidateSchemes(std::span<const Scheme> schemes) {
  if (schemes.empty()) {
    return absl::InvalidArgumentError("no authentication scheme was given");
  }
  for (size_t i = 0; i < schemes.size(); ++i) {
    const Scheme& scheme = schemes[i];
    if (scheme.name != "Negotiate" && scheme.name != "NTLM" && scheme.name != "Kerberos") {
      return absl::InvalidArgumentError(absl::StrCat("unknown authentication scheme '", scheme.name,
                                                     "': Negotiate, NTLM and Kerberos are known"));
    }
    if (scheme.credentials == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("scheme ", scheme.name, " has no credentials"));
    }
    if (FindScheme(schemes.first(i), scheme.name).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("scheme ", scheme.name, " was given twice"));
    }
  }
  return absl::OkStatus();
}

std::optional<size_t> FindScheme(std::span<const Scheme> schemes, std::string_view name) {
  for (size_t i = 0; i < schemes.size(); ++i) {
    if (EqualsIgnoringAsciiCase(schemes[i].name, name)) {
      return i;
    }
  }
  return std::nullopt;
}

std::string FieldValue(std::string_view scheme, std::span<const uint8_t> token) {
  std::string value(scheme);
  if (!token.empty()) {
    value += ' ';
    value += EncodeBase64(token);
  }
  return value;
}

}  // namespace epa::http
