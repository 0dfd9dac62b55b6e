// A helper's service, as its helpers see it: who is let in, which login a token belongs to, and
// what front ends, clients and attackers cannot bring about.
#include "tools/epa/serve/helper_conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/defaults/defaults.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "tests/support/fake_package.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/recording_audit_sink.h"
#include "tools/epa/common/helper_protocol.h"
#include "tools/epa/serve/helper_line.h"
#include "tools/epa/serve/ntlm_server_request.h"

namespace epa::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Octets = std::vector<uint8_t>;

constexpr std::string_view kNtlmssp = "epa-helper 1 squid-2.5-ntlmssp\n";
constexpr std::string_view kSpnego = "epa-helper 1 gss-spnego\n";
constexpr std::string_view kNtlmServer = "epa-helper 1 ntlm-server-1\n";
constexpr std::string_view kRefused = "NA NT_STATUS_LOGON_FAILURE\n";
constexpr std::string_view kFault = "BH NT_STATUS_INTERNAL_ERROR\n";

Octets DecodedToken(const std::string& answer) {
  const size_t begin = answer.find(' ') + 1;
  return DecodeBase64(answer.substr(begin, answer.find_first_of(" \n", begin) - begin)).value();
}

// A service with the accounts of TestAuthority, on TLS with the certificate of Bindings(1).
class HelperTest : public ::testing::Test {
 protected:
  HelperSettings Settings(ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire,
                          Channel channel = Channel::Tls(test::Bindings(1))) {
    ntlm::AcceptorOptions acceptor;
    acceptor.authority = test::TestAuthority();
    acceptor.names.netbios_computer = "SERVER";
    acceptor.clock = &clock_;
    HelperSettings settings;
    settings.ntlm = ntlm::CreateAcceptorCredentials(acceptor).value();
    settings.negotiate = CreateServerCredentials({.ntlm = acceptor}).value();
    settings.ntlm_server = CreateNtlmServerCredentials(acceptor.authority);
    settings.policy = std::make_shared<const ExtendedProtectionPolicy>(
        ExtendedProtectionPolicy::Create({.mode = mode}).value());
    settings.audit = audit_;
    settings.channel = [channel] { return channel; };
    settings.clock = &clock_;
    return settings;
  }

  void Start(HelperSettings settings, size_t most_half_open = 4096) {
    service_ = std::make_shared<HelperService>(std::move(settings), most_half_open);
  }

  std::unique_ptr<Conversation> Connect(std::string_view greeting = kNtlmssp) {
    auto helper = NewHelperConversation(service_, "local");
    helper->Receive({reinterpret_cast<const uint8_t*>(greeting.data()), greeting.size()});
    EXPECT_TRUE(helper->Next().empty());
    return helper;
  }

  std::vector<Reason> Reasons() const {
    std::vector<Reason> reasons;
    for (const AuditEvent& event : audit_->events) {
      reasons.push_back(event.reason);
    }
    return reasons;
  }

  test::FixedClock clock_;
  std::shared_ptr<test::RecordingAuditSink> audit_ = std::make_shared<test::RecordingAuditSink>();
  std::shared_ptr<HelperService> service_;
};

std::string TextOf(Turn turn) { return {turn.send.begin(), turn.send.end()}; }

// What the service answers, after whatever work that takes.
std::string Ask(Conversation& helper, const std::string& message) {
  helper.Receive({reinterpret_cast<const uint8_t*>(message.data()), message.size()});
  Turn turn = helper.Next();
  while (turn.work != nullptr) {
    turn.work->Run();
    turn = helper.Resume(std::move(turn.work));
  }
  return TextOf(std::move(turn));
}

std::string Line(std::string_view verb, const Octets& token, std::string_view extras = "") {
  return std::string(verb) + " " + EncodeBase64(token) + std::string(extras) + "\n";
}

// A client of the front end.
struct Client {
  explicit Client(test::ForgedClient the_forge = {}) : forge(std::move(the_forge)) {}

  std::string Begin(Conversation& helper, std::string_view extras = "") {
    const std::string answer = Ask(helper, Line("YR", negotiate, extras));
    EXPECT_THAT(answer, StartsWith("TT "));
    challenge = DecodedToken(answer);
    return answer;
  }
  Octets Answer() const { return forge.Authenticate(negotiate, challenge); }
  std::string GoOn(Conversation& helper) const { return Ask(helper, Line("KK", Answer())); }

  test::ForgedClient forge;
  Octets negotiate = forge.Negotiate();
  Octets challenge;
};

test::ForgedClient User(std::string user) {
  test::ForgedClient forge;
  forge.password = "secret-" + user;
  forge.user = std::move(user);
  return forge;
}

TEST_F(HelperTest, LetsAUserInAndTellsTheAuditWhereTheClientIs) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper, " 10.77.0.5 41082");
  EXPECT_TRUE(helper->standing().in_login);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
  EXPECT_FALSE(helper->standing().in_login);
  ASSERT_EQ(audit_->events.size(), 1U);
  const AuditEvent& event = audit_->events.front();
  EXPECT_EQ(event.outcome, AuditOutcome::kAccepted);
  EXPECT_EQ(event.reason, Reason::kBindingMatched);
  EXPECT_EQ(event.connection, "10.77.0.5 41082");
}

// The modes decide here as everywhere.
TEST_F(HelperTest, ModesAndWhatTheClientBinds) {
  const std::vector<std::optional<ChannelBindingToken>> bindings = {
      std::nullopt, ChannelBindingToken(), test::Bindings(1).token(), test::Bindings(2).token()};
  const std::string in = "AF EXAMPLE\\alice\n";
  const std::string out(kRefused);
  const std::vector<std::vector<std::string>> expected = {
      {in, in, in, in}, {in, out, in, out}, {out, out, in, out}};
  for (size_t mode = 0; mode < expected.size(); ++mode) {
    Start(Settings(static_cast<ExtendedProtectionMode>(mode)));
    const auto helper = Connect();
    std::vector<std::string> answers;
    for (const auto& binding : bindings) {
      test::ForgedClient forge;
      forge.binding = binding;
      Client client(forge);
      client.Begin(*helper);
      answers.push_back(client.GoOn(*helper));
    }
    EXPECT_EQ(answers, expected[mode]) << mode;
    EXPECT_EQ(audit_->events.size(), bindings.size());
    audit_->events.clear();
  }
}

TEST_F(HelperTest, AChannelThatCannotBeKnownLetsNobodyIn) {
  HelperSettings settings = Settings();
  settings.channel = [] { return absl::StatusOr<Channel>(absl::UnavailableError("no file")); };
  Start(std::move(settings));
  EXPECT_EQ(Ask(*Connect(), Line("YR", Client().negotiate)), kFault);
  // TLS whose certificates have no binding.
  Start(Settings(ExtendedProtectionMode::kRequire,
                 Channel::Tls(std::make_shared<const ChannelBindingsList>())));
  const auto helper = Connect();
  Client client;
  client.Begin(*helper);
  EXPECT_EQ(client.GoOn(*helper), kRefused);
}

TEST_F(HelperTest, TheChallengesTimeTellsInterleavedLoginsApart) {
  Start(Settings());
  const auto helper = Connect();
  Client alice(User("alice"));
  Client bob(User("bob"));
  Client carol(User("carol"));
  for (Client* client : {&alice, &bob, &carol}) {
    client->Begin(*helper);
    clock_.Advance(1);
  }
  EXPECT_EQ(bob.GoOn(*helper), "AF EXAMPLE\\bob\n");
  EXPECT_EQ(carol.GoOn(*helper), "AF EXAMPLE\\carol\n");
  EXPECT_EQ(alice.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, InterleavedLoginsOfNegotiateToo) {
  Start(Settings());
  const auto helper = Connect(kSpnego);
  const auto begin = [&](const std::string& user) {
    ntlm::InitiatorOptions options;
    options.user = user;
    options.domain = "EXAMPLE";
    options.password = SecretBytes::FromText("secret-" + user);
    InitiateOptions initiate;
    initiate.credentials = CreateClientCredentials({.ntlm = std::move(options)}).value();
    initiate.channel = Channel::Tls(test::Bindings(1));
    return SecurityContext::Initiate(std::move(initiate)).value();
  };
  const auto alice = begin("alice");
  const auto bob = begin("bob");
  std::vector<std::string> challenges;
  for (SecurityContext* client : {alice.get(), bob.get()}) {
    challenges.push_back(Ask(*helper, Line("YR", test::StepOrDie(*client, {}).token)));
    EXPECT_THAT(challenges.back(), StartsWith("TT "));
    EXPECT_THAT(challenges.back(), ::testing::EndsWith(" *\n"));
    clock_.Advance(1);
  }
  const auto answer = [&](SecurityContext& client, const std::string& challenge) {
    return Ask(*helper, Line("KK", test::StepOrDie(client, DecodedToken(challenge)).token));
  };
  EXPECT_THAT(answer(*bob, challenges[1]), ::testing::EndsWith(" EXAMPLE\\bob\n"));
  EXPECT_THAT(answer(*alice, challenges[0]), ::testing::EndsWith(" EXAMPLE\\alice\n"));
}

// The stamp only picks: the answer is verified against the challenge of the login it picked.
TEST_F(HelperTest, AnAnswerWithAnothersStampIsRefused) {
  Start(Settings());
  const auto helper = Connect();
  Client victim(User("alice"));
  victim.Begin(*helper);
  clock_.Advance(1);
  Client attacker(User("bob"));
  attacker.Begin(*helper);
  Octets answer = attacker.Answer();
  Octets victims = victim.Answer();
  std::ranges::copy(test::AvValueIn(victims, ntlm::AvId::kTimestamp),
                    test::AvValueIn(answer, ntlm::AvId::kTimestamp).begin());
  EXPECT_EQ(Ask(*helper, Line("KK", answer)), kRefused);
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kWrongPassword));
}

TEST_F(HelperTest, AnAnswerToNoChallengeOfThisHelperIsRefusedAndDisturbsNobody) {
  Start(Settings());
  const auto helper = Connect();
  const auto other = Connect();
  Client stranger;
  stranger.Begin(*other);
  clock_.Advance(1);
  Client client;
  client.Begin(*helper);
  EXPECT_EQ(stranger.GoOn(*helper), kRefused);
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kUnexpectedMessage));
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
  EXPECT_EQ(stranger.GoOn(*other), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, AnAnswerCountsOnce) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
  EXPECT_EQ(client.GoOn(*helper), kRefused);
}

TEST_F(HelperTest, WithoutAStampItBelongsToTheOnlyLoginOrToNone) {
  Start(Settings());
  test::ForgedClient old;
  old.nt_response = Octets(24, 1);
  {
    const auto helper = Connect();
    Client client(old);
    client.Begin(*helper);
    EXPECT_EQ(client.GoOn(*helper), kRefused);
    EXPECT_THAT(Reasons(), ElementsAre(Reason::kNtlmV1Refused));
  }
  const auto helper = Connect();
  Client client(old);
  client.Begin(*helper);
  clock_.Advance(1);
  Client bystander;
  bystander.Begin(*helper);
  EXPECT_EQ(client.GoOn(*helper), kRefused);
  EXPECT_EQ(Reasons().back(), Reason::kUnexpectedMessage);
  EXPECT_EQ(bystander.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, TwoChallengesOfOneTimeAreAFault) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper);
  EXPECT_EQ(Ask(*helper, Line("YR", client.negotiate)), kFault);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

// A service that was started anew has lost what had begun; so says the fault.
TEST_F(HelperTest, ALoginThatBeganElsewhereIsAFaultWhereNoneBeganHere) {
  Start(Settings());
  Client client;
  client.Begin(*Connect());
  EXPECT_EQ(client.GoOn(*Connect()), kFault);
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kAbandoned, Reason::kUnexpectedMessage));
}

TEST_F(HelperTest, NobodyGetsInByOneMessageThatGoesOn) {
  HelperSettings settings = Settings(ExtendedProtectionMode::kLegacy);
  settings.negotiate = test::MakeFakeCredentials();
  Start(std::move(settings));
  const auto helper = Connect(kSpnego);
  EXPECT_EQ(Ask(*helper, Line("YR", test::FakeToken("login alice"))), "AF * LAB\\alice\n");
  EXPECT_EQ(Ask(*helper, Line("KK", test::FakeToken("login alice"))),
            "NA * NT_STATUS_LOGON_FAILURE\n");
  EXPECT_EQ(Ask(*Connect(kSpnego), Line("KK", test::FakeToken("login alice"))), kFault);
}

TEST_F(HelperTest, ALoginEndsWhenItsTimeIsOver) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper);
  clock_.AdvanceSeconds(29);
  helper->OnTick();
  EXPECT_THAT(audit_->events, IsEmpty());
  clock_.AdvanceSeconds(1);
  helper->OnTick();
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kAbandoned));
  EXPECT_FALSE(helper->standing().in_login);
  EXPECT_EQ(client.GoOn(*helper), kRefused);
}

TEST_F(HelperTest, AFloodOfLoginsCostsTheOldest) {
  Start(Settings());
  const auto helper = Connect();
  Client first;
  first.Begin(*helper);
  Client client;
  for (size_t i = 0; i < HalfOpenLogins::kMost; ++i) {
    clock_.Advance(1);
    client.Begin(*helper);
  }
  EXPECT_EQ(audit_->events.size(), 1U);
  EXPECT_EQ(first.GoOn(*helper), kRefused);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, AllHelpersTogetherHaveALimit) {
  Start(Settings(), 2);
  const auto helper = Connect();
  const auto other = Connect();
  Client first;
  Client second;
  first.Begin(*helper);
  clock_.Advance(1);
  second.Begin(*helper);
  clock_.Advance(1);
  EXPECT_EQ(Ask(*other, Line("YR", first.negotiate)), kFault);
  // Of its own it may give up the oldest.
  Client third;
  third.Begin(*helper);
  EXPECT_EQ(first.GoOn(*helper), kRefused);
  EXPECT_EQ(second.GoOn(*helper), "AF EXAMPLE\\alice\n");
  Client(User("bob")).Begin(*other);
}

TEST_F(HelperTest, AHelperThatGoesLeavesNothing) {
  Start(Settings(), 1);
  Client().Begin(*Connect());
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kAbandoned));
  Client().Begin(*Connect());
}

TEST_F(HelperTest, EachLoginHasTheSettingsOfItsTime) {
  Start(Settings());
  const auto helper = Connect();
  Client before;
  before.Begin(*helper);
  clock_.Advance(1);
  service_->Replace(Settings(ExtendedProtectionMode::kRequire, Channel::Tls(test::Bindings(2))));
  Client after;
  after.Begin(*helper);
  EXPECT_EQ(after.GoOn(*helper), kRefused);
  EXPECT_EQ(before.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, WhatTheClientGetsWrongIsRefusedAndWhatTheFrontEndDoesIsAFault) {
  Start(Settings());
  const auto helper = Connect();
  for (const char* line : {"YR\n", "YR \n", "YR ====\n", "YR !\n", "YR AAAA\n", "KK TlRMTVNTUAA=\n",
                           "YR Tl RMTVNTUAA=\n"}) {
    EXPECT_EQ(Ask(*helper, line), kRefused) << line;
  }
  EXPECT_EQ(audit_->events.size(), 7U);
  for (const char* line : {"\n", "yr AAAA\n", "GK\n", "SF 0x1\n", "PW secret\n", "YRAAAA\n", " \n",
                           "epa-helper 1 squid-2.5-ntlmssp\n"}) {
    EXPECT_EQ(Ask(*helper, line), kFault) << line;
  }
  Client client;
  client.Begin(*helper);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, WrongPasswordsAndUnknownUsersLookAlike) {
  Start(Settings());
  const auto helper = Connect();
  test::ForgedClient wrong;
  wrong.password = "not it";
  test::ForgedClient unknown;
  unknown.user = "nobody";
  for (const test::ForgedClient& forge : {wrong, unknown}) {
    Client client(forge);
    client.Begin(*helper);
    EXPECT_EQ(client.GoOn(*helper), kRefused);
  }
  EXPECT_THAT(Reasons(), ElementsAre(Reason::kWrongPassword, Reason::kUnknownUser));
}

TEST_F(HelperTest, ExtrasAreTextForTheAuditWhateverTheyAre) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper, std::string(" \x1b[2J\xff ") + std::string(4000, 'x'));
  client.GoOn(*helper);
  ASSERT_EQ(audit_->events.size(), 1U);
  EXPECT_THAT(audit_->events.front().connection, StartsWith("?[2J? xxx"));
  EXPECT_LT(audit_->events.front().connection.size(), 1000U);
}

TEST_F(HelperTest, OnlyAGreetingOfThisVersionBeginsAConversation) {
  Start(Settings());
  for (const char* greeting :
       {"\n", "YR AAAA\n", "epa-helper 2 squid-2.5-ntlmssp\n", "epa-helper 1 \n",
        "epa-helper 1 basic\n", "epa-helper 1 gss-spnego \n"}) {
    auto helper = NewHelperConversation(service_, "local");
    helper->Receive({reinterpret_cast<const uint8_t*>(greeting), std::string(greeting).size()});
    const Turn turn = helper->Next();
    EXPECT_TRUE(turn.close && turn.send.empty()) << greeting;
    EXPECT_FALSE(helper->standing().logged_in) << greeting;
  }
}

TEST_F(HelperTest, MessagesAreTakenAsTheyComeAndNotWithoutEnd) {
  Start(Settings());
  const auto helper = Connect();
  const Client client;
  for (const char c : Line("YR", client.negotiate)) {
    EXPECT_TRUE(helper->Next().empty());
    helper->Receive({reinterpret_cast<const uint8_t*>(&c), 1});
  }
  EXPECT_THAT(TextOf(helper->Next()), StartsWith("TT "));
  // Two at once have two answers.
  clock_.Advance(1);
  const std::string two = "KK !\nKK ?\n";
  helper->Receive({reinterpret_cast<const uint8_t*>(two.data()), two.size()});
  EXPECT_EQ(TextOf(helper->Next()), kRefused);
  EXPECT_EQ(TextOf(helper->Next()), kRefused);
  EXPECT_TRUE(helper->Next().empty());
  const Octets endless(kLongestHelperMessage + 1, 'A');
  helper->Receive(endless);
  EXPECT_TRUE(helper->Next().close);
}

TEST_F(HelperTest, WhenTheServiceStopsWhatHasBegunMayEnd) {
  Start(Settings());
  const auto helper = Connect();
  Client client;
  client.Begin(*helper);
  helper->Leave();
  EXPECT_EQ(Ask(*helper, Line("YR", client.negotiate)), kFault);
  EXPECT_EQ(client.GoOn(*helper), "AF EXAMPLE\\alice\n");
}

TEST_F(HelperTest, AnAuthorityIsWaitedForWithoutBlocking) {
  HelperSettings settings = Settings(ExtendedProtectionMode::kLegacy);
  settings.ntlm = test::MakeFakeCredentials();
  Start(std::move(settings));
  const auto helper = Connect();
  const std::string line = Line("YR", test::FakeToken("ask bob"));
  helper->Receive({reinterpret_cast<const uint8_t*>(line.data()), line.size()});
  Turn turn = helper->Next();
  ASSERT_NE(turn.work, nullptr);
  EXPECT_TRUE(turn.send.empty());
  turn.work->Run();
  EXPECT_EQ(TextOf(helper->Resume(std::move(turn.work))), "AF LAB\\bob\n");
  // Work that did not run, as when too much waits, is a fault.
  helper->Receive({reinterpret_cast<const uint8_t*>(line.data()), line.size()});
  turn = helper->Next();
  turn = helper->Resume(std::move(turn.work));
  EXPECT_FALSE(turn.fault.ok());
  EXPECT_EQ(TextOf(std::move(turn)), kFault);
}

// Front ends take names apart: "eve admin" would be Squid's "admin".
TEST_F(HelperTest, ANameThatFrontEndsMisreadIsAFault) {
  HelperSettings settings = Settings(ExtendedProtectionMode::kLegacy);
  settings.ntlm = test::MakeFakeCredentials();
  Start(std::move(settings));
  const auto helper = Connect();
  for (const char* name : {"eve admin", "eve\tadmin", "eve\nAF admin", "eve\"", "x@y", "a\\b"}) {
    EXPECT_EQ(Ask(*helper, Line("YR", test::FakeToken(std::string("login ") + name))), kFault)
        << name;
  }
  EXPECT_EQ(Ask(*helper, Line("YR", test::FakeToken("login o'neil"))), "AF LAB\\o'neil\n");
  EXPECT_EQ(Ask(*helper, Line("YR", test::FakeToken("login DESK$"))), "AF LAB\\DESK$\n");
}

TEST_F(HelperTest, AProtocolWithoutCredentialsIsAFault) {
  HelperSettings settings = Settings();
  settings.ntlm = nullptr;
  settings.negotiate = nullptr;
  settings.ntlm_server = nullptr;
  Start(std::move(settings));
  for (const std::string_view greeting : {kNtlmssp, kSpnego}) {
    EXPECT_EQ(Ask(*Connect(greeting), Line("YR", Client().negotiate)), kFault);
  }
  EXPECT_EQ(Ask(*Connect(kNtlmServer), ".\n"),
            "Authenticated: No\nAuthentication-Error: Internal error\n.\n");
}

class NtlmServerTest : public HelperTest {
 protected:
  // A request as a front end makes it, of what a client answered to its challenge.
  static std::string Request(const test::ForgedClient& forge) {
    test::ExchangeSetup setup;
    const test::TestServer server(setup.policy, setup.acceptor);
    const auto context = server.Accept();
    const Octets negotiate = forge.Negotiate();
    Octets challenge = test::StepOrDie(*context, negotiate).token;
    Octets authenticate = forge.Authenticate(negotiate, challenge);
    const auto response = test::NtResponseIn(authenticate);
    return "LANMAN-Challenge: " + EncodeHex(test::ServerChallengeOf(challenge)) +
           "\nNT-Response: " + EncodeHex(response) +
           "\nUsername:: " + EncodeBase64(Octets(forge.user.begin(), forge.user.end())) +
           "\nNT-Domain: " + forge.domain + "\nRequest-User-Session-Key: Yes\n.\n";
  }
  static constexpr std::string_view kYes = "Authenticated: Yes\n.\n";
  static constexpr std::string_view kNo =
      "Authenticated: No\nAuthentication-Error: Logon failure\n.\n";
};

TEST_F(NtlmServerTest, ModesAndWhatTheClientBinds) {
  const std::vector<std::optional<ChannelBindingToken>> bindings = {
      std::nullopt, ChannelBindingToken(), test::Bindings(1).token(), test::Bindings(2).token()};
  const std::vector<std::vector<std::string_view>> expected = {
      {kYes, kYes, kYes, kYes}, {kYes, kNo, kYes, kNo}, {kNo, kNo, kYes, kNo}};
  for (size_t mode = 0; mode < expected.size(); ++mode) {
    Start(Settings(static_cast<ExtendedProtectionMode>(mode)));
    const auto helper = Connect(kNtlmServer);
    for (size_t i = 0; i < bindings.size(); ++i) {
      test::ForgedClient forge;
      forge.binding = bindings[i];
      EXPECT_EQ(Ask(*helper, Request(forge)), expected[mode][i]) << mode << " " << i;
    }
    EXPECT_EQ(audit_->events.size(), bindings.size());
    audit_->events.clear();
  }
}

TEST_F(NtlmServerTest, RefusesWhatProvesNothing) {
  Start(Settings(ExtendedProtectionMode::kLegacy));
  const auto helper = Connect(kNtlmServer);
  test::ForgedClient wrong;
  wrong.password = "not it";
  EXPECT_EQ(Ask(*helper, Request(wrong)), kNo);
  const std::string head = "LANMAN-Challenge: 0123456789abcdef\nUsername: alice\n";
  for (const std::string& message :
       {std::string(".\n"), head + ".\n", head + "NT-Response: " + std::string(48, '0') + "\n.\n",
        head + "NT-Response: 00\n.\n", head + "NT-Response: xy\n.\n", head + "Password: it\n.\n",
        head + "Unknown: x\n.\n", head + "\n.\n", head + "Username\n.\n",
        head + "NT-Domain:: !\n.\n", std::string("LANMAN-Challenge: 01\n.\n"),
        head + "Full-Username: alice\n.\n"}) {
    EXPECT_EQ(Ask(*helper, message), kNo) << message;
  }
  EXPECT_THAT(Reasons(), ::testing::Contains(Reason::kNtlmV1Refused));
  EXPECT_EQ(audit_->events.size(), 13U);
}

}  // namespace
}  // namespace epa::tool
