// Published attacks on SMB, each as a whole exchange. README.md says which test stands for what.
#include <gtest/gtest.h>
#include <malloc.h>

#include <set>
#include <string>
#include <vector>

#include "epa/negotiate/negotiate.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/outgoing.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/test_data.h"

namespace epa::smb2 {
namespace {

using Kind = ClientRefusal::Kind;

const std::vector<Dialect> kAllDialects = {Dialect::k202, Dialect::k210, Dialect::k300,
                                           Dialect::k302, Dialect::k311};

bool IsLastOfLogin(const Octets& message) {
  const Header header = ParseHeader(message).value();
  return header.command == Command::kSessionSetup && header.status == kStatusSuccess;
}

bool IsLoginRequest(const Octets& message) {
  return message.size() > kHeaderSize &&
         ParseHeader(message).value().command == Command::kSessionSetup;
}

// A relay has no key: it sets the session's flags and sends what looks like success, unsigned.
void ClaimGuestOrNull(uint16_t flags, Octets& message) {
  if (!IsLastOfLogin(message)) {
    return;
  }
  message[16] &= static_cast<uint8_t>(~kFlagSigned);
  message.resize(kHeaderSize);
  const Octets body = WriteSessionSetupResponse({flags, {}});
  message.insert(message.end(), body.begin(), body.end());
}

TEST(SigningDowngrade, Cve2016_2119_SessionFlagsDoNotSwitchRequiredSigningOff) {
  for (const Dialect dialect : kAllDialects) {
    for (const uint16_t flags : {kSessionIsGuest, kSessionIsNull,
                                 static_cast<uint16_t>(kSessionIsGuest | kSessionIsNull)}) {
      for (const bool allow_guest : {false, true}) {
        ClientOptions options = DefaultClient();
        options.dialects = {dialect};
        options.allow_insecure_guest = allow_guest;
        Pair pair(std::move(options));
        pair.to_client = [flags](Octets& message) { ClaimGuestOrNull(flags, message); };
        pair.LogIn();
        EXPECT_FALSE(pair.client().established());
        ASSERT_TRUE(pair.client().refusal().has_value());
        EXPECT_EQ(pair.client().refusal()->kind,
                  (flags & kSessionIsGuest) != 0 ? Kind::kGuestPolicy : Kind::kAnonymous);
        EXPECT_FALSE(pair.ConnectTree());
      }
    }
  }
}

TEST(SigningDowngrade, Cve2017_12150_SigningIsEnforcedOnEveryMessage) {
  for (const Dialect dialect : kAllDialects) {
    ClientOptions options = DefaultClient();
    options.dialects = {dialect};
    Pair pair(std::move(options));
    pair.LogIn();
    ASSERT_TRUE(pair.ConnectTree());
    ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
    for (const auto* messages : {&pair.sent_to_server, &pair.sent_to_client}) {
      for (size_t i = 4; i < messages->size(); ++i) {  // after the login
        EXPECT_TRUE(ParseHeader((*messages)[i])->is_signed());
      }
    }
  }
}

// CVE-2016-2114: the server said that it required signing and did not.
TEST(SigningDowngrade, Cve2016_2114_WhatTheServerRequiresItEnforces) {
  for (const Dialect dialect : kAllDialects) {
    ClientOptions options = DefaultClient();
    options.dialects = {dialect};
    options.require_signing = false;
    Pair pair(std::move(options));
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    EXPECT_TRUE(pair.client().is_signed());
    pair.to_server = [](Octets& message) { message[16] &= static_cast<uint8_t>(~kFlagSigned); };
    (void)pair.Request(Command::kRead, Octets(48));
    EXPECT_TRUE(pair.requests.empty());
  }
}

// There is no SMB1, and no login but by the package: nothing to fall back to.
TEST(Fallback, Cve2016_2124_AClientNeverGoesBelowWhatItOffered) {
  for (const Octets& answer :
       {test::FromHex("ff534d4272000000008801c80000000000000000000000000000fffe00000000"
                      "0100000000"),
        Octets(kHeaderSize, 0)}) {
    Pair pair;
    pair.to_client = [&answer](Octets& message) { message = answer; };
    pair.LogIn();
    EXPECT_FALSE(pair.client().established());
    EXPECT_EQ(pair.sent_to_server.size(), 1u);
  }
}

TEST(Challenge, Cve2010_0231_ChallengesDifferAndAnOldAnswerIsWorthNothing) {
  std::set<Octets> challenges;
  Octets old_answer;
  for (int i = 0; i < 50; ++i) {
    Pair pair;
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    challenges.insert(pair.sent_to_client[1]);
    old_answer = pair.sent_to_server[2];
  }
  EXPECT_EQ(challenges.size(), 50u);
  Pair pair;
  pair.to_server = [&old_answer, &pair](Octets& message) {
    if (pair.sent_to_server.size() == 2) {
      Header header = ParseHeader(message).value();
      message = old_answer;
      WriteHeader(header, std::span(message).first<kHeaderSize>());
    }
  };
  pair.LogIn();
  EXPECT_FALSE(pair.client().established());
  EXPECT_EQ(pair.server().session_count(), 0u);
  ASSERT_EQ(pair.server_audit->events.size(), 1u);
  EXPECT_EQ(pair.server_audit->events[0].outcome, AuditOutcome::kRefused);
}

// One process is a client and a server: the attacker hands the client the server's own challenge.
TEST(Reflection, Cve2008_4037_TheServersOwnChallengeIsNotAnswered) {
  const auto guard = std::make_shared<ntlm::ReflectionGuard>();
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = test::TestAuthority();
  acceptor.reflection_guard = guard;
  ServerOptions server = DefaultServer();
  server.credentials = negotiate::CreateAcceptorCredentials(
                           {ntlm::CreateAcceptorCredentials(std::move(acceptor)).value()})
                           .value();
  ntlm::InitiatorOptions initiator;
  initiator.user = "alice";
  initiator.domain = "EXAMPLE";
  initiator.password = SecretBytes::FromText("secret-alice");
  initiator.reflection_guard = guard;
  ClientOptions client = DefaultClient();
  client.credentials = ClientCredentials(std::move(initiator));
  Pair pair(std::move(client), std::move(server));
  pair.LogIn();
  EXPECT_FALSE(pair.client().established());
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, Kind::kLogin);
  EXPECT_EQ(pair.client().refusal()->reason, Reason::kReflectedChallenge);
}

TEST(Reflection, Cve2025_33073_MarshalledTargetNamesAreNotLoggedInTo) {
  ClientOptions client = DefaultClient();
  client.parameters.target_name = "cifs/files1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA";
  EXPECT_FALSE(ClientConnection::Create(std::move(client)).ok());
}

// A login relayed to this server names the server the victim meant, and the relay cannot sign.
TEST(Relay, Cve2025_55234_ALoginForAnotherServerIsRefusedFromLevel1On) {
  for (const uint32_t level : {1u, 2u}) {
    ClientOptions client = DefaultClient();
    client.parameters.target_name = "cifs/attacker.example.net";
    ServerOptions server = DefaultServer();
    server.policy = TestPolicy({.level = level});
    Pair pair(std::move(client), std::move(server));
    pair.LogIn();
    ASSERT_TRUE(pair.client().refusal().has_value());
    EXPECT_EQ(pair.client().refusal()->status, kStatusAccessDenied);
    EXPECT_EQ(pair.server().session_count(), 0u);
  }
}

TEST(Relay, Cve2025_55234_WithoutTheKeyARelayedLoginDoesNothing) {
  Pair pair;
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  Octets frame;
  AppendFrame(
      {.command = Command::kTreeConnect, .message_id = 3, .session_id = pair.client().session_id()},
      TreeConnectBody(), Protection::kNone, nullptr, frame);
  const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
  EXPECT_TRUE(output.requests.empty());
}

// The NT response's length, its MIC and its list of mechanisms, all over SMB.
TEST(Tokens, Cve2023_0210_Cve2024_26594_Cve2026_31610_EveryOctetOfALoginMayBeWrong) {
  Pair good;
  good.LogIn();
  ASSERT_TRUE(good.client().established());
  const size_t size = good.sent_to_server[2].size();
  for (size_t offset = kHeaderSize; offset < size; ++offset) {
    Pair pair;
    size_t logins = 0;
    pair.to_server = [offset, &logins](Octets& message) {
      if (IsLoginRequest(message) && ++logins == 2 && offset < message.size()) {
        message[offset] ^= 0xFF;
      }
    };
    pair.LogIn();
    // On 3.1.1 even an octet that nobody reads is part of the preauth hash.
    EXPECT_FALSE(pair.client().established()) << offset;
  }
}

TEST(Tokens, EveryTruncationOfALoginIsRefused) {
  Pair good;
  good.LogIn();
  const size_t size = good.sent_to_server[2].size();
  for (size_t cut = kHeaderSize; cut < size; ++cut) {
    Pair pair;
    size_t logins = 0;
    pair.to_server = [cut, &logins](Octets& message) {
      if (IsLoginRequest(message) && ++logins == 2) {
        message.resize(std::min(cut, message.size()));
      }
    };
    pair.LogIn();
    EXPECT_FALSE(pair.client().established()) << cut;
    EXPECT_EQ(pair.server().session_count(), 0u) << cut;
  }
}

// The user of a session was freed by a second SESSION_SETUP and used after it.
TEST(Sessions, Cve2025_37778_ALoginOnALiveSessionLeavesItAlone) {
  Pair pair;
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  const uint64_t id = pair.client().session_id();
  for (uint64_t message_id = 3; message_id < 6; ++message_id) {
    Octets frame;
    AppendFrame({.command = Command::kSessionSetup, .message_id = message_id, .session_id = id},
                WriteSessionSetupRequest({}), Protection::kNone, nullptr, frame);
    const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
    EXPECT_EQ(ParseHeader(std::span(output.send).subspan(kFrameHeaderSize))->status,
              kStatusAccessDenied);
    ASSERT_NE(pair.server().session(id), nullptr);
    EXPECT_EQ(pair.server().session(id)->context().peer()->account()->user, "alice");
  }
}

// As many messages in one frame as fit: each costs a credit, and the client has few.
TEST(Compounds, Cve2025_57632_ALongChainEndsWithTheCredits) {
  Pair pair;
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  Octets chain;
  for (uint64_t i = 0; i < 10000; ++i) {
    Header header = {.command = Command::kEcho, .message_id = 3 + i};
    header.next_command = i + 1 < 10000 ? 72 : 0;
    Octets message(72);
    WriteHeader(header, std::span(message).first<kHeaderSize>());
    message[kHeaderSize] = 4;
    chain.insert(chain.end(), message.begin(), message.end());
  }
  const ServerOutput output = pair.server().OnMessage(chain);
  EXPECT_TRUE(output.close);
  EXPECT_LE(output.send.size(), 200 * (kFrameHeaderSize + kHeaderSize + 9));
}

// The octets this process has allocated. A sanitizer's allocator says 0.
size_t Allocated() { return mallinfo2().uordblks; }

// A thousand clients that stop in the middle of their login, and one that does not.
TEST(HalfOpen, AThousandConnectionsKeepWithinTheirBoundAndDisturbNobody) {
  constexpr size_t kConnections = 1000;
  constexpr size_t kBoundEach = 4 * 1024;
  Pair model;
  model.LogIn();
  ASSERT_TRUE(model.client().established());
  const auto config = ServerConfig::Create(DefaultServer()).value();
  const size_t before = Allocated();
  std::vector<ServerConnection> connections;
  for (size_t i = 0; i < kConnections; ++i) {
    connections.emplace_back(config, "192.0.2.1:1");
    for (const size_t message : {0, 1}) {  // NEGOTIATE, and the first token
      Octets octets = model.sent_to_server[message];
      EXPECT_FALSE(connections.back().OnMessage(octets).close);
    }
  }
  EXPECT_LT(Allocated() - before, kConnections * kBoundEach);
  Pair pair;
  pair.LogIn();
  EXPECT_TRUE(pair.client().established());
  connections.clear();
  EXPECT_EQ(pair.server().session_count(), 1u);
}

}  // namespace
}  // namespace epa::smb2
