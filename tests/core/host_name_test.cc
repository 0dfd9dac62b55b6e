// Names of hosts as the network has them, and as they are compared.
#include "lib/core/host_name.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace epa {
namespace {

using std::string_view_literals::operator""sv;

TEST(HostName, ForTheNetworkIsAnAddressOrLowerCaseALabels) {
  struct Row {
    std::string_view host;
    std::optional<std::string> encoded;
  };
  const Row rows[] = {
      {"WWW.Example.COM", "www.example.com"},
      {"192.0.2.1", "192.0.2.1"},
      {"2001:DB8::1", "2001:db8::1"},
      {"B\u00DCCHER.example", "xn--bcher-kva.example"},
      {"fa\u00DF.example", "xn--fa-hia.example"},  // non-transitional: not fass
      {"\u00FC\0.example"sv, std::nullopt},
      {"\u00FC12345678901234567890123456789012345678901234567890123456789012", std::nullopt},
      {"\xFC.example", std::nullopt},  // not UTF-8
  };
  for (const Row& row : rows) {
    EXPECT_EQ(EncodeALabels(row.host), row.encoded) << row.host;
  }
}

TEST(HostName, IsComparedInCapitalsWithItsLabelsDecoded) {
  EXPECT_EQ(CanonicalHost("xn--bcher-kva.example."), "B\u00DCCHER.EXAMPLE");
  EXPECT_EQ(CanonicalHost("b\u00FCcher.example"), "B\u00DCCHER.EXAMPLE");
  EXPECT_EQ(CanonicalHost("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(CanonicalHost("fe80::1%eth0"), CanonicalHost("FE80:0::1"));
  EXPECT_EQ(CanonicalHost("xn--99999999.example"), "XN--99999999.EXAMPLE");
}

}  // namespace
}  // namespace epa
