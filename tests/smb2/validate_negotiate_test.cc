// FSCTL_VALIDATE_NEGOTIATE_INFO: what shows, below 3.1.1, that nobody changed the negotiation.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/session_security.h"
#include "tests/smb2/raw_server.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/fake_package.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

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

// A session of the fake package on a connection that began with SMB1's NEGOTIATE and "SMB 2.002",
// or with that of SMB 2.
class Validating {
 public:
  explicit Validating(bool smb1, std::vector<uint16_t> dialects = {0x0202}) {
    ServerOptions options = OpenServer();
    options.credentials = test::MakeFakeCredentials();
    server_ = std::make_unique<RawServer>(std::move(options));
    if (smb1) {
      server_->SendOctets(
          test::FromHex("ff534d4272000000001853c80000000000000000000000000000fffe00000000000b0002"
                        "534d4220322e30303200"));
      server_->SkipId();
    } else {
      server_->Negotiate(std::move(dialects));
    }
    id_ = HeaderOf(server_->SetUp("login alice")).session_id;
  }
  // Whether the server confirms it.
  bool Says(const ValidateNegotiateRequest& said) {
    const ServerOutput output = server_->Send({.command = Command::kIoctl, .session_id = id_},
                                              WriteValidateNegotiateRequest(said));
    EXPECT_EQ(output.close, output.send.empty());
    return !output.close && StatusOf(output) == kStatusSuccess;
  }

 private:
  std::unique_ptr<RawServer> server_;
  uint64_t id_ = 0;
};

// [MS-SMB2] 3.3.5.15.12: an SMB1 NEGOTIATE says neither GUID nor mode nor capabilities; what the
// dialects come to is compared all the same, or an attacker could leave "SMB 2.???" out.
TEST(ValidateNegotiateAfterSmb1, TheDialectsDecide) {
  const struct {
    std::vector<uint16_t> dialects;
    bool confirmed;
  } rows[] = {{{0x0202}, true},          {{0x0202, 0x0222}, true},  // which nobody speaks
              {{0x0202, 0x0210}, false}, {{0x0202, 0x0210, 0x0300, 0x0302}, false},
              {{0x0210}, false},         {{0x0222}, false}};
  for (const auto& [dialects, confirmed] : rows) {
    EXPECT_EQ(Validating(/*smb1=*/true).Says({0x7f, {1, 2, 3}, kSigningEnabled, dialects}),
              confirmed);
  }
}

TEST(ValidateNegotiateAfterSmb2, EverythingDecides) {
  const ValidateNegotiateRequest right = {0, {}, kSigningEnabled, {0x0202, 0x0210}};
  const auto says = [](const ValidateNegotiateRequest& said) {
    return Validating(/*smb1=*/false, {0x0202, 0x0210}).Says(said);
  };
  EXPECT_TRUE(says(right));
  EXPECT_TRUE(says({0, {}, kSigningEnabled, {0x0210}}));  // which comes to the same
  EXPECT_FALSE(says({1, {}, kSigningEnabled, right.dialects}));
  EXPECT_FALSE(says({0, {1}, kSigningEnabled, right.dialects}));
  EXPECT_FALSE(says({0, {}, kSigningRequired, right.dialects}));
  EXPECT_FALSE(says({0, {}, kSigningEnabled, {0x0202}}));
  EXPECT_FALSE(says({0, {}, kSigningEnabled, {0x0202, 0x0210, 0x0300}}));
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
