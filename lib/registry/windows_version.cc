#include "epa/registry/windows_version.h"

#include <array>
#include <utility>

#include "lib/base/ascii.h"

namespace epa::registry {
namespace {

using Product = WindowsProduct;

constexpr auto kProducts = std::to_array<std::pair<std::string_view, Product>>({
    {"before-1709", Product::kBefore1709},
    {"windows10-1709", Product::kWindows10From1709},
    {"windows10-1803", Product::kWindows10From1709},
    {"windows10-1809", Product::kWindows10From1709},
    {"windows10-1903", Product::kWindows10From1709},
    {"windows10-1909", Product::kWindows10From1709},
    {"windows10-2004", Product::kWindows10From2004},
    {"windows10-20h2", Product::kWindows10From2004},
    {"windows10-21h1", Product::kWindows10From2004},
    {"windows10-2004-kb5003173", Product::kWindows10KB5003173},
    {"windows10-20h2-kb5003173", Product::kWindows10KB5003173},
    {"windows10-21h1-kb5003173", Product::kWindows10KB5003173},
    {"windows10-21h2", Product::kWindows10KB5003173},
    {"windows10-22h2", Product::kWindows10KB5003173},
    {"windows11", Product::kWindows11},
    {"windows11-21h2", Product::kWindows11},
    {"windows11-22h2", Product::kWindows11},
    {"windows11-23h2", Product::kWindows11},
    {"windows11-24h2", Product::kWindows11From24H2},
    {"windows11-25h2", Product::kWindows11From24H2},
    {"server-1709", Product::kServer1709ToServer2022},
    {"server-2019", Product::kServer1709ToServer2022},
    {"server-2022", Product::kServer1709ToServer2022},
    {"server-2025", Product::kServer2025},
});

constexpr auto kEditions = std::to_array<std::pair<std::string_view, WindowsEdition>>({
    {"home", WindowsEdition::kHome},
    {"pro", WindowsEdition::kPro},
    {"workstations", WindowsEdition::kProForWorkstations},
    {"enterprise", WindowsEdition::kEnterprise},
    {"education", WindowsEdition::kEnterprise},
});

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

bool HasEditions(Product product) {
  return product != Product::kBefore1709 && product != Product::kServer1709ToServer2022 &&
         product != Product::kServer2025;
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

std::string WindowsVersionNames() {
  std::string names;
  for (const auto& [name, product] : kProducts) {
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

// KB4046019, and for Pro for Workstations the newer "Enable insecure guest logons in SMB2 and
// SMB3".
bool InsecureGuestAllowedByDefault(const WindowsVersion& version) {
  const bool consumer =
      version.edition == WindowsEdition::kHome || version.edition == WindowsEdition::kPro;
  switch (version.product) {
    case Product::kBefore1709:
      return true;
    case Product::kWindows10From1709:
    case Product::kWindows10KB5003173:
    case Product::kWindows11:
      return consumer;
    case Product::kWindows10From2004:
      // A regression, for Enterprise and Education.
      return consumer || version.edition == WindowsEdition::kEnterprise;
    case Product::kWindows11From24H2:
    case Product::kServer1709ToServer2022:
    case Product::kServer2025:
      return false;
  }
  return false;
}

// "Control SMB signing behavior": of 24H2 all editions but Home, in both directions; Server 2025
// for outgoing connections alone.
bool ClientSigningRequiredByDefault(const WindowsVersion& version) {
  return version.product == Product::kServer2025 || ServerSigningRequiredByDefault(version);
}

bool ServerSigningRequiredByDefault(const WindowsVersion& version) {
  return version.product == Product::kWindows11From24H2 && version.edition != WindowsEdition::kHome;
}

ExtendedProtectionMode LdapChannelBindingByDefault(const WindowsVersion& version) {
  return version.product == Product::kServer2025 ? ExtendedProtectionMode::kAllow
                                                 : ExtendedProtectionMode::kLegacy;
}

}  // namespace epa::registry
