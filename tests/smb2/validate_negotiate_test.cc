// FSCTL_VALIDATE_NEGOTIATE_INFO: what shows, below 3.1.1, that nobody changed the negotiation.
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/session_security.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

Command CommandOf(const Octets& message) { return ParseHeader(message).value().command; }

void ExpectRefused(Pair& pair) {
  EXPECT_FALSE(pair.client().established());
  EXPECT_TRUE(pair.client_closed);
  EXPECT_TRUE(pair.responses.empty());
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, ClientRefusal::Kind::kSecurity);
}

// The negotiation is validated below 3.1.1, after the first TREE_CONNECT.
class ValidateNegotiate : public ::testing::TestWithParam<Dialect> {
 protected:
  // The client offers more than the server speaks, so an attacker could have taken it away.
  static Pair LoggedIn(Dialect dialect) {
    ServerOptions server = DefaultServer();
    server.dialects = {dialect};
    Pair pair(DefaultClient(), std::move(server));
    pair.LogIn();
    EXPECT_TRUE(pair.client().established());
    return pair;
  }
};

TEST_P(ValidateNegotiate, IsSaidOnceAndConfirmed) {
  Pair pair = LoggedIn(GetParam());
  ASSERT_TRUE(pair.ConnectTree());
  ASSERT_TRUE(pair.ConnectTree());
  EXPECT_EQ(pair.responses.size(), 2u);
  EXPECT_EQ(pair.requests.size(), 2u);
  size_t validations = 0;
  for (const Octets& message : pair.sent_to_server) {
    validations +=
        IoctlCode(message) == kFsctlValidateNegotiateInfo && CommandOf(message) == Command::kIoctl
            ? 1
            : 0;
  }
  EXPECT_EQ(validations, 1u);
}

// A program may ask for several trees before the first is answered.
TEST_P(ValidateNegotiate, HoldsBackEveryTreeUntilThen) {
  static constexpr std::array<uint8_t, 16> kTreeConnected = {16, 0, 1};
  Pair pair = LoggedIn(GetParam());
  Octets answers;
  for (uint32_t tree = 1; tree <= 3; ++tree) {
    auto frame = pair.client().SendRequest(Command::kTreeConnect, 0, TreeConnectBody());
    ASSERT_OK(frame);
    const ServerOutput taken = pair.server().OnMessage(std::span(*frame).subspan(kFrameHeaderSize));
    ASSERT_EQ(taken.requests.size(), 1u);
    pair.server().Respond(taken.requests[0], {.body = kTreeConnected, .tree_id = tree}, answers);
  }
  FrameReader reader;
  reader.Append(answers);
  Octets validation;
  for (int i = 0; i < 3; ++i) {
    const auto message = reader.Next(answers.size());
    ASSERT_OK(message);
    ASSERT_OK_AND_ASSIGN(const ClientOutput output, pair.client().OnMessage(**message));
    EXPECT_TRUE(output.responses.empty());
    EXPECT_EQ(output.send.empty(), i != 0);
    validation.insert(validation.end(), output.send.begin(), output.send.end());
  }
  pair.Deliver(validation);
  ASSERT_EQ(pair.responses.size(), 3u);
  EXPECT_EQ(pair.responses[0].tree_id, 1u);
  EXPECT_EQ(pair.responses[2].tree_id, 3u);
}

TEST_P(ValidateNegotiate, AServerThatWasToldSomethingElseCloses) {
  ServerOptions server = DefaultServer();
  server.dialects = {GetParam()};
  Pair pair(DefaultClient(), std::move(server));
  pair.to_server = [](Octets& message) {
    if (CommandOf(message) == Command::kNegotiate) {
      message[kHeaderSize + 8] ^= kCapabilityLargeMtu;  // Capabilities
    }
  };
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  ASSERT_TRUE(pair.ConnectTree());
  EXPECT_TRUE(pair.server_closed);
  EXPECT_TRUE(pair.responses.empty());
}

TEST_P(ValidateNegotiate, AClientThatWasToldSomethingElseRefuses) {
  ServerOptions server = DefaultServer();
  server.dialects = {GetParam()};
  Pair pair(DefaultClient(), std::move(server));
  pair.to_client = [](Octets& message) {
    if (CommandOf(message) == Command::kNegotiate) {
      message[kHeaderSize + 8] ^= 1;  // ServerGuid
    }
  };
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  ASSERT_TRUE(pair.ConnectTree());
  ExpectRefused(pair);
}

INSTANTIATE_TEST_SUITE_P(Dialects, ValidateNegotiate,
                         ::testing::Values(Dialect::k202, Dialect::k210, Dialect::k300,
                                           Dialect::k302));

// Neither side requires signing, and 3.0 was not the best of what the client offered.
Pair Lax() {
  ClientOptions client = DefaultClient();
  client.dialects = {Dialect::k300, Dialect::k311};
  client.require_signing = false;
  ServerOptions server = DefaultServer();
  server.dialects = {Dialect::k300};
  server.require_signing = false;
  return Pair(std::move(client), std::move(server));
}

TEST(ValidateNegotiateResponse, AnUnsignedValidationIsNone) {
  Pair pair = Lax();
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  pair.to_client = [](Octets& message) {
    if (ParseHeader(message)->command == Command::kIoctl) {
      message[16] &= static_cast<uint8_t>(~kFlagSigned);
    }
  };
  ASSERT_TRUE(pair.ConnectTree());
  ExpectRefused(pair);
}

// [MS-SMB2] 3.2.5.14.12: an old server does not know the question, which it says under its
// signature. Every other error is an alarm.
TEST(ValidateNegotiateResponse, AnErrorInsteadOfAValidationIsBelievedWhereItSaysUnknown) {
  for (const NtStatus status :
       {kStatusFileClosed, kStatusInvalidDeviceRequest, kStatusNotSupported, kStatusAccessDenied,
        kStatusInvalidParameter, kStatusUserSessionDeleted}) {
    Pair pair = Lax();
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    SessionSecurity server({.dialect = Dialect::k300, .signing = SigningAlgorithm::kAesCmac},
                           Sender::kServer, pair.client().context().ExportSessionKey().value(),
                           PreauthHash(), pair.client().session_id());
    pair.to_client = [&server, status](Octets& message) {
      Header header = ParseHeader(message).value();
      if (header.command == Command::kIoctl) {
        header.status = status;
        WriteHeader(header, std::span(message).first<kHeaderSize>());
        server.signer().Sign(message);
      }
    };
    ASSERT_TRUE(pair.ConnectTree());
    const bool unknown = status == kStatusFileClosed || status == kStatusInvalidDeviceRequest ||
                         status == kStatusNotSupported;
    EXPECT_EQ(pair.client().established(), unknown);
    EXPECT_EQ(pair.responses.size(), unknown ? 1u : 0u);
  }
}

// [MS-SMB2] 3.3.5.15.12: on 3.1.1 nobody asks, since the preauth hash has told.
TEST(ValidateNegotiateOn311, Closes) {
  Pair pair;
  pair.LogIn();
  ASSERT_TRUE(pair.ConnectTree());
  const NegotiateRequest negotiate = ParseNegotiateRequest(pair.sent_to_server[0]).value();
  const ValidateNegotiateRequest said = {negotiate.capabilities, negotiate.client_guid,
                                         negotiate.security_mode, negotiate.dialects};
  ASSERT_TRUE(pair.Request(Command::kIoctl, WriteValidateNegotiateRequest(said)));
  EXPECT_TRUE(pair.server_closed);
  EXPECT_EQ(pair.requests.size(), 1u);
}

}  // namespace
}  // namespace epa::smb2
