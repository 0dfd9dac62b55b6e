// The end of a login, and what a client that requires nothing still does not believe.
#include <gtest/gtest.h>

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/smb2/messages/session_setup.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/fake_package.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

using Kind = ClientRefusal::Kind;
using test::FakeLogin;
using test::FakeToken;

constexpr size_t kFlagsOffset = 16;
constexpr size_t kSessionIdOffset = 40;

bool IsLastOfLogin(const Octets& message) {
  const Header header = ParseHeader(message).value();
  return header.command == Command::kSessionSetup && header.status == kStatusSuccess;
}

void StripSignature(Octets& message) {
  message[kFlagsOffset] &= static_cast<uint8_t>(~kFlagSigned);
}

void ExpectRefused(Pair& pair, Kind kind) {
  EXPECT_FALSE(pair.client().established());
  EXPECT_FALSE(pair.client().is_signed());
  EXPECT_FALSE(pair.client().encrypts());
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, kind) << pair.client().refusal()->detail;
}

// Neither side requires signing, so that nothing else notices what is changed on the way.
Pair Lax(Dialect dialect) {
  ClientOptions client = DefaultClient();
  client.dialects = {dialect};
  client.require_signing = false;
  ServerOptions server = DefaultServer();
  server.dialects = {dialect};
  server.require_signing = false;
  return Pair(std::move(client), std::move(server));
}

TEST(LaxClient, On311TheLastResponseIsSignedAllTheSame) {
  Pair pair = Lax(Dialect::k311);
  pair.to_client = [](Octets& message) {
    if (IsLastOfLogin(message)) {
      StripSignature(message);
    }
  };
  pair.LogIn();
  ExpectRefused(pair, Kind::kSecurity);
}

TEST(LaxClient, EncryptionThatWasNotAgreedIsRefused) {
  Pair pair = Lax(Dialect::k210);
  pair.to_client = [](Octets& message) {
    if (IsLastOfLogin(message)) {
      StripSignature(message);
      message[kHeaderSize + 2] |= kSessionEncryptData;
    }
  };
  pair.LogIn();
  ExpectRefused(pair, Kind::kSecurity);
}

TEST(LaxClient, AResponseOfAnotherSessionIsRefused) {
  Pair pair = Lax(Dialect::k210);
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  pair.to_client = [](Octets& message) { message[kSessionIdOffset] ^= 1; };
  ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
  ExpectRefused(pair, Kind::kSecurity);
  EXPECT_TRUE(pair.responses.empty());
}

TEST(LaxClient, AWrongSignatureIsRefused) {
  for (const Dialect dialect : {Dialect::k210, Dialect::k300, Dialect::k311}) {
    Pair pair = Lax(dialect);
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    pair.to_client = [](Octets& message) {
      ASSERT_TRUE(ParseHeader(message)->is_signed());  // as the request is
      message.back() ^= 1;
    };
    ASSERT_TRUE(pair.ConnectTree());
    ExpectRefused(pair, Kind::kSecurity);
    EXPECT_TRUE(pair.responses.empty());
  }
}

TEST(LaxClient, AnInterimResponseIsNotTheAnswer) {
  Pair pair = Lax(Dialect::k210);
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  bool told = false;
  pair.to_client = [&pair, &told](Octets& message) {
    Header header = ParseHeader(message).value();
    header.flags |= kFlagAsync;
    header.status = 0x00000103;  // STATUS_PENDING
    Octets interim = message;
    WriteHeader(header, std::span(interim).first<kHeaderSize>());
    ASSERT_OK_AND_ASSIGN(const ClientOutput output, pair.client().OnMessage(interim));
    told = !output.responses.empty();
  };
  ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
  EXPECT_FALSE(told);
  EXPECT_EQ(pair.responses.size(), 1u);
}

// Two answers in one message: the second begins at a multiple of eight octets
// ([MS-SMB2] 3.2.5.1.9).
TEST(LaxClient, ACompoundIsAligned) {
  for (const uint32_t padding : {0u, 4u}) {
    Pair pair = Lax(Dialect::k210);
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    Octets compound;
    for (const uint32_t next : {uint32_t{kHeaderSize + 48} + padding, 0u}) {
      ASSERT_OK(pair.client().SendRequest(Command::kRead, 1, Octets(48)));
      Header header = {.command = Command::kRead,
                       .flags = kFlagResponse,
                       .next_command = next,
                       .message_id = next != 0 ? 3u : 4u,
                       .session_id = pair.client().session_id()};
      Octets message(next != 0 ? next : kHeaderSize + 48);
      WriteHeader(header, std::span(message).first<kHeaderSize>());
      compound.insert(compound.end(), message.begin(), message.end());
    }
    ASSERT_OK_AND_ASSIGN(const ClientOutput output, pair.client().OnMessage(compound));
    EXPECT_EQ(output.responses.size(), padding == 0 ? 2u : 0u);
    EXPECT_EQ(pair.client().established(), padding == 0);
  }
}

// Some servers think before they answer a SESSION_SETUP, and say so.
TEST(ClientSession, AnInterimResponseToItsSetUpIsWaitedOut) {
  for (const Dialect dialect : {Dialect::k210, Dialect::k300, Dialect::k311}) {
    Pair pair = Lax(dialect);
    pair.to_client = [&pair](Octets& message) {
      Header header = ParseHeader(message).value();
      if (header.command != Command::kSessionSetup) {
        return;
      }
      header.flags = kFlagResponse | kFlagAsync;
      header.status = kStatusPending;
      Octets interim(kHeaderSize + 9);
      interim[kHeaderSize] = 9;
      WriteHeader(header, std::span(interim).first<kHeaderSize>());
      ASSERT_OK_AND_ASSIGN(const ClientOutput output, pair.client().OnMessage(interim));
      EXPECT_TRUE(output.send.empty());
      EXPECT_FALSE(output.close);
    };
    pair.LogIn();
    pair.to_client = nullptr;
    ASSERT_TRUE(pair.client().established()) << DialectName(dialect);
    EXPECT_TRUE(pair.ConnectTree());
    EXPECT_EQ(pair.responses.size(), 1u);
  }
}

TEST(ClientSession, AServerThatOnlyThinksIsGivenUp) {
  Pair pair = Lax(Dialect::k210);
  Octets interim;
  pair.to_client = [&interim](Octets& message) {
    Header header = ParseHeader(message).value();
    if (header.command == Command::kSessionSetup) {
      header.flags |= kFlagAsync;
      header.status = kStatusPending;
      WriteHeader(header, std::span(message).first<kHeaderSize>());
      interim = message;
    }
  };
  pair.LogIn();
  int more = 0;
  while (!pair.client().refusal().has_value() && ++more < 100) {
    Octets again = interim;
    ASSERT_OK(pair.client().OnMessage(again));
  }
  ExpectRefused(pair, Kind::kProtocol);
  EXPECT_LT(more, 10);
}

// Some servers say the session's id with their last response alone. On 3.1.1 its keys are made of
// the responses before, so there that is a fault; and the last response has it always.
TEST(ClientSession, ItsIdMayComeWithTheLastResponseBelow311) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k210, Dialect::k302, Dialect::k311}) {
    for (const bool last_too : {false, true}) {
      Pair pair = Lax(dialect);
      uint64_t id = 0;
      pair.to_client = [&id, last_too](Octets& message) {
        if (ParseHeader(message)->command == Command::kSessionSetup &&
            (last_too || !IsLastOfLogin(message))) {
          id = ParseHeader(message)->session_id;
          std::fill_n(message.begin() + kSessionIdOffset, 8, uint8_t{0});
        }
      };
      // The client says in its next request what it was told.
      pair.to_server = [&id](Octets& message) {
        Header header = ParseHeader(message).value();
        if (header.command == Command::kSessionSetup && id != 0) {
          EXPECT_EQ(header.session_id, 0u);
          header.session_id = id;
          WriteHeader(header, std::span(message).first<kHeaderSize>());
        }
      };
      pair.LogIn();
      pair.to_server = nullptr;
      if (dialect == Dialect::k311 || last_too) {
        ExpectRefused(pair, Kind::kProtocol);
        continue;
      }
      ASSERT_TRUE(pair.client().established()) << DialectName(dialect);
      EXPECT_EQ(pair.client().session_id(), id);
      ASSERT_TRUE(pair.ConnectTree());
      EXPECT_EQ(pair.responses.size(), 1u);
    }
  }
}

TEST(ClientSession, EveryConnectionHasAGuidOfItsOwn) {
  const auto guid = [] {
    const Octets frame = ClientConnection::Create(DefaultClient()).value()->Start();
    constexpr size_t kGuidOffset = kFrameHeaderSize + kHeaderSize + 12;
    return Octets(frame.begin() + kGuidOffset, frame.begin() + kGuidOffset + 16);
  };
  EXPECT_NE(guid(), guid());
}

// A login of the fake package, whose server does as `acceptor` says.
Pair FakePair(test::FakeScript acceptor, test::FakeScript initiator) {
  test::FakePackageOptions package;
  package.acceptor = std::move(acceptor);
  package.initiator = std::move(initiator);
  ClientOptions client = DefaultClient();
  client.credentials = test::MakeFakeCredentials(package);
  ServerOptions server = DefaultServer();
  server.credentials = test::MakeFakeCredentials(package);
  server.policy = TestPolicy({.level = 0});
  return Pair(std::move(client), std::move(server));
}

TEST(ClientExchange, EndsWhereBothSidesEnd) {
  Pair pair = FakePair(test::FakeAcceptorScript, test::FakeInitiatorScript("alice"));
  pair.LogIn();
  EXPECT_TRUE(pair.client().established());
  EXPECT_TRUE(pair.ConnectTree());
  EXPECT_EQ(pair.responses.size(), 1u);
}

TEST(ClientExchange, AServerThatAsksForMoreAfterTheLastTokenIsRefused) {
  Pair pair = FakePair([](std::string_view, int,
                          FakeLogin&) { return MechanismResult::Continue(FakeToken("challenge")); },
                       test::FakeInitiatorScript("alice"));
  pair.LogIn();
  ExpectRefused(pair, Kind::kProtocol);
}

TEST(ClientExchange, ATokenAfterTheLastOneIsRefused) {
  Pair pair = FakePair(
      [](std::string_view token, int step, FakeLogin& login) {
        return test::FakeAcceptorScript(token.starts_with("login") ? "mutual alice" : token, step,
                                        login);
      },
      test::FakeInitiatorScript("alice"));
  pair.LogIn();
  ExpectRefused(pair, Kind::kProtocol);
}

TEST(ClientExchange, AServerThatEndsBeforeOurLastTokenIsRefused) {
  const auto ends_at_once = [](std::string_view, int step, FakeLogin& login) {
    return test::FakeAcceptorScript("mutual alice", step, login);
  };
  // On the server's last token the client has another, or waits for one.
  const auto answers = [](std::string_view, int step, FakeLogin& login) {
    return test::FakeInitiatorScript("alice")(step == 0 ? "" : "challenge", step, login);
  };
  const auto waits = [](std::string_view, int step, FakeLogin&) {
    return MechanismResult::Continue(step == 0 ? FakeToken("hello") : Octets());
  };
  for (const test::FakeScript& initiator : {test::FakeScript(answers), test::FakeScript(waits)}) {
    Pair pair = FakePair(ends_at_once, initiator);
    pair.LogIn();
    ExpectRefused(pair, Kind::kProtocol);
  }
}

}  // namespace
}  // namespace epa::smb2
