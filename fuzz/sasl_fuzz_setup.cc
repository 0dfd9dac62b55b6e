#include "fuzz/sasl_fuzz_setup.h"

#include <string_view>
#include <utility>

#include "tests/support/fake_package.h"

namespace epa::fuzz {
namespace {

std::shared_ptr<const Credentials> FakeOf(std::string_view package) {
  test::FakePackageOptions options;
  options.info.name = package;
  options.protects_messages = true;
  options.agreed = {.signing = package == "Negotiate"};
  return test::MakeFakeCredentials(std::move(options));
}

std::string_view PackageOf(sasl::MechanismType mechanism) {
  switch (mechanism) {
    case sasl::MechanismType::kGssapi:
      return "Kerberos";
    case sasl::MechanismType::kGssSpnego:
      return "Negotiate";
    case sasl::MechanismType::kNtlm:
      break;
  }
  return "NTLM";
}

}  // namespace

sasl::ServerOptions FakeSaslServer() {
  sasl::ServerOptions options;
  options.kerberos = FakeOf("Kerberos");
  options.negotiate = FakeOf("Negotiate");
  options.ntlm = FakeOf("NTLM");
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  options.audit = NoAudit();
  options.offer_in_clear = true;
  options.max_message = 4096;
  return options;
}

std::shared_ptr<const sasl::ServerConfig> FakeSaslConfig() {
  return sasl::ServerConfig::Create(FakeSaslServer()).value();
}

sasl::ClientOptions FakeSaslClient(sasl::MechanismType mechanism) {
  sasl::ClientOptions options;
  options.mechanism = mechanism;
  options.credentials = FakeOf(PackageOf(mechanism));
  options.channel = Channel::Plain();
  if (mechanism == sasl::MechanismType::kGssSpnego) {
    options.layer = sasl::Layer::kIntegrity;
  }
  return options;
}

}  // namespace epa::fuzz
