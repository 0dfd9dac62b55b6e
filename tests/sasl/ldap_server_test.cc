#include "epa/sasl/ldap_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/asn1/der_writer.h"
#include "lib/sasl/ldap_diagnostics.h"
#include "lib/sasl/ldap_messages.h"
#include "tests/sasl/sasl_test_support.h"
#include "tests/support/fixed_clock.h"

namespace epa::sasl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = LdapBindRequest::Kind;

LdapServerOptions Options(ServerOptions sasl = FakeServerOptions()) {
  LdapServerOptions options;
  options.sasl = std::move(sasl);
  options.require_signing = false;
  options.sicily = true;
  return options;
}

FakePackageOptions Agreed(AgreedProtection agreed) {
  FakePackageOptions package;
  package.agreed = agreed;
  package.protects_messages = true;
  return package;
}

// Hears of logins alone.
struct LoginSink : AuditSink {
  void OnEvent(const AuditEvent& event) override {
    if (event.outcome != AuditOutcome::kNoticed) {
      events.push_back(event);
    }
  }
  std::vector<AuditEvent> events;
};

// One connection; binds are text. "CODE CREDENTIALS", where "-" stands for none.
class TestLdap {
 public:
  explicit TestLdap(LdapServerOptions options = Options(), Channel channel = Channel::Plain()) {
    options.sasl.audit = sink;
    server.emplace(LdapServerConfig::Create(std::move(options)).value(), std::move(channel),
                   "192.0.2.1:1");
  }

  std::string Sasl(std::string_view mechanism, std::optional<std::string_view> credentials) {
    const std::vector<uint8_t> octets = OctetsOf(credentials.value_or(""));
    LdapBindRequest request = {.message_id = ++message_id, .mechanism = mechanism};
    if (credentials.has_value()) {
      request.credentials = octets;
    }
    return Send(EncodeBindRequest(request));
  }
  // A bind with another choice than SASL's.
  std::string Choose(uint8_t tag, std::string_view credentials, std::string_view name = "",
                     std::string_view version = "020103") {
    std::vector<uint8_t> content = test::FromHex(version);
    for (const auto& element :
         {asn1::Element(4, OctetsOf(name)), asn1::Element(tag, OctetsOf(credentials))}) {
      content.insert(content.end(), element.begin(), element.end());
    }
    std::vector<uint8_t> message = {2, 1, static_cast<uint8_t>(++message_id)};
    const std::vector<uint8_t> bind = asn1::Element(0x60, content);
    message.insert(message.end(), bind.begin(), bind.end());
    return Send(asn1::Element(0x30, message));
  }
  std::string Send(const std::vector<uint8_t>& message) {
    LdapServerOutput output = server->Receive(message);
    while (output.pending_work != nullptr) {
      output.pending_work->Run();
      output = server->Resume(std::move(output.pending_work));
    }
    reason = output.reason;
    if (output.close) {
      EXPECT_THAT(output.send, IsEmpty());
      return "close";
    }
    const auto response = ParseBindResponse(output.send);
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(response->message_id, message_id);
    diagnostic = response->diagnostic;
    sent = output.send;
    return std::to_string(static_cast<int>(response->result)) + " " +
           (response->credentials.has_value() ? FakeTokenText(*response->credentials) : "-");
  }
  std::string User() const {
    return server->login() == nullptr ? "-"
                                      : server->login()->context()->peer().value().account()->user;
  }

  std::shared_ptr<LoginSink> sink = std::make_shared<LoginSink>();
  std::optional<LdapServer> server;
  int message_id = 0;
  std::string diagnostic;
  std::vector<uint8_t> sent;
  absl::Status reason;
};

TEST(LdapServer, SaysWhatThereIs) {
  EXPECT_THAT(TestLdap().server->SupportedMechanisms(),
              ElementsAre("GSSAPI", "GSS-SPNEGO", "NTLM"));
  LdapServerOptions options = Options();
  options.sasl.offer_in_clear = false;
  EXPECT_THAT(TestLdap(std::move(options)).server->SupportedMechanisms(), IsEmpty());
}

TEST(LdapServer, BindsInSeveralSteps) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Sasl("GSS-SPNEGO", "hello"), "14 challenge");
  EXPECT_TRUE(ldap.server->in_progress());
  EXPECT_EQ(ldap.User(), "-");
  EXPECT_EQ(ldap.Sasl("GSS-SPNEGO", "mutual alice"), "0 welcome");
  EXPECT_FALSE(ldap.server->in_progress());
  EXPECT_EQ(ldap.User(), "alice");
  EXPECT_THAT(ldap.sink->events, SizeIs(1));
}

TEST(LdapServer, GssapiTakesAbsentCredentialsForEmptyOnes) {
  for (const std::optional<std::string_view> empty :
       {std::optional<std::string_view>(), std::optional<std::string_view>("")}) {
    TestLdap ldap;
    EXPECT_EQ(ldap.Sasl("GSSAPI", "mutual alice"), "14 welcome");
    EXPECT_EQ(ldap.Sasl("GSSAPI", empty), "14 " + Offer(7, 0xFFFFFF));
    EXPECT_EQ(ldap.server->layer(), nullptr);
    EXPECT_EQ(ldap.Sasl("GSSAPI", Choice(2, 65536)), "0 -");
    ASSERT_NE(ldap.server->layer(), nullptr);
    EXPECT_EQ(ldap.server->layer()->layer(), Layer::kIntegrity);
  }
}

TEST(LdapServer, ASecondBindEndsTheFirst) {
  TestLdap ldap;
  ldap.Sasl("NTLM", "login alice");
  EXPECT_EQ(ldap.User(), "alice");
  EXPECT_EQ(ldap.Sasl("NTLM", "hello"), "14 challenge");
  EXPECT_EQ(ldap.User(), "-") << "nobody is logged in while it lasts";
  EXPECT_EQ(ldap.Sasl("NTLM", "wrong"), "49 -");
  EXPECT_EQ(ldap.User(), "-");
  EXPECT_EQ(ldap.Sasl("NTLM", "login bob"), "0 -");
  EXPECT_EQ(ldap.User(), "bob");
  EXPECT_EQ(ldap.Choose(0x80, ""), "0 -");
  EXPECT_EQ(ldap.User(), "-") << "anonymous";
}

TEST(LdapServer, AnotherMechanismBeginsAnew) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Sasl("GSS-SPNEGO", "hello"), "14 challenge");
  EXPECT_EQ(ldap.Sasl("NTLM", "hello"), "14 challenge");
  ASSERT_THAT(ldap.sink->events, SizeIs(1));
  EXPECT_EQ(ldap.sink->events[0].outcome, AuditOutcome::kAbandoned);
  EXPECT_EQ(ldap.sink->events[0].package, "Negotiate");
  EXPECT_EQ(ldap.Sasl("NTLM", "login alice"), "0 -");
}

TEST(LdapServer, ABindMayBeGivenUp) {
  TestLdap ldap;
  ldap.Sasl("NTLM", "hello");
  EXPECT_EQ(ldap.Sasl("", std::nullopt), "7 -") << "RFC 4513 5.2.1.2";
  EXPECT_FALSE(ldap.server->in_progress());
  ldap.Sasl("NTLM", "hello");
  ldap.server->Abort();
  EXPECT_FALSE(ldap.server->in_progress());
  EXPECT_THAT(ldap.sink->events, SizeIs(2));
}

TEST(LdapServer, TheLayerTakesNoSecondBind) {
  TestLdap ldap(Options(FakeServerOptions(Agreed({.signing = true}))));
  EXPECT_EQ(ldap.Sasl("NTLM", "login alice"), "0 -");
  ASSERT_NE(ldap.server->layer(), nullptr);
  EXPECT_EQ(ldap.Sasl("NTLM", "login bob"), "53 -");
  EXPECT_EQ(ldap.Choose(0x80, ""), "53 -");
  EXPECT_EQ(ldap.User(), "alice");
  EXPECT_NE(ldap.server->layer(), nullptr);
}

TEST(LdapServer, EveryBindInEveryState) {
  using Act = std::function<std::string(TestLdap&)>;
  const std::vector<std::pair<const char*, Act>> events = {
      {"GSS-SPNEGO", [](TestLdap& ldap) { return ldap.Sasl("GSS-SPNEGO", "login bob"); }},
      {"NTLM", [](TestLdap& ldap) { return ldap.Sasl("NTLM", "login bob"); }},
      {"no credentials", [](TestLdap& ldap) { return ldap.Sasl("GSS-SPNEGO", std::nullopt); }},
      {"no mechanism", [](TestLdap& ldap) { return ldap.Sasl("", std::nullopt); }},
      {"EXTERNAL", [](TestLdap& ldap) { return ldap.Sasl("EXTERNAL", ""); }},
      {"anonymous", [](TestLdap& ldap) { return ldap.Choose(0x80, ""); }},
      {"name alone", [](TestLdap& ldap) { return ldap.Choose(0x80, "", "cn=bob"); }},
      {"password", [](TestLdap& ldap) { return ldap.Choose(0x80, "secret", "cn=bob"); }},
      {"version 2", [](TestLdap& ldap) { return ldap.Choose(0x80, "", "", "020102"); }},
      {"discovery", [](TestLdap& ldap) { return ldap.Choose(0x89, ""); }},
      {"negotiate", [](TestLdap& ldap) { return ldap.Choose(0x8a, "hello", "NTLM"); }},
      {"response", [](TestLdap& ldap) { return ldap.Choose(0x8b, "login bob"); }},
      {"Abort",
       [](TestLdap& ldap) {
         ldap.server->Abort();
         return "";
       }},
      {"no bind", [](TestLdap& ldap) { return ldap.Send(OctetsOf("0")); }},
  };
  struct Row {
    const char* state;
    Act reach;
    std::vector<std::string> cells;
  };
  // The answer, who is logged in then, and what else there is.
  const std::vector<std::string> from_the_beginning = {
      "0 - bob", "0 - bob", "49 - -", "7 - -",         "7 - -",  "0 - -", "53 - -",
      "7 - -",   "2 - -",   "0 - -",  "0 - - binding", "49 - -", " -",    "close -"};
  std::vector<std::string> behind_a_challenge = from_the_beginning;
  behind_a_challenge[11] = "0 - bob";
  std::vector<std::string> logged_in = from_the_beginning;
  logged_in[12] = " alice";
  std::vector<std::string> layered(events.size(), "53 - alice layer");
  layered[12] = " alice layer";
  layered[13] = "close -";
  const std::vector<Row> rows = {
      {"anonymous", [](TestLdap&) { return ""; }, from_the_beginning},
      {"binding", [](TestLdap& ldap) { return ldap.Sasl("GSS-SPNEGO", "hello"); },
       from_the_beginning},
      {"Sicily", [](TestLdap& ldap) { return ldap.Choose(0x8a, "hello", "NTLM"); },
       behind_a_challenge},
      {"logged in", [](TestLdap& ldap) { return ldap.Sasl("NTLM", "login alice"); }, logged_in},
      {"refused", [](TestLdap& ldap) { return ldap.Sasl("NTLM", "wrong"); }, from_the_beginning},
      {"layered",
       [](TestLdap& ldap) {
         ldap = TestLdap(Options(FakeServerOptions(Agreed({.signing = true}))));
         return ldap.Sasl("NTLM", "login alice");
       },
       layered},
  };
  for (const Row& row : rows) {
    for (size_t i = 0; i < events.size(); ++i) {
      SCOPED_TRACE(std::string(row.state) + ": " + events[i].first);
      TestLdap ldap;
      row.reach(ldap);
      std::string said = events[i].second(ldap);
      said += " " + ldap.User();
      EXPECT_EQ(said + (ldap.server->in_progress() ? " binding" : "") +
                    (ldap.server->layer() != nullptr ? " layer" : ""),
                row.cells[i]);
    }
  }
}

TEST(LdapServer, SigningIsRequired) {
  LdapServerOptions options = Options();
  options.require_signing = true;
  TestLdap ldap(options);
  EXPECT_EQ(ldap.Sasl("NTLM", "login alice"), "8 -");
  EXPECT_THAT(ldap.diagnostic, HasSubstr("00002028: LdapErr: "));
  EXPECT_EQ(ldap.User(), "-");
  ASSERT_THAT(ldap.sink->events, SizeIs(1));
  EXPECT_EQ(ldap.sink->events[0].reason, Reason::kSecurityLayerRequired);
  EXPECT_EQ(ldap.Choose(0x80, "secret", "cn=alice"), "8 -");
  EXPECT_EQ(ldap.Choose(0x80, ""), "0 -") << "anonymous is nobody";
  EXPECT_EQ(ldap.Sasl("GSSAPI", "login alice"), "14 " + Offer(6, 0xFFFFFF));
  options.sasl = FakeServerOptions(Agreed({.signing = true}));
  TestLdap signing(options);
  EXPECT_EQ(signing.Sasl("NTLM", "login alice"), "0 -");
  TestLdap tls(options, Channel::Tls(test::Bindings(1)));
  EXPECT_EQ(tls.Sasl("GSSAPI", "login alice"), "14 " + Offer(1, 0)) << "TLS protects";
}

TEST(LdapServer, NoLayerInsideTls) {
  for (const AgreedProtection agreed :
       {AgreedProtection{.signing = true}, AgreedProtection{.signing = true, .sealing = true}}) {
    TestLdap ldap(Options(FakeServerOptions(Agreed(agreed))), Channel::Tls(test::Bindings(1)));
    EXPECT_EQ(ldap.Sasl("GSS-SPNEGO", "login alice"), "48 -");
    EXPECT_THAT(ldap.diagnostic, HasSubstr("00002029: LdapErr: "));
    EXPECT_EQ(ldap.sink->events[0].reason, Reason::kSecurityLayerForbidden);
  }
}

TEST(LdapServer, SimpleBinds) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Choose(0x80, ""), "0 -");
  EXPECT_EQ(ldap.Choose(0x80, "", "cn=alice"), "53 -") << "RFC 4513 5.1.2";
  EXPECT_EQ(ldap.Choose(0x80, "secret", "cn=alice"), "7 -");
  EXPECT_EQ(ldap.User(), "-");
}

TEST(LdapServer, WhatIsNotOffered) {
  TestLdap ldap;
  for (const char* mechanism : {"PLAIN", "EXTERNAL", "DIGEST-MD5"}) {
    EXPECT_EQ(ldap.Sasl(mechanism, "x"), "7 -");
  }
  LdapServerOptions options = Options();
  options.sasl.offer_in_clear = false;
  EXPECT_EQ(TestLdap(std::move(options)).Sasl("NTLM", "login alice"), "13 -");
}

TEST(LdapServer, OtherVersionsAndChoices) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Choose(0x80, "", "", "020102"), "2 -");
  EXPECT_EQ(ldap.Choose(0x80, "", "", "020104"), "2 -");
  EXPECT_EQ(ldap.Choose(0x85, "x"), "7 -");
}

TEST(LdapServer, WhatIsNoBindClosesTheConnection) {
  for (const char* message : {"", "30", "30050201014200", "300c020100600702010304008000"}) {
    TestLdap ldap;
    EXPECT_EQ(ldap.Send(test::FromHex(message)), "close");
    EXPECT_EQ(ldap.Sasl("NTLM", "login alice"), "close") << "and it stays so";
  }
  EXPECT_TRUE(LdapServer::IsBindRequest(test::FromHex("300c020101600702010304008000")));
  EXPECT_FALSE(LdapServer::IsBindRequest(test::FromHex("30050201014200")));
}

TEST(LdapServer, Sicily) {
  TestLdap ldap;
  ldap.Choose(0x89, "");
  EXPECT_EQ(test::ToHex(ldap.sent),
            "301002010161"
            "0b0a010004044e544c4d0400");
  ldap.Choose(0x8A, "hello");
  EXPECT_EQ(test::ToHex(ldap.sent),
            "3015020102"
            "61100a01000409"
            "6368616c6c656e6765"
            "0400")
      << "success, with the challenge where the matched DN is";
  EXPECT_TRUE(ldap.server->in_progress());
  EXPECT_EQ(ldap.User(), "-");
  EXPECT_EQ(ldap.Choose(0x8B, "login alice"), "0 -");
  EXPECT_EQ(ldap.User(), "alice");
}

TEST(LdapServer, SicilyInTurnOnly) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Choose(0x8B, "login alice"), "49 -");
  EXPECT_EQ(ldap.Sasl("NTLM", "hello"), "14 challenge");
  EXPECT_EQ(ldap.Choose(0x8B, "login alice"), "49 -") << "SASL's exchange is another";
  EXPECT_EQ(ldap.User(), "-");
  ldap.Choose(0x8A, "hello");
  EXPECT_EQ(ldap.Choose(0x8B, "wrong"), "49 -");
  EXPECT_EQ(ldap.User(), "-");
}

TEST(LdapServer, SicilyIsOffUnlessAskedFor) {
  LdapServerOptions options = Options();
  options.sicily = false;
  TestLdap ldap(std::move(options));
  EXPECT_EQ(ldap.Choose(0x89, ""), "7 -");
  EXPECT_EQ(ldap.Choose(0x8A, "hello"), "7 -");
  LdapServerOptions without = Options();
  without.sasl.ntlm = nullptr;
  EXPECT_FALSE(LdapServerConfig::Create(std::move(without)).ok());
}

TEST(LdapServer, SaysWhatWindowsSays) {
  struct Row {
    Reason reason;
    std::string_view data;
  };
  const Row rows[] = {
      {Reason::kWrongPassword,
       "80090308: LdapErr: DSID-0C090711, comment: "
       "AcceptSecurityContext error, data 52e, v4f7c"},
      {Reason::kBindingMissing,
       "80090346: LdapErr: DSID-0C090711, comment: "
       "AcceptSecurityContext error, data 80090346, v4f7c"},
      {Reason::kBindingMismatch, "data 80090346,"},
      {Reason::kBindingExplicitlyNone, "data 80090346,"},
      {Reason::kUnknownUser, "data 52e,"},
      {Reason::kLogonHours, "data 530,"},
      {Reason::kWorkstationRefused, "data 531,"},
      {Reason::kPasswordExpired, "data 532,"},
      {Reason::kAccountDisabled, "data 533,"},
      {Reason::kAccountExpired, "data 701,"},
      {Reason::kPasswordMustChange, "data 773,"},
      {Reason::kAccountLockedOut, "data 775,"},
      {Reason::kMalformedToken, "data 57,"},
      {Reason::kTicketExpired, "data 52e,"},
  };
  for (const Row& row : rows) {
    FakePackageOptions package;
    package.acceptor = [&](std::string_view, int, test::FakeLogin&) {
      return MechanismResult::Rejected(row.reason);
    };
    TestLdap ldap(Options(FakeServerOptions(std::move(package))));
    EXPECT_EQ(ldap.Sasl("NTLM", "x"), "49 -");
    EXPECT_THAT(ldap.diagnostic, HasSubstr(row.data)) << ReasonName(row.reason);
    EXPECT_EQ(SaysBadBindings(ldap.diagnostic),
              StatusOf(row.reason) == SecurityStatus::kBadBindings);
  }
  EXPECT_TRUE(
      SaysBadBindings("80090346: LdapErr: DSID-0C090711, comment: AcceptSecurityContext "
                      "error, data 35b, v1db1"));
}

TEST(LdapServer, FaultsOfOurs) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Sasl("NTLM", "fault"), "52 -");
  EXPECT_EQ(ldap.reason.code(), absl::StatusCode::kUnavailable);
}

TEST(LdapServer, PendingWorkHoldsMessagesBack) {
  TestLdap ldap;
  EXPECT_EQ(ldap.Sasl("NTLM", "ask alice"), "0 -");
  EXPECT_EQ(ldap.User(), "alice");
  LdapServerOutput output = ldap.server->Receive(EncodeBindRequest(
      {.message_id = 9, .mechanism = "NTLM", .credentials = OctetsOf("ask bob")}));
  ASSERT_NE(output.pending_work, nullptr);
  EXPECT_TRUE(ldap.server->Receive(OctetsOf("x")).close);
  EXPECT_TRUE(ldap.server->Resume(std::move(output.pending_work)).close);
}

// LdapEnforceChannelBinding, cell by cell, as it leaves on the wire and in Windows' events.
TEST(LdapServer, EnforceChannelBindingCellByCell) {
  struct Row {
    BindingEvidence binding;
    bool accepted[3];
  };
  const Row rows[] = {{BindingEvidence::kAbsent, {true, true, false}},
                      {BindingEvidence::kExplicitNone, {true, false, false}},
                      {BindingEvidence::kMatched, {true, true, true}},
                      {BindingEvidence::kMismatched, {true, false, false}}};
  for (const Row& row : rows) {
    for (int mode = 0; mode < 3; ++mode) {
      FakePackageOptions package;
      package.login.evidence.binding = row.binding;
      if (row.binding == BindingEvidence::kMatched) {
        package.login.evidence.matched_binding = 0;
      }
      ServerOptions sasl = FakeServerOptions(std::move(package));
      sasl.policy = PolicyOf({.mode = static_cast<ExtendedProtectionMode>(mode)});
      sasl.offer_in_clear = false;
      TestLdap ldap(Options(std::move(sasl)), Channel::Tls(test::Bindings(1)));
      EXPECT_EQ(ldap.Sasl("GSS-SPNEGO", "login alice"), row.accepted[mode] ? "0 -" : "49 -");
      ASSERT_THAT(ldap.sink->events, SizeIs(1));
      const AuditEvent& event = ldap.sink->events[0];
      EXPECT_EQ(event.binding, row.binding);
      ASSERT_EQ(event.windows_event.has_value(), !row.accepted[mode]);
      if (event.windows_event.has_value()) {
        EXPECT_EQ(event.windows_event->id, 3039);
        EXPECT_EQ(event.windows_event->fields[0].value, "192.0.2.1:1");
        EXPECT_EQ(event.windows_event->fields[1].value, "LAB\\alice");
        EXPECT_THAT(ldap.diagnostic, HasSubstr("data 80090346,"));
      }
    }
  }
}

TEST(LdapServer, CountsLoginsThatAreNotBoundForADay) {
  test::FixedClock clock;
  const auto sink = std::make_shared<RecordingAuditSink>();
  LdapServerOptions options = Options();
  options.sasl.audit = sink;
  options.sasl.clock = &clock;
  const auto config = LdapServerConfig::Create(std::move(options)).value();
  const auto bind = [&](const Channel& channel) {
    LdapServer server(config, channel, "192.0.2.1:1");
    server.Receive(EncodeBindRequest(
        {.message_id = 1, .mechanism = "NTLM", .credentials = OctetsOf("login alice")}));
  };
  bind(Channel::Tls(test::Bindings(1)));
  bind(Channel::Tls(test::Bindings(1)));
  bind(Channel::Plain());
  ASSERT_THAT(sink->events, SizeIs(4));
  EXPECT_EQ(sink->events[0].outcome, AuditOutcome::kNoticed);
  EXPECT_EQ(sink->events[0].windows_event->id, 3041);
  clock.AdvanceSeconds(24 * 3600);
  bind(Channel::Plain());
  ASSERT_THAT(sink->events, SizeIs(6));
  EXPECT_EQ(sink->events[5].outcome, AuditOutcome::kNoticed);
  EXPECT_EQ(sink->events[5].windows_event->id, 3040);
  EXPECT_EQ(sink->events[5].windows_event->fields[0].value, "2");
  bind(Channel::Plain());
  EXPECT_THAT(sink->events, SizeIs(7)) << "nothing for another day";
}

}  // namespace
}  // namespace epa::sasl
