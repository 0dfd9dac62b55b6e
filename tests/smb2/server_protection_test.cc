// What protects the messages of a session, and what becomes of those that lack it.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/smb2/message_cipher.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/session_security.h"
#include "tests/smb2/raw_server.h"
#include "tests/smb2/smb2_pair.h"

namespace epa::smb2 {
namespace {

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

TEST_F(Protected, AWrongSignatureIsRefusedWhereNoneIsRequired) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k300, Dialect::k311}) {
    Pair pair = LoggedIn(dialect, /*require_signing=*/false);
    Octets frame;
    AppendFrame({.command = Command::kRead,
                 .flags = kFlagSigned,
                 .message_id = 3,
                 .session_id = pair.client().session_id()},
                Octets(48), Protection::kNone, nullptr, frame);
    const ServerOutput output = pair.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
    EXPECT_EQ(StatusOf(output), kStatusAccessDenied);
    EXPECT_TRUE(output.requests.empty());
  }
}

TEST_F(Protected, NobodyCanSignForAGuest) {
  test::FakePackageOptions package;
  package.login.identity = PeerIdentity::Guest();
  ServerOptions options = OpenServer();
  options.credentials = test::MakeFakeCredentials(std::move(package));
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  const ServerOutput output =
      server.Send({.command = Command::kRead, .flags = kFlagSigned, .session_id = id}, Octets(48));
  EXPECT_EQ(StatusOf(output), kStatusAccessDenied);
  EXPECT_TRUE(output.requests.empty());
}

// [MS-SMB2] 3.3.5.4 and 3.3.5.5.3: the client asks for signing in either message.
TEST_F(Protected, AClientThatRequiresSigningGetsItWhereverItSaysSo) {
  constexpr size_t kInNegotiate = kHeaderSize + 4;
  constexpr size_t kInSessionSetup = kHeaderSize + 3;
  for (const bool in_negotiate : {false, true}) {
    for (const bool in_session_setup : {false, true}) {
      ClientOptions client = DefaultClient();
      client.dialects = {Dialect::k210};
      client.require_signing = false;
      ServerOptions server = DefaultServer();
      server.require_signing = false;
      Pair pair(std::move(client), std::move(server));
      pair.to_server = [&](Octets& message) {
        const bool negotiates = ParseHeader(message)->command == Command::kNegotiate;
        if (negotiates ? in_negotiate : in_session_setup) {
          message[negotiates ? kInNegotiate : kInSessionSetup] = kSigningRequired;
        }
      };
      pair.LogIn();
      const ServerSession* const session = pair.server().session(pair.client().session_id());
      ASSERT_NE(session, nullptr);
      EXPECT_EQ(session->signing_required(), in_negotiate || in_session_setup);
    }
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

// A client that encrypts with the session's key what our own would never send.
class Sealing {
 public:
  explicit Sealing(Pair& pair)
      : pair_(pair),
        id_(pair.client().session_id()),
        security_({.dialect = Dialect::k300,
                   .signing = SigningAlgorithm::kAesCmac,
                   .cipher = Cipher::kAes128Ccm},
                  Sender::kClient, pair.client().context().ExportSessionKey().value(),
                  PreauthHash(), id_) {}

  uint64_t id() const { return id_; }

  // `message`: one without a frame, as it goes into the encryption.
  ServerOutput Send(std::span<const uint8_t> message) {
    Octets sealed(kTransformHeaderSize);
    sealed.insert(sealed.end(), message.begin(), message.end());
    security_.sealer().Seal(sealed);
    return pair_.server().OnMessage(sealed);
  }
  ServerOutput Send(const Header& header, std::span<const uint8_t> body) {
    Octets frame;
    AppendFrame(header, body, Protection::kNone, nullptr, frame);
    return Send(std::span(frame).subspan(kFrameHeaderSize));
  }

  // What the frames hold, all of them encrypted.
  std::vector<NtStatus> StatusesIn(const ServerOutput& output) {
    std::vector<NtStatus> statuses;
    FrameReader reader;
    reader.Append(output.send);
    for (auto next = reader.Next(70000).value(); next.has_value();
         next = reader.Next(70000).value()) {
      const auto header = ParseTransformHeader(*next);
      EXPECT_TRUE(header.ok() && security_.opener().Open(*header, *next)) << "in the clear";
      if (header.ok()) {
        statuses.push_back(ParseHeader(next->subspan(kTransformHeaderSize))->status);
      }
    }
    return statuses;
  }

 private:
  Pair& pair_;
  uint64_t id_;
  SessionSecurity security_;
};

TEST_F(Protected, WhatIsEncryptedBelongsToTheKeysSession) {
  for (const Header& header :
       {Header{.command = Command::kEcho, .message_id = 3},
        Header{.command = Command::kSessionSetup, .message_id = 3},
        Header{.command = Command::kRead, .message_id = 3, .session_id = 999},
        Header{.command = Command::kRead, .message_id = 3, .session_id = ~uint64_t{0}},
        Header{.command = Command::kRead, .flags = kFlagRelated, .message_id = 3}}) {
    Pair pair = LoggedIn(Dialect::k300);
    Sealing client(pair);
    const ServerOutput output = client.Send(header, kShortBody);
    ExpectClosed(output);
    EXPECT_TRUE(output.send.empty());
  }
}

TEST_F(Protected, AFirstRequestThatIsRelatedAndEncryptedCloses) {
  Pair pair = LoggedIn(Dialect::k300);
  Sealing client(pair);
  ExpectClosed(client.Send({.command = Command::kRead,
                            .flags = kFlagRelated,
                            .message_id = 3,
                            .session_id = client.id()},
                           Octets(48)));
}

TEST_F(Protected, WhatIsAskedEncryptedIsAnsweredEncrypted) {
  Pair pair = LoggedIn(Dialect::k300);  // which does not require it
  Sealing client(pair);
  uint64_t message_id = 3;
  const auto statuses = [&](Command command, std::span<const uint8_t> body) {
    return client.StatusesIn(client.Send(
        {.command = command, .message_id = message_id++, .session_id = client.id()}, body));
  };
  using Statuses = std::vector<NtStatus>;
  EXPECT_EQ(statuses(Command::kEcho, kShortBody), Statuses{kStatusSuccess});
  EXPECT_EQ(statuses(Command::kEcho, {}), Statuses{kStatusInvalidParameter});
  EXPECT_EQ(statuses(Command::kLogoff, {}), Statuses{kStatusInvalidParameter});
  EXPECT_EQ(statuses(Command::kSessionSetup, {}), Statuses{kStatusInvalidParameter});
  const ServerOutput output = client.Send(
      {.command = Command::kRead, .message_id = message_id++, .session_id = client.id()},
      Octets(48));
  ASSERT_EQ(output.requests.size(), 1u);
  EXPECT_TRUE(output.requests[0].encrypted);
  ServerOutput answer;
  pair.server().Respond(output.requests[0], {.status = kStatusFileClosed}, answer.send);
  EXPECT_EQ(client.StatusesIn(answer), Statuses{kStatusFileClosed});
}

TEST_F(Protected, AReplayedMessageCloses) {
  Pair pair = LoggedIn(Dialect::k311);
  ASSERT_TRUE(pair.ConnectTree());
  Octets again = pair.sent_to_server.back();
  const ServerOutput output = pair.server().OnMessage(again);
  ExpectClosed(output);
}

// What the application makes of the request it was handed does not switch protection off.
TEST_F(Protected, AResponseIsProtectedAsTheSessionDemands) {
  Pair signing = LoggedIn(Dialect::k311);
  ServerRequest request;
  request.header.message_id = 3;
  request.header.session_id = signing.client().session_id();
  Octets out;
  signing.server().Respond(request, {.status = kStatusFileClosed}, out);
  EXPECT_TRUE(ParseHeader(std::span(out).subspan(kFrameHeaderSize))->is_signed());
  ServerOptions options = DefaultServer();
  options.encryption = EncryptionPolicy::kRequired;
  Pair encrypting(DefaultClient(), std::move(options));
  encrypting.LogIn();
  request.header.session_id = encrypting.client().session_id();
  out.clear();
  encrypting.server().Respond(request, {.status = kStatusFileClosed}, out);
  EXPECT_TRUE(IsTransformed(std::span(out).subspan(kFrameHeaderSize)));
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

// On a session that signs, a client believes no error that is not signed. So those are that a
// request gets before the application sees it: behind a failure, without anything before it, a
// LOGOFF or SESSION_SETUP in a compound.
TEST_F(Protected, ErrorsOnASessionThatSignsAreSigned) {
  for (const Dialect dialect : {Dialect::k210, Dialect::k300}) {
    for (const Command first : {Command::kLogoff, Command::kSessionSetup, Command::kRead}) {
      Pair pair = LoggedIn(dialect);
      const uint64_t id = pair.client().session_id();
      SessionSecurity security({.dialect = dialect, .signing = DefaultSigning(dialect)},
                               Sender::kClient, pair.client().context().ExportSessionKey().value(),
                               PreauthHash(), id);
      const uint32_t related = first == Command::kRead ? kFlagRelated : 0;
      Octets message = Compound(
          {.command = first, .flags = kFlagSigned | related, .message_id = 4, .session_id = id},
          Octets(48),
          {.command = Command::kRead,
           .flags = kFlagSigned | kFlagRelated,
           .message_id = 5,
           .session_id = id},
          Octets(48));
      const size_t second = ParseHeader(message)->next_command;
      security.signer().Sign(std::span(message).first(second));
      security.signer().Sign(std::span(message).subspan(second));
      const ServerOutput output = pair.server().OnMessage(message);
      EXPECT_TRUE(output.requests.empty());
      FrameReader reader;
      reader.Append(output.send);
      for (int i = 0; i < 2; ++i) {
        const auto answer = reader.Next(1000).value();
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(ParseHeader(*answer)->status, kStatusInvalidParameter);
        EXPECT_TRUE(ParseHeader(*answer)->is_signed());
        EXPECT_TRUE(security.signer().Verify(*answer));
      }
    }
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

TEST_F(Protected, ErrorsInAnEncryptedCompoundAreEncrypted) {
  Pair pair = LoggedIn(Dialect::k300);
  Sealing client(pair);
  const ServerOutput output = client.Send(Compound(
      {.command = Command::kLogoff, .message_id = 3, .session_id = client.id()}, kShortBody,
      {.command = Command::kRead, .flags = kFlagRelated, .message_id = 4}, Octets(48)));
  EXPECT_EQ(client.StatusesIn(output),
            (std::vector<NtStatus>{kStatusInvalidParameter, kStatusInvalidParameter}));
  EXPECT_TRUE(output.requests.empty());
  EXPECT_FALSE(output.close);
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

// Its key is gone, so nothing of what was meant for it may leave.
TEST_F(Protected, AResponseToASessionThatIsGoneSaysNothingElse) {
  Pair pair = LoggedIn(Dialect::k311);
  ServerRequest request;
  request.header.session_id = 12345;
  request.header.flags = kFlagSigned;
  request.encrypted = true;
  const Octets secret(200, 0x5A);
  Octets out;
  pair.server().Respond(request, {.status = kStatusSuccess, .body = secret}, out);
  const Header header = ParseHeader(std::span(out).subspan(kFrameHeaderSize)).value();
  EXPECT_EQ(header.status, kStatusUserSessionDeleted);
  EXPECT_FALSE(header.is_signed());
  EXPECT_EQ(out.size(), kFrameHeaderSize + kHeaderSize + kErrorBody.size());
}

}  // namespace
}  // namespace epa::smb2
