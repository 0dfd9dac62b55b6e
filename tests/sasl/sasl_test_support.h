// SASL over the fake package: configurations, and exchanges whose messages are text.
#ifndef EPA_TESTS_SASL_SASL_TEST_SUPPORT_H_
#define EPA_TESTS_SASL_SASL_TEST_SUPPORT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/sasl/client_exchange.h"
#include "epa/sasl/server_exchange.h"
#include "lib/sasl/layer_negotiation.h"
#include "tests/support/fake_package.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/recording_audit_sink.h"
#include "tests/support/test_data.h"

namespace epa::sasl {

using test::FakePackageOptions;
using test::FakeToken;
using test::FakeTokenText;
using test::OctetsOf;
using test::RecordingAuditSink;

inline std::shared_ptr<const ExtendedProtectionPolicy> PolicyOf(ExtendedProtectionOptions options) {
  return std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(options)).value());
}

// The fake package under the name that a mechanism wants.
inline std::shared_ptr<const Credentials> FakeOf(std::string_view name,
                                                 FakePackageOptions options = {}) {
  options.info.name = name;
  return test::MakeFakeCredentials(std::move(options));
}

// All three mechanisms, in mode 0, in the clear, too.
inline ServerOptions FakeServerOptions(FakePackageOptions package = {}) {
  FakePackageOptions kerberos = package;
  kerberos.protects_messages = true;
  ServerOptions options;
  options.kerberos = FakeOf("Kerberos", std::move(kerberos));
  options.negotiate = FakeOf("Negotiate", package);
  options.ntlm = FakeOf("NTLM", std::move(package));
  options.policy = PolicyOf({.mode = ExtendedProtectionMode::kLegacy});
  options.audit = NoAudit();
  options.offer_in_clear = true;
  return options;
}

// One exchange of a server, and what its operator hears.
class TestExchange {
 public:
  explicit TestExchange(MechanismType mechanism, LayerRule rule = LayerRule::kAllowed,
                        ServerOptions options = FakeServerOptions(),
                        const Channel& channel = Channel::Plain()) {
    options.audit = sink;
    exchange = ServerExchange::Create(ServerConfig::Create(std::move(options)).value(), mechanism,
                                      rule, channel, "192.0.2.1:1")
                   .value();
  }

  // With all pending work. "continue DATA", "accepted DATA", "refused REASON", "fault"; no DATA is
  // "-".
  std::string Say(std::optional<std::string_view> text) {
    std::vector<uint8_t> octets = OctetsOf(text.value_or(""));
    auto step = exchange->Step(text.has_value() ? std::optional<std::span<const uint8_t>>(octets)
                                                : std::nullopt);
    while (step.ok() && step->state == ServerStep::State::kPending) {
      step->pending_work->Run();
      step = exchange->Resume(std::move(step->pending_work));
    }
    return Told(step);
  }
  std::string Told(const absl::StatusOr<ServerStep>& step) const {
    if (!step.ok()) {
      return "fault";
    }
    if (step->state == ServerStep::State::kRefused) {
      return "refused " + std::string(ReasonName(exchange->reason()));
    }
    const std::string data = step->data.has_value() ? FakeTokenText(*step->data) : "-";
    return (step->state == ServerStep::State::kAccepted ? "accepted " : "continue ") + data;
  }

  std::shared_ptr<RecordingAuditSink> sink = std::make_shared<RecordingAuditSink>();
  std::unique_ptr<ServerExchange> exchange;
};

// What a client of GSSAPI sends as its choice, wrapped as its `number`-th message.
inline std::string Choice(uint8_t layers, uint32_t max_message, std::string identity = "",
                          int number = 0) {
  return FakeTokenText(test::FakeWrapped(
      WrapKind::kSigned, number, EncodeLayerChoice({layers, max_message, std::move(identity)})));
}
// What a server of GSSAPI offers.
inline std::string Offer(uint8_t layers, uint32_t max_message) {
  return FakeTokenText(
      test::FakeWrapped(WrapKind::kSigned, 0, EncodeLayerOffer({layers, max_message})));
}

}  // namespace epa::sasl

#endif  // EPA_TESTS_SASL_SASL_TEST_SUPPORT_H_
