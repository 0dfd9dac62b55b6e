// What a server does with each kind of message in each state, and with hostile ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/short_messages.h"
#include "tests/smb2/raw_server.h"
#include "tests/support/fake_package.h"
#include "tests/support/fixed_clock.h"

namespace epa::smb2 {
namespace {

// Whose logins are guests', which need no key.
test::FakePackageOptions GuestPackage() {
  test::FakePackageOptions package;
  package.login.identity = PeerIdentity::Guest();
  return package;
}

// Logins of the fake package, which has a session key of its own.
ServerOptions FakeServer(test::FakePackageOptions package = {}) {
  ServerOptions options = OpenServer();
  options.credentials = test::MakeFakeCredentials(std::move(package));
  return options;
}

TEST(ServerStates, TheFirstMessageIsNegotiate) {
  for (const Command command :
       {Command::kSessionSetup, Command::kEcho, Command::kTreeConnect, Command::kCancel}) {
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
  for (int command = 2; command <= 0x12; ++command) {
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

TEST(ServerStates, CommandsThatDoNotExistClose) {
  for (const uint16_t command : {uint16_t{0x13}, uint16_t{0x100}, uint16_t{0xFFFF}}) {
    RawServer server;
    server.Negotiate();
    const ServerOutput output = server.Send({.command = static_cast<Command>(command)}, kShortBody);
    ExpectClosed(output);
    EXPECT_TRUE(output.send.empty());
  }
}

TEST(ServerStates, EchoIsFourOctetsAndSaysSo) {
  RawServer server;
  server.Negotiate();
  for (const Octets& body : {Octets{}, Octets{4, 0, 0}, Octets{5, 0, 0, 0}, Octets{0, 4, 0, 0}}) {
    EXPECT_EQ(StatusOf(server.Send({.command = Command::kEcho}, body)), kStatusInvalidParameter);
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

// [MS-SMB2] 2.2.1.2: CreditCharge is reserved in 2.0.2. What costs nothing buys nothing either.
TEST(ServerCredits, ThereAreNoChargesIn202) {
  ClientOptions client = DefaultClient();
  client.dialects = {Dialect::k202};
  client.require_signing = false;
  Pair pair(std::move(client), OpenServer());
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  for (const uint64_t id : {3, 4}) {
    Octets frame;
    AppendFrame({.credit_charge = 9999,
                 .command = Command::kRead,
                 .message_id = id,
                 .session_id = pair.client().session_id()},
                Octets(48), Protection::kNone, nullptr, frame);
    const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
    ASSERT_EQ(output.requests.size(), 1u);
    EXPECT_EQ(output.requests[0].header.credit_charge, 0);
  }
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

TEST(ServerLogins, LoginsUnderWayCountAsSessions) {
  ServerOptions options = FakeServer(GuestPackage());
  options.max_sessions = 2;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t first = HeaderOf(server.SetUp("hello")).session_id;
  const uint64_t second = HeaderOf(server.SetUp("hello")).session_id;
  EXPECT_EQ(StatusOf(server.SetUp("hello")), kStatusInsufficientResources);
  EXPECT_EQ(StatusOf(server.SetUp("login alice", first)), kStatusSuccess);
  EXPECT_EQ(StatusOf(server.SetUp("login bob", second)), kStatusSuccess);
  EXPECT_EQ(server.connection().session_count(), 2u);
}

// Exchanges of several users, step by step in turn, and each with the id of another's session.
TEST(ServerLogins, ExchangesDoNotMix) {
  RawServer server(FakeServer(GuestPackage()));
  server.Negotiate();
  const uint64_t alice = HeaderOf(server.SetUp("hello")).session_id;
  const uint64_t bob = HeaderOf(server.SetUp("hello")).session_id;
  EXPECT_NE(alice, bob);
  EXPECT_EQ(StatusOf(server.SetUp("login mallory", alice ^ bob)), kStatusUserSessionDeleted);
  EXPECT_EQ(StatusOf(server.SetUp("login bob", bob)), kStatusSuccess);
  EXPECT_EQ(StatusOf(server.SetUp("login mallory", bob)), kStatusRequestNotAccepted);
  EXPECT_EQ(StatusOf(server.SetUp("wrong", alice)), kStatusLogonFailure);
  EXPECT_EQ(StatusOf(server.SetUp("login mallory", alice)), kStatusUserSessionDeleted);
  EXPECT_EQ(server.connection().session_count(), 1u);
  EXPECT_EQ(server.connection().session(bob)->context().claims().user, "bob");
}

// A session is no session before its login is done.
TEST(ServerLogins, AHalfOpenOneCarriesNoRequests) {
  RawServer server(FakeServer());
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("hello")).session_id;
  for (const Command command : {Command::kTreeConnect, Command::kRead, Command::kLogoff}) {
    const ServerOutput output = server.Send({.command = command, .session_id = id}, kShortBody);
    EXPECT_EQ(StatusOf(output), kStatusUserSessionDeleted);
    EXPECT_TRUE(output.requests.empty());
  }
}

TEST(ServerLogins, AMalformedRequestIsAnsweredAndTheExchangeGoesOn) {
  RawServer server(FakeServer(GuestPackage()));
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("hello")).session_id;
  EXPECT_EQ(
      StatusOf(server.Send({.command = Command::kSessionSetup, .session_id = id}, kShortBody)),
      kStatusInvalidParameter);
  EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusSuccess);
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

// A login in a compound would have a preauth hash of more than itself.
TEST(ServerLogins, ALoginInACompoundIsRefused) {
  RawServer server(FakeServer());
  server.Negotiate();
  const Octets token = test::FakeToken("hello");
  SessionSetupRequest request;
  request.token = token;
  Octets set_up = WriteSessionSetupRequest(request);
  set_up.resize((set_up.size() + 7) / 8 * 8);
  Octets message(kHeaderSize);
  const Header first = {.command = Command::kSessionSetup,
                        .next_command = static_cast<uint32_t>(kHeaderSize + set_up.size()),
                        .message_id = 1};
  WriteHeader(first, std::span(message).first<kHeaderSize>());
  message.insert(message.end(), set_up.begin(), set_up.end());
  Octets second(kHeaderSize);
  WriteHeader({.command = Command::kEcho, .message_id = 2}, std::span(second).first<kHeaderSize>());
  message.insert(message.end(), second.begin(), second.end());
  message.insert(message.end(), kShortBody.begin(), kShortBody.end());
  EXPECT_EQ(StatusOf(server.SendOctets(std::move(message))), kStatusInvalidParameter);
}

TEST(ServerLogins, AFaultOfOursClosesAndIsNotTheClients) {
  RawServer server(FakeServer());
  server.Negotiate();
  const ServerOutput output = server.SetUp("fault");
  EXPECT_EQ(StatusOf(output), kStatusInternalError);
  ExpectClosed(output);
}

TEST(ServerLogins, PendingWorkIsHandedOutAndTakenBack) {
  RawServer server(FakeServer(GuestPackage()));
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
  ServerOptions options = FakeServer(GuestPackage());
  options.max_sessions = 2;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t alice = HeaderOf(server.SetUp("login alice")).session_id;
  const uint64_t bob = HeaderOf(server.SetUp("login bob")).session_id;
  EXPECT_NE(alice, bob);
  EXPECT_EQ(server.connection().session(alice)->context().claims().user, "alice");
  EXPECT_EQ(server.connection().session(bob)->context().claims().user, "bob");
  EXPECT_EQ(StatusOf(server.SetUp("login carol")), kStatusInsufficientResources);
  const ServerOutput output =
      server.Send({.command = Command::kLogoff, .session_id = alice}, kShortBody);
  EXPECT_EQ(output.ended_sessions, std::vector<uint64_t>{alice});
  EXPECT_EQ(server.connection().session(alice), nullptr);
  EXPECT_EQ(StatusOf(server.SetUp("login carol")), kStatusSuccess);
}

// [MS-SMB2] 3.3.5.2.9: with the proof ends what it allowed, but not the tidying up.
TEST(ServerLogins, ASessionEndsWithItsTicket) {
  test::FixedClock clock(1000);
  test::FakePackageOptions package = GuestPackage();
  package.login.expiry_time = 2000;
  ServerOptions options = FakeServer(std::move(package));
  options.clock = &clock;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  const auto read = [&] {
    return server.Send({.command = Command::kRead, .session_id = id}, Octets(48));
  };
  clock.Set(1999);
  EXPECT_EQ(read().requests.size(), 1u);
  clock.Set(2000);
  const ServerOutput refused = read();
  EXPECT_TRUE(refused.requests.empty());
  EXPECT_EQ(StatusOf(refused), kStatusNetworkSessionExpired);
  EXPECT_FALSE(refused.close);
  EXPECT_EQ(server.Send({.command = Command::kClose, .session_id = id}, Octets(24)).requests.size(),
            1u);
  EXPECT_EQ(StatusOf(server.Send({.command = Command::kLogoff, .session_id = id}, kShortBody)),
            kStatusSuccess);
  EXPECT_EQ(server.connection().session_count(), 0u);
}

TEST(ServerMemory, ALoginIsNeededForLongMessages) {
  RawServer server;
  EXPECT_EQ(server.connection().max_message_size(), 66000u);
  server.Negotiate();
  // A sound ECHO, but for its length.
  const auto echo = [](size_t size) {
    Octets message(size);
    const Header header = {.command = Command::kEcho, .message_id = 1};
    WriteHeader(header, std::span(message).first<kHeaderSize>());
    std::copy(kShortBody.begin(), kShortBody.end(), message.begin() + kHeaderSize);
    return message;
  };
  const ServerOutput refused = server.SendOctets(echo(66001));
  ExpectClosed(refused);
  EXPECT_TRUE(absl::IsResourceExhausted(refused.reason));
  RawServer other;
  other.Negotiate();
  EXPECT_EQ(StatusOf(other.SendOctets(echo(66000))), kStatusSuccess);
  Pair pair;
  pair.LogIn();
  EXPECT_EQ(pair.server().max_message_size(), 1024u * 1024 + 65536);
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
  EXPECT_EQ(code([](ServerOptions& o) { o.audit = nullptr; }), kInvalid);
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
