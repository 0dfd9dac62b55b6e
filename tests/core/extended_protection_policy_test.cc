// Which settings are refused because they promise more than they do.
#include <gtest/gtest.h>

#include <string>

#include "epa/core/extended_protection.h"

namespace epa {
namespace {

using Mode = ExtendedProtectionMode;

AcceptedServiceNames Names() {
  return AcceptedServiceNames::Create({"HTTP/www.example.com"}).value();
}

bool Creates(ExtendedProtectionOptions options) {
  return ExtendedProtectionPolicy::Create(std::move(options)).ok();
}

bool Fits(ExtendedProtectionOptions options, ChannelKind kind) {
  return ExtendedProtectionPolicy::Create(std::move(options)).value().CheckChannel(kind).ok();
}

ExtendedProtectionOptions CohostedWithoutNames(Mode mode) {
  ExtendedProtectionOptions options;
  options.mode = mode;
  options.scenario = ProtectionScenario::kTrustedProxy;
  options.proxy_cohosting = true;
  options.no_service_name_check = true;
  return options;
}

TEST(ExtendedProtectionPolicy, RequiresUntilToldOtherwise) {
  EXPECT_EQ(ExtendedProtectionOptions().mode, Mode::kRequire);
  EXPECT_EQ(ExtendedProtectionPolicy::Create({}).value().mode(), Mode::kRequire);
}

TEST(ExtendedProtectionPolicy, ThatWouldLookAtNothingIsRefusedUnlessItSaysSo) {
  EXPECT_TRUE(Creates(CohostedWithoutNames(Mode::kLegacy)));
  for (const Mode mode : {Mode::kAllow, Mode::kRequire}) {
    ExtendedProtectionOptions options = CohostedWithoutNames(mode);
    EXPECT_FALSE(Creates(options));
    options.nothing_to_check = true;
    EXPECT_TRUE(Creates(options));
  }
}

TEST(ExtendedProtectionPolicy, WithoutNamesProtectsTlsAlone) {
  for (const Mode mode : {Mode::kAllow, Mode::kRequire}) {
    EXPECT_TRUE(Fits({.mode = mode}, ChannelKind::kTls));
    EXPECT_FALSE(Fits({.mode = mode}, ChannelKind::kPlain));
    EXPECT_FALSE(Fits({.mode = mode}, ChannelKind::kTrustedProxy));
    EXPECT_TRUE(Fits({.mode = mode, .accepted_names = Names()}, ChannelKind::kPlain));
  }
  EXPECT_TRUE(Fits({.mode = Mode::kLegacy}, ChannelKind::kPlain));
}

TEST(ExtendedProtectionPolicy, WithoutANameCheckHasNothingToCompareButOnTls) {
  for (const Mode mode : {Mode::kAllow, Mode::kRequire}) {
    ExtendedProtectionOptions options;
    options.mode = mode;
    options.no_service_name_check = true;
    EXPECT_TRUE(Fits(options, ChannelKind::kTls));
    EXPECT_FALSE(Fits(options, ChannelKind::kPlain));
    options.nothing_to_check = true;
    EXPECT_TRUE(Fits(options, ChannelKind::kPlain));
    // Behind a proxy any binding will do, one to an attacker's certificate, too.
    EXPECT_TRUE(Fits(options, ChannelKind::kTrustedProxy));
    options.scenario = ProtectionScenario::kTrustedProxy;
    EXPECT_TRUE(Creates(options));
    options.nothing_to_check = false;
    EXPECT_FALSE(Creates(options));
    options.scenario = ProtectionScenario::kTransportSelected;
    EXPECT_FALSE(Fits(options, ChannelKind::kTrustedProxy));
  }
}

}  // namespace
}  // namespace epa
