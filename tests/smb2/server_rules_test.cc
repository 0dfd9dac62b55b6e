// What a server does with each kind of message in each state, and with hostile ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/outgoing.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/fake_package.h"
#include "tests/support/test_data.h"

namespace epa::smb2 {
namespace {

// A server without a client of ours: messages are written by hand.
class RawServer {
 public:
  explicit RawServer(ServerOptions options = DefaultServer())
      : server_(ServerConfig::Create(std::move(options)).value(), "192.0.2.1:1") {}

  ServerOutput Send(Header header, std::span<const uint8_t> body) {
    header.message_id = next_id_;
    header.credits = 8;
    ++next_id_;
    return SendAsIs(header, body);
  }
  ServerOutput SendAsIs(const Header& header, std::span<const uint8_t> body) {
    Octets frame;
    AppendFrame(header, body, Protection::kNone, nullptr, frame);
    frame.erase(frame.begin(), frame.begin() + kFrameHeaderSize);
    return SendOctets(std::move(frame));
  }
  ServerOutput SendOctets(Octets message) {
    kept_.push_back(std::move(message));
    return server_.OnMessage(kept_.back());
  }

  ServerOutput Negotiate(std::vector<uint16_t> dialects = {0x0210}) {
    NegotiateRequest request;
    request.security_mode = kSigningEnabled;
    request.dialects = std::move(dialects);
    return Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
  }
  ServerOutput SetUp(std::string_view token, uint64_t session_id = 0, uint8_t flags = 0) {
    const Octets octets = test::FakeToken(token);
    SessionSetupRequest request;
    request.flags = flags;
    request.token = octets;
    return Send({.command = Command::kSessionSetup, .session_id = session_id},
                WriteSessionSetupRequest(request));
  }
  void SkipId() { ++next_id_; }
  ServerConnection& connection() { return server_; }

 private:
  ServerConnection server_;
  uint64_t next_id_ = 0;
  std::vector<Octets> kept_;
};

// The header of the only message, or of the first.
Header HeaderOf(const ServerOutput& output) {
  if (output.send.size() < kFrameHeaderSize + kHeaderSize) {
    ADD_FAILURE() << "nothing was sent: " << output.reason;
    return {};
  }
  return ParseHeader(std::span(output.send).subspan(kFrameHeaderSize)).value();
}

NtStatus StatusOf(const ServerOutput& output) { return HeaderOf(output).status; }

void ExpectClosed(const ServerOutput& output) {
  EXPECT_TRUE(output.close);
  EXPECT_FALSE(output.reason.ok());
  EXPECT_TRUE(output.requests.empty());
}

// Logins of the fake package, which has a session key of its own.
ServerOptions FakeServer(test::FakePackageOptions package = {}) {
  ServerOptions options = OpenServer();
  options.credentials = test::MakeFakeCredentials(std::move(package));
  return options;
}

TEST(ServerStates, TheFirstMessageIsNegotiate) {
  for (const Command command : {Command::kSessionSetup, Command::kEcho, Command::kTreeConnect}) {
    RawServer server;
    ExpectClosed(server.Send({.command = command}, kShortBody));
  }
}

TEST(ServerStates, ASecondNegotiateCloses) {
  RawServer server;
  EXPECT_EQ(StatusOf(server.Negotiate()), kStatusSuccess);
  ExpectClosed(server.Negotiate());
  ExpectClosed(server.Negotiate());  // and nothing more is answered
}

TEST(ServerStates, GarbageCloses) {
  for (const Octets& message : {Octets{}, Octets{0xFE}, Octets(64, 0), Octets{0xFE, 'S', 'M', 'B'},
                                Octets{0xFD, 'S', 'M', 'B'}, Octets{0xFC, 'S', 'M', 'B'},
                                Octets{0xFF, 'S', 'M', 'B'}, Octets(5000, 0xFE)}) {
    RawServer server;
    ExpectClosed(server.SendOctets(message));
  }
}

TEST(ServerStates, ResponsesAreNotTaken) {
  RawServer server;
  server.Negotiate();
  ExpectClosed(server.Send({.command = Command::kEcho, .flags = kFlagResponse}, kShortBody));
}

TEST(ServerStates, WithoutASessionNothingButEchoIsAnswered) {
  RawServer server;
  server.Negotiate();
  EXPECT_EQ(StatusOf(server.Send({.command = Command::kEcho}, kShortBody)), kStatusSuccess);
  for (int command = 2; command <= 0x13; ++command) {
    if (static_cast<Command>(command) == Command::kCancel) {
      continue;
    }
    for (const uint64_t session : {uint64_t{7}, ~uint64_t{0}}) {
      EXPECT_EQ(StatusOf(server.Send(
                    {.command = static_cast<Command>(command), .session_id = session}, kShortBody)),
                kStatusUserSessionDeleted);
    }
  }
}

TEST(ServerStates, CancelIsNotAnswered) {
  RawServer server;
  server.Negotiate();
  const ServerOutput output = server.SendAsIs({.command = Command::kCancel}, kShortBody);
  EXPECT_TRUE(output.send.empty());
  EXPECT_FALSE(output.close);
}

TEST(ServerCredits, AnIdIsUsedOnce) {
  RawServer server;
  server.Negotiate();
  ExpectClosed(server.SendAsIs({.command = Command::kEcho, .message_id = 0}, kShortBody));
}

TEST(ServerCredits, AnIdThatWasNotGrantedCloses) {
  RawServer server;
  server.Negotiate();
  ExpectClosed(server.SendAsIs({.command = Command::kEcho, .message_id = 1000}, kShortBody));
}

TEST(ServerCredits, GrantsAreBounded) {
  ServerOptions options = DefaultServer();
  options.max_credits = 10;
  RawServer server(std::move(options));
  EXPECT_EQ(HeaderOf(server.Negotiate()).credits, 8);
  uint64_t granted = 8;
  for (int i = 0; i < 50; ++i) {
    granted += HeaderOf(server.Send({.command = Command::kEcho}, kShortBody)).credits;
    --granted;
    EXPECT_LE(granted, 10u);
    EXPECT_GE(granted, 1u);
  }
}

TEST(ServerMultiProtocol, TheWildcardIsAnsweredAndTheDialectSettledNext) {
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe0000000000220002"
      "4e54204c4d20302e31320002534d4220322e3030320002534d4220322e3f3f3f00");
  RawServer server;
  const ServerOutput first = server.SendOctets(smb1);
  EXPECT_EQ(StatusOf(first), kStatusSuccess);
  const auto response =
      ParseNegotiateResponse(std::span(first.send).subspan(kFrameHeaderSize)).value();
  EXPECT_EQ(response.dialect, 0x02FF);
  EXPECT_FALSE(server.connection().dialect().has_value());
  server.SkipId();
  EXPECT_EQ(StatusOf(server.Negotiate({0x0210})), kStatusSuccess);
  EXPECT_EQ(server.connection().dialect(), Dialect::k210);
  ExpectClosed(server.SendOctets(smb1));
}

TEST(ServerMultiProtocol, OnlySmb1IsRefused) {
  // "NT LM 0.12" alone.
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe00000000000c0002"
      "4e54204c4d20302e313200");
  RawServer server;
  ExpectClosed(server.SendOctets(smb1));
}

TEST(ServerMultiProtocol, IsOffWhenSwitchedOff) {
  ServerOptions options = DefaultServer();
  options.multi_protocol = false;
  RawServer server(std::move(options));
  ExpectClosed(server.SendOctets(
      test::FromHex("ff534d4272000000001853c80000000000000000000000000000fffe00000000000c0002"
                    "534d4220322e3f3f3f00")));
}

TEST(ServerMultiProtocol, AClientOf202IsAnsweredAtOnce) {
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe00000000000b0002"
      "534d4220322e30303200");
  RawServer server;
  EXPECT_EQ(StatusOf(server.SendOctets(smb1)), kStatusSuccess);
  EXPECT_EQ(server.connection().dialect(), Dialect::k202);
}

TEST(ServerNegotiation, A311ClientWithoutSha512HasNothingInCommon) {
  NegotiateRequest request;
  request.dialects = {0x0311};
  request.contexts = NegotiateContexts{{0x0002}, {}, std::nullopt, std::nullopt};
  RawServer server;
  const ServerOutput output =
      server.Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
  EXPECT_EQ(StatusOf(output), 0xC05D0000u);
  ExpectClosed(output);
}

TEST(ServerNegotiation, MalformedRequestsAreAnsweredAndClosed) {
  RawServer server;
  const ServerOutput output = server.Send({.command = Command::kNegotiate}, kShortBody);
  EXPECT_EQ(StatusOf(output), kStatusInvalidParameter);
  ExpectClosed(output);
}

TEST(ServerLogins, ManyHalfOpenOnesAreRefused) {
  ServerOptions options = FakeServer();
  options.max_half_open_sessions = 3;
  RawServer server(std::move(options));
  server.Negotiate();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(StatusOf(server.SetUp("hello")), kStatusMoreProcessingRequired);
  }
  const ServerOutput refused = server.SetUp("hello");
  EXPECT_EQ(StatusOf(refused), kStatusInsufficientResources);
  EXPECT_FALSE(refused.close);
}

TEST(ServerLogins, RoundsAreCounted) {
  test::FakePackageOptions package;
  package.acceptor = [](std::string_view, int, test::FakeLogin&) {
    return MechanismResult::Continue(test::FakeToken("more"));
  };
  ServerOptions options = FakeServer(std::move(package));
  options.max_rounds = 3;
  RawServer server(std::move(options));
  server.Negotiate();
  uint64_t session = 0;
  for (int i = 0; i < 3; ++i) {
    const ServerOutput output = server.SetUp("more", session);
    EXPECT_EQ(StatusOf(output), kStatusMoreProcessingRequired);
    session = HeaderOf(output).session_id;
    EXPECT_NE(session, 0u);
  }
  EXPECT_EQ(StatusOf(server.SetUp("more", session)), kStatusLogonFailure);
  EXPECT_EQ(StatusOf(server.SetUp("more", session)), kStatusUserSessionDeleted);
}

TEST(ServerLogins, RefusalsLookAlikeAndAreCounted) {
  ServerOptions options = FakeServer();
  options.max_failures = 3;
  RawServer server(std::move(options));
  server.Negotiate();
  const ServerOutput wrong = server.SetUp("wrong");
  const ServerOutput with_token = server.SetUp("wrong-token");
  const ServerOutput malformed = server.SetUp("nonsense");
  for (const ServerOutput* output : {&wrong, &with_token, &malformed}) {
    EXPECT_EQ(StatusOf(*output), kStatusLogonFailure);
    EXPECT_EQ(output->send.size(), kFrameHeaderSize + kHeaderSize + kErrorBody.size());
  }
  EXPECT_FALSE(with_token.close);
  EXPECT_TRUE(malformed.close);
}

TEST(ServerLogins, AFaultOfOursClosesAndIsNotTheClients) {
  RawServer server(FakeServer());
  server.Negotiate();
  const ServerOutput output = server.SetUp("fault");
  EXPECT_EQ(StatusOf(output), kStatusInternalError);
  ExpectClosed(output);
}

TEST(ServerLogins, PendingWorkIsHandedOutAndTakenBack) {
  test::FakePackageOptions package;
  package.login.evidence.identity = IdentityKind::kGuest;  // the fake package has no key
  RawServer server(FakeServer(std::move(package)));
  server.Negotiate();
  ServerOutput output = server.SetUp("ask alice");
  ASSERT_NE(output.pending_work, nullptr);
  EXPECT_TRUE(output.send.empty());
  output.pending_work->Run();
  output = server.connection().Resume(std::move(output.pending_work));
  EXPECT_EQ(StatusOf(output), kStatusSuccess);
  EXPECT_EQ(server.connection().session_count(), 1u);
}

TEST(ServerLogins, AMessageWhileWorkIsPendingClosesAndTheWorkIsTakenBackInVain) {
  RawServer server(FakeServer());
  server.Negotiate();
  ServerOutput output = server.SetUp("ask alice");
  ASSERT_NE(output.pending_work, nullptr);
  ExpectClosed(server.Send({.command = Command::kEcho}, kShortBody));
  output.pending_work->Run();
  ExpectClosed(server.connection().Resume(std::move(output.pending_work)));
  EXPECT_EQ(server.connection().session_count(), 0u);
}

TEST(ServerLogins, BindingToAnotherChannelIsRefused) {
  RawServer server(FakeServer());
  server.Negotiate({0x0300});
  const ServerOutput output = server.SetUp("hello", 0, kSessionSetupBinding);
  EXPECT_EQ(StatusOf(output), kStatusRequestNotAccepted);
  EXPECT_FALSE(output.close);
}

TEST(ServerLogins, SeveralUsersShareAConnection) {
  test::FakePackageOptions package;
  package.login.evidence.identity = IdentityKind::kGuest;
  ServerOptions options = FakeServer(std::move(package));
  options.max_sessions = 2;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t alice = HeaderOf(server.SetUp("login alice")).session_id;
  const uint64_t bob = HeaderOf(server.SetUp("login bob")).session_id;
  EXPECT_NE(alice, bob);
  EXPECT_EQ(server.connection().session(alice)->context().peer()->user, "alice");
  EXPECT_EQ(server.connection().session(bob)->context().peer()->user, "bob");
  EXPECT_EQ(StatusOf(server.SetUp("login carol")), kStatusInsufficientResources);
  const ServerOutput output =
      server.Send({.command = Command::kLogoff, .session_id = alice}, kShortBody);
  EXPECT_EQ(output.ended_sessions, std::vector<uint64_t>{alice});
  EXPECT_EQ(server.connection().session(alice), nullptr);
  EXPECT_EQ(StatusOf(server.SetUp("login carol")), kStatusSuccess);
}

TEST(ServerMemory, ALoginIsNeededForLongMessages) {
  RawServer server;
  EXPECT_EQ(server.connection().max_message_size(), 66000u);
  server.Negotiate();
  ExpectClosed(server.SendOctets(Octets(66001)));
  Pair pair;
  pair.LogIn();
  EXPECT_EQ(pair.server().max_message_size(), 1024u * 1024 + 65536);
}

// The next messages of a client that is logged in, changed on their way.
class Protected : public ::testing::Test {
 protected:
  static Pair LoggedIn(Dialect dialect, bool require_signing = true) {
    ClientOptions client = DefaultClient();
    client.dialects = {dialect};
    client.require_signing = require_signing;
    ServerOptions server = DefaultServer();
    server.require_signing = require_signing;
    Pair pair(std::move(client), std::move(server));
    pair.LogIn();
    EXPECT_TRUE(pair.client().established());
    return pair;
  }
};

TEST_F(Protected, AChangedRequestIsRefused) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k300, Dialect::k311}) {
    Pair pair = LoggedIn(dialect);
    pair.to_server = [](Octets& message) { message.back() ^= 1; };
    NtStatus answered = kStatusSuccess;
    pair.to_client = [&answered](Octets& message) {
      answered = ParseHeader(message).value().status;
    };
    ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
    EXPECT_EQ(answered, kStatusAccessDenied);
    EXPECT_TRUE(pair.requests.empty());
  }
}

TEST_F(Protected, AnUnsignedRequestIsRefusedWhereSigningIsRequired) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k300, Dialect::k311}) {
    Pair pair = LoggedIn(dialect);
    pair.to_server = [](Octets& message) { message[16] &= static_cast<uint8_t>(~kFlagSigned); };
    ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
    EXPECT_TRUE(pair.requests.empty());
    EXPECT_FALSE(pair.client().established());  // the answer is not signed either
  }
}

TEST_F(Protected, AnUnsignedTreeConnectClosesOn311) {
  Pair pair = LoggedIn(Dialect::k311, /*require_signing=*/false);
  pair.to_server = [](Octets& message) { message[16] &= static_cast<uint8_t>(~kFlagSigned); };
  ASSERT_TRUE(pair.ConnectTree());
  EXPECT_TRUE(pair.server_closed);
  EXPECT_TRUE(pair.requests.empty());
}

TEST_F(Protected, AClearRequestIsRefusedWhereEncryptionIsRequired) {
  ServerOptions options = DefaultServer();
  options.encryption = EncryptionPolicy::kRequired;
  Pair pair(DefaultClient(), std::move(options));
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  Octets frame;
  AppendFrame(
      {.command = Command::kRead, .message_id = 5, .session_id = pair.client().session_id()},
      Octets(48), Protection::kNone, nullptr, frame);
  const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
  EXPECT_TRUE(output.requests.empty());
  ASSERT_FALSE(output.send.empty());
  EXPECT_EQ(ParseHeader(std::span(output.send).subspan(kFrameHeaderSize)).value().status,
            kStatusAccessDenied);
}

TEST_F(Protected, LoginsAreRefusedWhereEncryptionIsRequiredAndNotToBeHad) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k210}) {
    ClientOptions client = DefaultClient();
    client.dialects = {dialect};
    ServerOptions server = DefaultServer();
    server.encryption = EncryptionPolicy::kRequired;
    Pair pair(std::move(client), std::move(server));
    pair.LogIn();
    ASSERT_TRUE(pair.client().refusal().has_value());
    EXPECT_EQ(pair.client().refusal()->status, kStatusAccessDenied);
  }
}

TEST_F(Protected, AnAlteredEncryptedMessageCloses) {
  ServerOptions options = DefaultServer();
  options.encryption = EncryptionPolicy::kRequired;
  for (const size_t offset : {size_t{4}, size_t{20}, size_t{44}, size_t{60}}) {
    Pair pair(DefaultClient(), options);
    pair.LogIn();
    pair.to_server = [offset](Octets& message) { message[offset] ^= 1; };
    ASSERT_TRUE(pair.ConnectTree());
    EXPECT_TRUE(pair.server_closed) << offset;
    EXPECT_TRUE(pair.requests.empty());
  }
}

TEST_F(Protected, AReplayedMessageCloses) {
  Pair pair = LoggedIn(Dialect::k311);
  ASSERT_TRUE(pair.ConnectTree());
  Octets again = pair.sent_to_server.back();
  const ServerOutput output = pair.server().OnMessage(again);
  ExpectClosed(output);
}

TEST_F(Protected, AnotherLoginOnTheSessionIsRefusedAndChangesNothing) {
  Pair pair = LoggedIn(Dialect::k210, /*require_signing=*/false);
  const uint64_t id = pair.client().session_id();
  SessionSetupRequest request;
  Octets frame;
  AppendFrame({.command = Command::kSessionSetup, .message_id = 4, .session_id = id},
              WriteSessionSetupRequest(request), Protection::kNone, nullptr, frame);
  const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
  EXPECT_EQ(StatusOf(output), kStatusRequestNotAccepted);
  ASSERT_NE(pair.server().session(id), nullptr);
  EXPECT_EQ(pair.server().session(id)->context().peer()->user, "alice");
}

// Chains two requests into one message, unsigned.
Octets Compound(Header first, std::span<const uint8_t> first_body, Header second,
                std::span<const uint8_t> second_body) {
  Octets body(first_body.begin(), first_body.end());
  body.resize((body.size() + 7) / 8 * 8);
  first.next_command = static_cast<uint32_t>(kHeaderSize + body.size());
  Octets one;
  Octets two;
  AppendFrame(first, body, Protection::kNone, nullptr, one);
  AppendFrame(second, second_body, Protection::kNone, nullptr, two);
  one.erase(one.begin(), one.begin() + kFrameHeaderSize);
  one.insert(one.end(), two.begin() + kFrameHeaderSize, two.end());
  return one;
}

TEST_F(Protected, RelatedRequestsShareSessionAndTree) {
  Pair pair = LoggedIn(Dialect::k210, /*require_signing=*/false);
  const uint64_t id = pair.client().session_id();
  Octets message = Compound(
      {.command = Command::kCreate, .message_id = 4, .tree_id = 1, .session_id = id}, Octets(56),
      {.command = Command::kRead,
       .flags = kFlagRelated,
       .message_id = 5,
       .tree_id = ~uint32_t{0},
       .session_id = ~uint64_t{0}},
      Octets(48));
  const ServerOutput output = pair.server().OnMessage(message);
  ASSERT_EQ(output.requests.size(), 2u);
  EXPECT_FALSE(output.requests[0].related);
  EXPECT_TRUE(output.requests[1].related);
  EXPECT_EQ(output.requests[1].header.session_id, id);
  EXPECT_EQ(output.requests[1].header.tree_id, 1u);
  EXPECT_EQ(output.requests[0].body.size(), 56u);
  EXPECT_EQ(output.requests[1].body.size(), 48u);
}

TEST_F(Protected, WhatFollowsAFailureFailsToo) {
  Pair pair = LoggedIn(Dialect::k210, /*require_signing=*/false);
  Octets message =
      Compound({.command = Command::kCreate, .message_id = 4, .session_id = 999}, Octets(56),
               {.command = Command::kRead, .flags = kFlagRelated, .message_id = 5}, Octets(48));
  const ServerOutput output = pair.server().OnMessage(message);
  EXPECT_TRUE(output.requests.empty());
  FrameReader reader;
  reader.Append(output.send);
  for (int i = 0; i < 2; ++i) {
    const auto answer = reader.Next(1000).value();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(ParseHeader(*answer)->status, kStatusUserSessionDeleted);
  }
}

TEST_F(Protected, SessionsDoNotChangeWithinACompound) {
  Pair pair = LoggedIn(Dialect::k210, /*require_signing=*/false);
  const uint64_t id = pair.client().session_id();
  Octets message =
      Compound({.command = Command::kRead, .message_id = 4, .session_id = id}, Octets(48),
               {.command = Command::kLogoff, .message_id = 5, .session_id = id}, kShortBody);
  const ServerOutput output = pair.server().OnMessage(message);
  EXPECT_EQ(output.requests.size(), 1u);
  EXPECT_EQ(StatusOf(output), kStatusInvalidParameter);
  EXPECT_NE(pair.server().session(id), nullptr);
}

TEST_F(Protected, CompoundsOutOfPlaceClose) {
  for (const uint32_t next :
       {uint32_t{1}, uint32_t{63}, uint32_t{65}, uint32_t{120}, ~uint32_t{7}}) {
    Pair pair = LoggedIn(Dialect::k210, /*require_signing=*/false);
    Header header = {.command = Command::kRead, .message_id = 4};
    header.session_id = pair.client().session_id();
    header.next_command = next;
    Octets frame;
    AppendFrame(header, Octets(56), Protection::kNone, nullptr, frame);
    ExpectClosed(pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize)));
  }
}

TEST_F(Protected, AResponseToASessionThatIsGoneIsNotSigned) {
  Pair pair = LoggedIn(Dialect::k311);
  ServerRequest request;
  request.header.session_id = 12345;
  request.header.flags = kFlagSigned;
  Octets out;
  pair.server().Respond(request, {.status = kStatusFileClosed}, out);
  const Header header = ParseHeader(std::span(out).subspan(kFrameHeaderSize)).value();
  EXPECT_EQ(header.status, kStatusFileClosed);
  EXPECT_FALSE(header.is_signed());
}

TEST(ServerSettings, AreCheckedOnce) {
  const auto code = [](auto change) {
    ServerOptions options = DefaultServer();
    change(options);
    return ServerConfig::Create(std::move(options)).status().code();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](ServerOptions&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(code([](ServerOptions& o) { o.credentials = nullptr; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.policy = nullptr; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.dialects.clear(); }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.dialects = {Dialect::k202, Dialect::k202}; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.dialects = {static_cast<Dialect>(0x02FF)}; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.ciphers.clear(); }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.signing_algorithms.clear(); }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_credits = 0; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_credits = 2000; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_transfer_size = 1000; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_rounds = 0; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) { o.max_half_open_sessions = 0; }), kInvalid);
  EXPECT_EQ(code([](ServerOptions& o) {
              o.dialects = {Dialect::k210};
              o.encryption = EncryptionPolicy::kRequired;
            }),
            kInvalid);
}

}  // namespace
}  // namespace epa::smb2
