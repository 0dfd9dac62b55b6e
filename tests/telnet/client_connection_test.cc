// The client's side: every message in every state, octet by octet.
#include "epa/telnet/client_connection.h"

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
using ::testing::IsEmpty;

// Brings a client into a state of the table in client_connection.h.
TestClient In(std::string_view state) {
  TestClient client;
  const std::vector<std::string> steps = {std::string(kDo), std::string(kSend), Challenge(),
                                          std::string(kAccept)};
  const std::map<std::string_view, size_t> done = {
      {"begin", 0}, {"willing", 1}, {"negotiating", 2}, {"proving", 3}, {"logged in", 4}};
  for (size_t i = 0; i < done.at(state); ++i) {
    client.Receive(steps[i]);
  }
  return client;
}

TEST(ClientConnection, ALoginOctetByOctet) {
  TestClient client;
  EXPECT_EQ(client.Answer(kDo), kWill);
  EXPECT_EQ(client.Answer(kSend), Negotiate());
  EXPECT_EQ(client.Answer(Challenge()), Authenticate());
  EXPECT_FALSE(client.connection->logged_in());
  EXPECT_EQ(client.Answer(kAccept), "");
  EXPECT_TRUE(client.connection->logged_in());
  EXPECT_FALSE(client.connection->refusal().has_value());
}

// The answer to a message, whether the connection is closed, and the reason of a refusal.
struct Cell {
  std::string answer;
  Reason refusal = Reason::kNone;
  bool close = false;
};
struct Row {
  std::string name;
  std::string octets;
  std::map<std::string_view, Cell> cells;
};

TEST(ClientConnection, EveryMessageInEveryState) {
  const Cell nothing;
  const Cell unexpected = {"", Reason::kUnexpectedMessage, true};
  const Cell malformed = {"", Reason::kMalformedToken, true};
  const Cell refused = {"", Reason::kRefusedByPeer, true};
  const Cell stopped = {std::string(kWont), Reason::kRefusedByPeer, false};
  const auto make_row = [](std::string name, std::string_view octets, Cell begin, Cell willing,
                           Cell negotiating, Cell proving, Cell logged_in) {
    return Row{std::move(name),
               std::string(octets),
               {{"begin", std::move(begin)},
                {"willing", std::move(willing)},
                {"negotiating", std::move(negotiating)},
                {"proving", std::move(proving)},
                {"logged in", std::move(logged_in)}}};
  };
  const Row rows[] = {
      make_row("DO", kDo, {std::string(kWill)}, nothing, nothing, nothing, nothing),
      make_row("DONT", kDont, {"", Reason::kRefusedByPeer}, stopped, stopped, stopped,
               {std::string(kWont)}),
      make_row("WILL", kWill, {std::string(kDont)}, {std::string(kDont)}, {std::string(kDont)},
               {std::string(kDont)}, {std::string(kDont)}),
      make_row("SEND", kSend, nothing, {Negotiate()}, unexpected, unexpected, nothing),
      make_row("SEND with NTLM last", "fffa250102020200070007020f00fff0", nothing, {Negotiate()},
               unexpected, unexpected, nothing),
      make_row("SEND without NTLM", "fffa2501020202000700fff0", nothing,
               {std::string(kIsNull), Reason::kUnsupportedMechanism}, unexpected, unexpected,
               nothing),
      make_row("SEND of nothing", "fffa2501fff0", nothing,
               {std::string(kIsNull), Reason::kUnsupportedMechanism}, unexpected, unexpected,
               nothing),
      make_row("SEND with NTLM and mutual", "fffa25010f02fff0", nothing,
               {std::string(kIsNull), Reason::kUnsupportedMechanism}, unexpected, unexpected,
               nothing),
      make_row("REPLY CHALLENGE", Challenge(), nothing, unexpected, {Authenticate()}, unexpected,
               nothing),
      make_row("REPLY CHALLENGE that is none", Challenge("x"), nothing, unexpected, malformed,
               unexpected, nothing),
      make_row("REPLY ACCEPT", kAccept, nothing, unexpected, unexpected, nothing, nothing),
      make_row("REPLY REJECT", kReject, nothing, unexpected, refused, refused, nothing),
      make_row("REPLY NEGOTIATE", Reply(NtlmCommand::kNegotiate, "x"), nothing, unexpected,
               unexpected, unexpected, nothing),
      make_row("REPLY of KERBEROS_V5", "fffa25020202026161fff0", nothing, unexpected, unexpected,
               unexpected, nothing),
      make_row("IS", Negotiate(), nothing, unexpected, unexpected, unexpected, nothing),
      make_row("NAME", "fffa2503726f6f74fff0", nothing, unexpected, unexpected, unexpected,
               nothing),
      make_row("malformed", "fffa250102fff0", nothing, malformed, malformed, malformed, nothing),
      make_row("a command inside", "fffa25fff161", malformed, malformed, malformed, malformed,
               malformed),
      make_row("data", "6869", nothing, nothing, nothing, nothing, nothing),
      make_row("WILL ECHO", "fffb01", {"fffe01"}, {"fffe01"}, {"fffe01"}, {"fffe01"}, {"fffe01"}),
      make_row("DO NEW-ENVIRON", "fffd27", {"fffc27"}, {"fffc27"}, {"fffc27"}, {"fffc27"},
               {"fffc27"}),
      make_row("SEND of NEW-ENVIRON", "fffa2701fff0", nothing, nothing, nothing, nothing, nothing),
  };
  for (const Row& row : rows) {
    for (const auto& [state, cell] : row.cells) {
      SCOPED_TRACE(row.name + " in state " + std::string(state));
      TestClient client = In(state);
      const ClientOutput output = client.Receive(row.octets);
      EXPECT_EQ(ToHex(output.send), cell.answer);
      EXPECT_EQ(output.close, cell.close);
      EXPECT_EQ(client.RefusalReason(), cell.refusal);
      EXPECT_EQ(ToHex(output.data), row.name == "data" ? "6869" : "");
      const bool accepted = state == "proving" && row.octets == kAccept;
      EXPECT_EQ(client.connection->logged_in(), (state == "logged in" && !cell.close) || accepted);
    }
  }
}

TEST(ClientConnection, NothingIsTriedAgainAfterARefusal) {
  TestClient client = In("proving");
  EXPECT_TRUE(client.Receive(kReject).close);
  for (const std::string& late :
       {std::string(kSend), Challenge(), std::string(kAccept), std::string("6869")}) {
    const ClientOutput output = client.Receive(late);
    EXPECT_THAT(output.send, IsEmpty());
    EXPECT_THAT(output.data, IsEmpty());
    EXPECT_TRUE(output.close);
  }
  EXPECT_FALSE(client.connection->logged_in());
}

TEST(ClientConnection, AServerThatWantsNoLoginIsTheApplicationsDecision) {
  TestClient client = In("willing");
  client.Receive("fffa25010202fff0");
  const ClientOutput output = client.Receive("6c6f67696e3a20" + std::string(kSend));
  EXPECT_FALSE(output.close);
  EXPECT_EQ(Text(output.data), "login: ");
  EXPECT_THAT(output.send, IsEmpty());
  EXPECT_EQ(client.RefusalReason(), Reason::kUnsupportedMechanism);
}

TEST(ClientConnection, CredentialsGoToNamedHostsOnly) {
  struct Case {
    std::string host;
    std::vector<std::string> credential_hosts;
    bool shown;
  };
  const Case cases[] = {
      {"server.example.com", {"server.example.com"}, true},
      {"SERVER.example.com.", {"other", "server.EXAMPLE.com"}, true},
      {"127.0.0.1", {"::ffff:127.0.0.1"}, true},
      {"server.example.com", {}, false},
      {"server.example.com", {"example.com"}, false},
      {"server.example.com", {"server"}, false},
      {"server.example.com.evil.example", {"server.example.com"}, false},
      {"127.0.0.1", {"127.0.0.2"}, false},
      {"", {""}, false},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.host);
    ClientOptions options = FakeClientOptions();
    options.host = one.host;
    options.credential_hosts = one.credential_hosts;
    TestClient client(std::move(options));
    EXPECT_EQ(client.Answer(kDo), one.shown ? kWill : kWont);
    EXPECT_EQ(client.Answer(kSend), one.shown ? Negotiate() : "");
    EXPECT_EQ(client.RefusalReason(), one.shown ? Reason::kNone : Reason::kClientPolicyForbids);
    EXPECT_EQ(client.connection->context() != nullptr, one.shown);
  }
}

TEST(ClientConnection, OneOctetAtATime) {
  TestClient client;
  std::string answers;
  for (const uint8_t octet :
       FromHex(std::string(kDo) + std::string(kSend) + Challenge() + std::string(kAccept))) {
    answers += ToHex(client.connection->Receive(std::span(&octet, 1)).value().send);
  }
  EXPECT_EQ(answers, std::string(kWill) + Negotiate() + Authenticate());
  EXPECT_TRUE(client.connection->logged_in());
}

TEST(ClientConnection, PendingWorkHoldsBackWhatFollows) {
  test::FakePackageOptions package;
  package.initiator = [](std::string_view token, int, test::FakeLogin&) {
    if (token.empty()) {
      return test::FakePending(
          [](test::FakeLogin&) { return MechanismResult::Continue(test::FakeToken("hello")); });
    }
    return MechanismResult::Verified(test::FakeToken("login alice"));
  };
  TestClient client(FakeClientOptions(std::move(package)));
  ClientOutput output = client.Receive(std::string(kDo) + std::string(kSend) + "6869");
  ASSERT_NE(output.pending_work, nullptr);
  EXPECT_EQ(ToHex(output.send), kWill);
  EXPECT_THAT(client.connection->Receive(FromHex("61")),
              test::StatusIs(absl::StatusCode::kFailedPrecondition));
  output.pending_work->Run();
  ASSERT_OK_AND_ASSIGN(output, client.connection->Resume(std::move(output.pending_work)));
  EXPECT_EQ(ToHex(output.send), Negotiate());
  EXPECT_EQ(Text(output.data), "hi");
  EXPECT_THAT(client.connection->Resume(nullptr),
              test::StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ClientConnection, FaultsOfOursAreErrors) {
  test::FakePackageOptions package;
  package.creation = absl::InternalError("broken");
  TestClient broken(FakeClientOptions(std::move(package)));
  broken.Receive(kDo);
  EXPECT_THAT(broken.connection->Receive(FromHex(kSend)),
              test::StatusIs(absl::StatusCode::kInternal));
  // A package whose first message is its last has no place in [MS-TNAP].
  test::FakePackageOptions short_one;
  short_one.initiator = [](std::string_view, int, test::FakeLogin&) {
    return MechanismResult::Verified(test::FakeToken("login alice"));
  };
  TestClient client(FakeClientOptions(std::move(short_one)));
  client.Receive(kDo);
  EXPECT_THAT(client.connection->Receive(FromHex(kSend)),
              test::StatusIs(absl::StatusCode::kInternal));
}

TEST(ClientConnection, AMessageLongerThanTheLimit) {
  ClientOptions options = FakeClientOptions();
  options.max_suboption = 1024;
  TestClient client(std::move(options));
  client.Receive(std::string(kDo) + std::string(kSend));
  EXPECT_TRUE(client.Receive(Challenge(std::string(1024, 'x'))).close);
  EXPECT_EQ(client.RefusalReason(), Reason::kTokenTooLarge);
}

TEST(ClientConnection, AgreedOptions) {
  ClientOptions options = FakeClientOptions();
  options.options.local = {kTerminalType};
  TestClient client(std::move(options));
  EXPECT_EQ(client.Answer("fffd18"), "fffb18");
  const ClientOutput output = client.Receive("fffa1801fff0");
  ASSERT_EQ(output.suboptions.size(), 1u);
  EXPECT_EQ(output.suboptions[0].option, kTerminalType);
  EXPECT_THAT(output.suboptions[0].body, ElementsAre(1));
  EXPECT_THAT(client.connection->OfferLocal(kAuthentication),
              test::StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ClientConnection, RefusesSettingsThatCannotBeMeant) {
  const auto code = [](const std::function<void(ClientOptions&)>& alter) {
    ClientOptions options = FakeClientOptions();
    alter(options);
    return ClientConnection::Create(std::move(options)).status().code();
  };
  EXPECT_EQ(code([](ClientOptions&) {}), absl::StatusCode::kOk);
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](ClientOptions& o) { o.credentials = nullptr; }), invalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.channel.reset(); }), invalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.credentials = test::MakeFakeCredentials(); }), invalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.max_suboption = 0; }), invalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.options.local = {kEnvironment}; }), invalid);
}

}  // namespace
}  // namespace epa::telnet
