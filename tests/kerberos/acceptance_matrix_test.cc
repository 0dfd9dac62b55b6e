// Every cell of binding, channel, mode and service name, with real logins.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/kerberos_exchange.h"

namespace epa::kerberos {
namespace {

using Mode = ExtendedProtectionMode;
using test::KerberosBindings;

constexpr std::string_view kOurs = "HTTP/server.test.example";
constexpr std::string_view kOther = "cifs/server.test.example";

struct BindingCase {
  std::string_view name;
  BindingRequest request;
  Channel channel;
  BindingEvidence on_tls;
};

std::vector<BindingCase> BindingCases() {
  const Channel same = Channel::Tls(KerberosBindings(1));
  const Channel other = Channel::Tls(KerberosBindings(2));
  return {
      {"A", BindingRequest::kOmit, same, BindingEvidence::kAbsent},
      {"Z", BindingRequest::kExplicitNone, same, BindingEvidence::kExplicitNone},
      {"Z clear", BindingRequest::kFromChannel, Channel::Plain(), BindingEvidence::kExplicitNone},
      {"M", BindingRequest::kFromChannel, same, BindingEvidence::kMatched},
      {"X", BindingRequest::kFromChannel, other, BindingEvidence::kMismatched}};
}

// '+': let in; in the order of BindingCases.
struct Row {
  Mode mode;
  bool tls;
  std::string_view target;
  bool untrusted;
  std::string_view cells;
  bool exclusive_key = false;
};
constexpr Row kRows[] = {
    {Mode::kLegacy, true, kOther, false, "+++++"},
    {Mode::kAllow, true, kOurs, false, "+--+-"},
    {Mode::kAllow, true, kOther, false, "+--+-"},
    {Mode::kRequire, true, kOurs, false, "---+-"},
    {Mode::kRequire, true, kOther, true, "---+-"},
    {Mode::kLegacy, false, kOther, false, "+++++"},
    {Mode::kAllow, false, kOurs, false, "+++++"},
    {Mode::kAllow, false, kOther, false, "-----"},
    // An old client's target stands in the ticket alone.
    {Mode::kRequire, false, kOurs, false, "-++++"},
    {Mode::kRequire, false, kOurs, false, "+++++", true},
    {Mode::kRequire, false, kOther, false, "-----"},
    {Mode::kRequire, false, kOther, false, "-----", true},
    // Nor can it say that it does not trust the name.
    {Mode::kRequire, false, kOurs, true, "-----"},
    {Mode::kRequire, false, kOurs, true, "+----", true},
    {Mode::kAllow, false, kOther, true, "-++++"},
};

TEST(KerberosAcceptanceMatrix, EveryCell) {
  AcceptorOptions options = test::RealmAcceptor();
  options.exclusive_key = true;
  const auto exclusive = test::MakeAcceptor(std::move(options));
  for (const Row& row : kRows) {
    size_t column = 0;
    for (const BindingCase& binding : BindingCases()) {
      test::KerberosSetup setup;
      setup.acceptor = row.exclusive_key ? exclusive : nullptr;
      setup.policy.mode = row.mode;
      setup.policy.accepted_names = AcceptedServiceNames::Create({std::string(kOurs)}).value();
      setup.server_channel = row.tls ? Channel::Tls(KerberosBindings(1)) : Channel::Plain();
      setup.client_channel = binding.channel;
      setup.parameters.binding = binding.request;
      setup.parameters.target_name = std::string(row.target);
      setup.parameters.target_name_untrusted = row.untrusted;
      const auto exchange = test::RunKerberos(setup);
      const bool accepted = exchange.server_result.state == StepState::kEstablished;
      EXPECT_EQ(accepted, row.cells[column++] == '+')
          << "mode " << static_cast<int>(row.mode) << (row.tls ? " tls " : " clear ") << row.target
          << (row.untrusted ? " untrusted " : " ") << (row.exclusive_key ? "exclusive " : "")
          << binding.name << ": " << ReasonName(exchange.server->reason());
      if (accepted && row.tls) {
        EXPECT_EQ(exchange.server->evidence()->binding, binding.on_tls) << binding.name;
      }
      if (!accepted) {
        EXPECT_TRUE(exchange.reply.empty());
      }
    }
  }
}

}  // namespace
}  // namespace epa::kerberos
