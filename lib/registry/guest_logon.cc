#include "epa/registry/guest_logon.h"

#include <array>
#include <utility>

#include "lib/base/ascii.h"

namespace epa::registry {
namespace {

constexpr std::array<std::pair<std::string_view, WindowsProduct>, 8> kProducts = {{
    {"before-1709", WindowsProduct::kBefore1709},
    {"windows10-1709", WindowsProduct::kWindows10From1709},
    {"windows10-2004", WindowsProduct::kWindows10From2004},
    {"windows10-2004-kb5003173", WindowsProduct::kWindows10KB5003173},
    {"windows11", WindowsProduct::kWindows11},
    {"windows11-24h2", WindowsProduct::kWindows11From24H2},
    {"server-1709", WindowsProduct::kServer1709ToServer2022},
    {"server-2025", WindowsProduct::kServer2025},
}};

constexpr std::array<std::pair<std::string_view, WindowsEdition>, 4> kEditions = {{
    {"home", WindowsEdition::kHome},
    {"pro", WindowsEdition::kPro},
    {"workstations", WindowsEdition::kProForWorkstations},
    {"enterprise", WindowsEdition::kEnterprise},
}};

template <typename Value, size_t N>
std::optional<Value> Lookup(const std::array<std::pair<std::string_view, Value>, N>& table,
                            std::string_view text) {
  for (const auto& [name, value] : table) {
    if (EqualsIgnoringAsciiCase(name, text)) {
      return value;
    }
  }
  return std::nullopt;
}

bool HasEditions(WindowsProduct product) {
  return product != WindowsProduct::kBefore1709 &&
         product != WindowsProduct::kServer1709ToServer2022 &&
         product != WindowsProduct::kServer2025;
}

}  // namespace

std::optional<WindowsVersion> ParseWindowsVersion(std::string_view text) {
  const size_t slash = text.find('/');
  const auto product = Lookup(kProducts, text.substr(0, slash));
  if (!product.has_value()) {
    return std::nullopt;
  }
  WindowsVersion version{*product, WindowsEdition::kEnterprise};
  if (!HasEditions(*product)) {
    version.edition = WindowsEdition::kServer;
    return slash == std::string_view::npos ? std::optional(version) : std::nullopt;
  }
  if (slash != std::string_view::npos) {
    const auto edition = Lookup(kEditions, text.substr(slash + 1));
    if (!edition.has_value()) {
      return std::nullopt;
    }
    version.edition = *edition;
  }
  return version;
}

// KB4046019, and for Pro for Workstations the newer "Enable insecure guest logons in SMB2 and
// SMB3".
bool InsecureGuestAllowedByDefault(const WindowsVersion& version) {
  const bool consumer =
      version.edition == WindowsEdition::kHome || version.edition == WindowsEdition::kPro;
  switch (version.product) {
    case WindowsProduct::kBefore1709:
      return true;
    case WindowsProduct::kWindows10From1709:
    case WindowsProduct::kWindows10KB5003173:
    case WindowsProduct::kWindows11:
      return consumer;
    case WindowsProduct::kWindows10From2004:
      // A regression, for Enterprise and Education.
      return consumer || version.edition == WindowsEdition::kEnterprise;
    case WindowsProduct::kWindows11From24H2:
    case WindowsProduct::kServer1709ToServer2022:
    case WindowsProduct::kServer2025:
      return false;
  }
  return false;
}

bool ClientSigningRequiredByDefault(const WindowsVersion& version) {
  return version.product == WindowsProduct::kWindows11From24H2 ||
         version.product == WindowsProduct::kServer2025;
}

}  // namespace epa::registry
