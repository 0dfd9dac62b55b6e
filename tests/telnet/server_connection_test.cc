// The server's side: every message in every state, octet by octet.
#include "epa/telnet/server_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/telnet/telnet_test_support.h"

namespace epa::telnet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::StatusCode kNoReason = absl::StatusCode::kOk;

// Brings a server into a state of the table in server_connection.h.
TestServer In(std::string_view state) {
  TestServer server;
  const std::vector<std::string> steps = {std::string(kWill), Negotiate(), Authenticate()};
  const std::map<std::string_view, size_t> done = {
      {"asked", 0}, {"offered", 1}, {"challenged", 2}, {"logged in", 3}};
  for (size_t i = 0; i < done.at(state); ++i) {
    server.Receive(steps[i]);
  }
  return server;
}

TEST(ServerConnection, ALoginOctetByOctet) {
  TestServer server;
  EXPECT_EQ(server.greeting, kDo);
  EXPECT_EQ(server.Answer(kWill), kSend);
  EXPECT_EQ(server.Answer(Negotiate()), Challenge());
  EXPECT_EQ(server.User(), "-");
  EXPECT_EQ(server.Answer(Authenticate()), kAccept);
  EXPECT_EQ(server.User(), "alice");
  EXPECT_THAT(server.sink->events, SizeIs(1));
}

// What a client may say, and the answer with the status of `reason` in each state. `close` goes
// with a reason.
struct Cell {
  std::string answer;
  absl::StatusCode reason = kNoReason;
};
struct Row {
  std::string name;
  std::string octets;
  Cell asked;
  Cell offered;
  Cell challenged;
  Cell logged_in;
};

TEST(ServerConnection, EveryMessageInEveryState) {
  const auto reject = Cell{std::string(kReject), absl::StatusCode::kInvalidArgument};
  const auto refused = Cell{std::string(kReject), absl::StatusCode::kPermissionDenied};
  const auto declined = Cell{"", absl::StatusCode::kUnauthenticated};
  const auto stopped = Cell{std::string(kDont), absl::StatusCode::kUnauthenticated};
  const auto again = Cell{"", absl::StatusCode::kInvalidArgument};
  const Cell nothing;
  const Row rows[] = {
      {"WILL", std::string(kWill), {std::string(kSend)}, nothing, nothing, nothing},
      // The first WONT answers our DO, a later one is answered.
      {"WONT",
       std::string(kWont),
       declined,
       {std::string(kDont), declined.reason},
       {std::string(kDont), declined.reason},
       {std::string(kDont)}},
      {"DO",
       std::string(kDo),
       {std::string(kWont)},
       {std::string(kWont)},
       {std::string(kWont)},
       {std::string(kWont)}},
      {"DONT", std::string(kDont), nothing, nothing, nothing, nothing},
      {"IS NEGOTIATE", Negotiate(), {Challenge()}, {Challenge()}, reject, again},
      {"IS AUTHENTICATE", Authenticate(), reject, reject, {std::string(kAccept)}, again},
      {"IS NEGOTIATE refused", Negotiate("wrong"), refused, refused, reject, again},
      {"IS AUTHENTICATE refused", Authenticate("wrong"), reject, reject, refused, again},
      {"IS CHALLENGE", Is(NtlmCommand::kChallenge, "x"), reject, reject, reject, again},
      {"IS ACCEPT", Is(NtlmCommand::kAccept, ""), reject, reject, reject, again},
      {"IS REJECT", Is(NtlmCommand::kReject, ""), reject, reject, reject, again},
      {"IS NULL", std::string(kIsNull), declined, declined, declined, again},
      {"IS KERBEROS_V5", "fffa2500020200010203fff0", stopped, stopped, stopped, again},
      {"IS SSL", "fffa2500070001fff0", stopped, stopped, stopped, again},
      {"IS NTLM with other modifiers", "fffa25000f0204fff0", stopped, stopped, stopped, again},
      {"SEND", std::string(kSend), reject, reject, reject, again},
      {"REPLY ACCEPT", std::string(kAccept), reject, reject, reject, again},
      {"NAME", "fffa2503726f6f74fff0", nothing, nothing, nothing, nothing},
      {"malformed", "fffa25000f0000fff0", reject, reject, reject, again},
      {"empty", "fffa25fff0", reject, reject, reject, again},
      {"data", "77686f616d690d0a", nothing, nothing, nothing, nothing},
      {"IAC NOP", "fff1", nothing, nothing, nothing, nothing},
      {"a command inside", "fffa25fff161", again, again, again, again},
      {"WILL TERMINAL-TYPE", "fffb18", {"fffe18"}, {"fffe18"}, {"fffe18"}, {"fffe18"}},
      {"DO SUPPRESS-GO-AHEAD", "fffd03", {"fffb03"}, {"fffb03"}, {"fffb03"}, {"fffb03"}},
      {"another option's sub-negotiation", "fffa18006162fff0", nothing, nothing, nothing, nothing},
  };
  for (const Row& row : rows) {
    const std::map<std::string_view, const Cell*> cells = {{"asked", &row.asked},
                                                           {"offered", &row.offered},
                                                           {"challenged", &row.challenged},
                                                           {"logged in", &row.logged_in}};
    for (const auto& [state, cell] : cells) {
      SCOPED_TRACE(row.name + " in state " + std::string(state));
      TestServer server = In(state);
      const ServerOutput output = server.Receive(row.octets);
      EXPECT_EQ(ToHex(output.send), cell->answer);
      EXPECT_EQ(output.reason.code(), cell->reason) << output.reason;
      EXPECT_EQ(output.close, cell->reason != kNoReason);
      EXPECT_EQ(output.data.empty(), state != "logged in" || row.name != "data");
      const bool logged_in = (state == "logged in" && !output.close) ||
                             (cell->answer == kAccept && state == "challenged");
      EXPECT_EQ(server.User(), logged_in ? "alice" : "-");
    }
  }
}

// nmap's telnet-ntlm-info does so; a WILL that follows says what is known.
TEST(ServerConnection, AClientMayBeginWithoutWill) {
  TestServer server;
  EXPECT_EQ(server.Answer(Negotiate()), Challenge());
  EXPECT_EQ(server.Answer(kWill), "");
  EXPECT_EQ(server.Answer(Authenticate()), kAccept);
  EXPECT_EQ(server.User(), "alice");
}

TEST(ServerConnection, AfterTheEndOctetsAreIgnored) {
  TestServer server = In("challenged");
  server.Receive(Authenticate("wrong"));
  for (const std::string& late : {Authenticate(), std::string(kWill), std::string("6869")}) {
    const ServerOutput output = server.Receive(late);
    EXPECT_THAT(output.send, IsEmpty());
    EXPECT_THAT(output.data, IsEmpty());
    EXPECT_TRUE(output.close);
  }
  EXPECT_EQ(server.User(), "-");
}

TEST(ServerConnection, OctetsBehindARefusalInTheSameSegmentHaveNoEffect) {
  TestServer server = In("challenged");
  const ServerOutput output =
      server.Receive(Authenticate("wrong") + Negotiate() + Authenticate() + "6869");
  EXPECT_EQ(ToHex(output.send), kReject);
  EXPECT_THAT(output.data, IsEmpty());
  EXPECT_EQ(server.User(), "-");
}

TEST(ServerConnection, RefusalsOfEveryKindLookAlike) {
  const auto refusal = [](std::string_view token) {
    TestServer server = In("challenged");
    const ServerOutput output = server.Receive(Authenticate(token));
    EXPECT_TRUE(output.close);
    return ToHex(output.send);
  };
  // A wrong password, a token that would tell more, a fault of ours, and nonsense.
  for (const std::string_view token : {"wrong", "wrong-token", "fault", "nonsense"}) {
    EXPECT_EQ(refusal(token), kReject) << token;
  }
}

TEST(ServerConnection, AFaultOfOursIsToldApartForTheOperator) {
  TestServer server = In("challenged");
  EXPECT_EQ(server.Receive(Authenticate("fault")).reason.code(), absl::StatusCode::kUnavailable);
  test::FakePackageOptions broken;
  broken.creation = absl::InternalError("broken");
  TestServer other(FakeServerOptions(std::move(broken)));
  other.Receive(kWill);
  const ServerOutput output = other.Receive(Negotiate());
  EXPECT_EQ(ToHex(output.send), kReject);
  EXPECT_EQ(output.reason.code(), absl::StatusCode::kInternal);
}

TEST(ServerConnection, APackageThatEndsAtTheWrongMessageIsAFaultAndNoLogin) {
  TestServer first = In("offered");
  EXPECT_EQ(first.Receive(Negotiate("login alice")).reason.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(first.User(), "-");
  TestServer third = In("challenged");
  EXPECT_EQ(third.Receive(Authenticate("hello")).reason.code(), absl::StatusCode::kInternal);
  TestServer token = In("challenged");
  EXPECT_EQ(token.Receive(Authenticate("mutual alice")).reason.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(token.User(), "-");
}

TEST(ServerConnection, DataIsTheApplicationsOnlyAfterTheLogin) {
  TestServer server;
  ServerOutput output = server.Receive("726d202d7266" + std::string(kWill) + "726d202d7266");
  EXPECT_THAT(output.data, IsEmpty());
  output = server.Receive(Negotiate() + "726d");
  EXPECT_THAT(output.data, IsEmpty());
  output = server.Receive("726d" + Authenticate() + "77686fffff");
  EXPECT_EQ(ToHex(output.data), "77686fff");
}

TEST(ServerConnection, AWholeLoginInOneSegment) {
  TestServer server;
  const ServerOutput output =
      server.Receive(std::string(kWill) + Negotiate() + Authenticate() + "6869");
  EXPECT_EQ(ToHex(output.send), std::string(kSend) + Challenge() + std::string(kAccept));
  EXPECT_EQ(Text(output.data), "hi");
}

TEST(ServerConnection, ALoginOneOctetAtATime) {
  TestServer server;
  std::string answers;
  for (const uint8_t octet : FromHex(std::string(kWill) + Negotiate() + Authenticate())) {
    answers += ToHex(server.connection->Receive(std::span(&octet, 1)).send);
  }
  EXPECT_EQ(answers, std::string(kSend) + Challenge() + std::string(kAccept));
  EXPECT_EQ(server.User(), "alice");
}

TEST(ServerConnection, PendingWorkHoldsBackWhatFollows) {
  TestServer server = In("challenged");
  ServerOutput output = server.Receive(Authenticate("ask alice") + "6869" + std::string(kWont));
  EXPECT_NE(output.pending_work, nullptr);
  EXPECT_THAT(output.send, IsEmpty());
  EXPECT_EQ(server.User(), "-");
  output = server.Finish(std::move(output));
  EXPECT_EQ(ToHex(output.send), std::string(kAccept) + std::string(kDont));
  EXPECT_EQ(Text(output.data), "hi");
  EXPECT_EQ(server.User(), "alice");
}

TEST(ServerConnection, PendingWorkOfTheFirstMessage) {
  TestServer server = In("offered");
  const ServerOutput output = server.Finish(server.Receive(Negotiate("ask-hello")));
  EXPECT_EQ(ToHex(output.send), Challenge());
  EXPECT_EQ(server.Answer(Authenticate()), kAccept);
}

TEST(ServerConnection, OctetsWhileWorkIsPendingEndTheConnection) {
  TestServer server = In("challenged");
  ServerOutput pending = server.Receive(Authenticate("ask alice"));
  const ServerOutput output = server.Receive("6869");
  EXPECT_EQ(output.reason.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(output.close);
  pending.pending_work->Run();
  EXPECT_EQ(server.connection->Resume(std::move(pending.pending_work)).reason.code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server.User(), "-");
}

TEST(ServerConnection, AnAuthenticationMessageLongerThanTheLimit) {
  ServerOptions options = FakeServerOptions();
  options.max_suboption = 1024;
  TestServer server(std::move(options));
  server.Receive(kWill);
  const ServerOutput output = server.Receive(Negotiate(std::string(1024, 'x')));
  EXPECT_EQ(ToHex(output.send), kReject);
  EXPECT_THAT(output.reason, test::StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("longer than the limit")));
}

TEST(ServerConnection, SuboptionsOfAgreedOptionsReachTheApplicationAfterTheLogin) {
  ServerOptions options = FakeServerOptions();
  options.options.remote = {kWindowSize};
  TestServer server(std::move(options));
  const std::string window = "fffb1ffffa1f0050ffff18fff0";
  EXPECT_THAT(server.Receive(window).suboptions, IsEmpty());
  server.Receive(std::string(kWill) + Negotiate() + Authenticate());
  const ServerOutput output = server.Receive("fffa1f0050ffff18fff0fffa180061fff0");
  ASSERT_THAT(output.suboptions, SizeIs(1));
  EXPECT_EQ(output.suboptions[0].option, kWindowSize);
  EXPECT_EQ(ToHex(output.suboptions[0].body), "0050ff18");
}

TEST(ServerConnection, TheApplicationAsksForAgreedOptionsAlone) {
  ServerOptions options = FakeServerOptions();
  options.options = {.local = {kEcho}, .remote = {kWindowSize}};
  TestServer server(std::move(options));
  EXPECT_THAT(server.connection->AskRemote(kWindowSize),
              test::IsOkAndHolds(ElementsAre(255, 253, 31)));
  EXPECT_THAT(server.connection->AskRemote(kWindowSize), test::IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(server.connection->OfferLocal(kEcho), test::IsOkAndHolds(ElementsAre(255, 251, 1)));
  for (const Option option : {kEcho, kAuthentication, kNewEnvironment}) {
    EXPECT_THAT(server.connection->AskRemote(option),
                test::StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_THAT(server.connection->OfferLocal(kWindowSize),
              test::StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ServerConnection, AnExchangeThatEndsHalfWayIsOneAuditEvent) {
  TestServer server = In("challenged");
  server.Receive(Negotiate());
  ASSERT_THAT(server.sink->events, SizeIs(1));
  EXPECT_EQ(server.sink->events[0].outcome, AuditOutcome::kAbandoned);
  EXPECT_EQ(server.sink->events[0].connection, "192.0.2.1:1");
}

TEST(ServerConfig, RefusesSettingsThatCannotBeMeant) {
  const auto code = [](const std::function<void(ServerOptions&)>& alter) {
    ServerOptions options = FakeServerOptions();
    alter(options);
    return ServerConfig::Create(std::move(options)).status().code();
  };
  EXPECT_EQ(code([](ServerOptions&) {}), absl::StatusCode::kOk);
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](ServerOptions& o) { o.credentials = nullptr; }), invalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.credentials = test::MakeFakeCredentials(); }), invalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.policy = nullptr; }), invalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.audit = nullptr; }), invalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_suboption = 1023; }), invalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.options.remote = {kNewEnvironment}; }), invalid);
}

}  // namespace
}  // namespace epa::telnet
