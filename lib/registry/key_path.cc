#include "lib/registry/key_path.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/upper_case.h"

namespace epa::registry {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRootKeys = {{
    {"HKEY_LOCAL_MACHINE", "HKLM"},
    {"HKEY_CURRENT_USER", "HKCU"},
    {"HKEY_USERS", "HKU"},
    {"HKEY_CLASSES_ROOT", "HKCR"},
    {"HKEY_CURRENT_CONFIG", "HKCC"},
}};

constexpr std::string_view kControlSet001 = R"(HKEY_LOCAL_MACHINE\SYSTEM\CONTROLSET001)";
constexpr std::string_view kCurrentControlSet = R"(HKEY_LOCAL_MACHINE\SYSTEM\CURRENTCONTROLSET)";

std::string_view RootKeyOf(std::string_view part) {
  for (const auto& [name, abbreviation] : kRootKeys) {
    if (part == name || part == abbreviation) {
      return name;
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> CanonicalKeyPath(std::string_view path) {
  const std::string folded = UppercaseUtf8(path);
  std::string_view rest = folded;
  std::string canonical(RootKeyOf(rest.substr(0, rest.find('\\'))));
  if (canonical.empty()) {
    return std::nullopt;
  }
  while (rest.find('\\') != std::string_view::npos) {
    rest.remove_prefix(rest.find('\\') + 1);
    if (const std::string_view part = rest.substr(0, rest.find('\\')); !part.empty()) {
      canonical += '\\';
      canonical += part;
    }
  }
  const std::string_view after =
      std::string_view(canonical).substr(std::min(kControlSet001.size(), canonical.size()));
  if (canonical.starts_with(kControlSet001) && (after.empty() || after.front() == '\\')) {
    canonical = std::string(kCurrentControlSet) + std::string(after);
  }
  return canonical;
}

}  // namespace epa::registry
