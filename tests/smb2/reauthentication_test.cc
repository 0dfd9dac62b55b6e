// A client logs in again on a session that it has ([MS-SMB2] 3.3.5.5.2): whose ticket ends must.
#include <gtest/gtest.h>

#include <memory>
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
#include "tests/support/fixed_clock.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

// Users of the fake package, on a server that asks for neither signing nor encryption.
ServerOptions FakeServer(test::FakePackageOptions package = {}) {
  ServerOptions options = OpenServer();
  options.credentials = test::MakeFakeCredentials(std::move(package));
  return options;
}

Octets KeyOf(RawServer& server, uint64_t id) {
  const auto key = server.connection().session(id)->ApplicationKey();
  return Octets(key->Expose().begin(), key->Expose().end());
}

TEST(Reauthentication, TheSessionLivesOnWithItsKeys) {
  RawServer server(FakeServer());
  server.Negotiate({0x0300});
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  const ServerSession* const session = server.connection().session(id);
  const Octets key = KeyOf(server, id);
  const ServerOutput first = server.SetUp("hello", id);
  EXPECT_EQ(StatusOf(first), kStatusMoreProcessingRequired);
  EXPECT_EQ(HeaderOf(first).session_id, id);
  // Meanwhile it works as before.
  EXPECT_EQ(server.Send({.command = Command::kRead, .session_id = id}, Octets(48)).requests.size(),
            1u);
  EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusSuccess);
  EXPECT_EQ(server.connection().session(id), session);
  EXPECT_EQ(server.connection().session_count(), 1u);
  EXPECT_EQ(KeyOf(server, id), key);
}

TEST(Reauthentication, ATicketThatHasEndedIsReplaced) {
  test::FixedClock clock(1000);
  FileTime expiry = 2000;
  test::FakePackageOptions package;
  package.acceptor = [&expiry](std::string_view token, int step, test::FakeLogin& login) {
    login.expiry_time = expiry;
    return test::FakeAcceptorScript(token, step, login);
  };
  ServerOptions options = FakeServer(std::move(package));
  options.clock = &clock;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  const auto read = [&] {
    return server.Send({.command = Command::kRead, .session_id = id}, Octets(48));
  };
  clock.Set(2500);
  EXPECT_EQ(StatusOf(read()), kStatusNetworkSessionExpired);
  EXPECT_EQ(StatusOf(server.SetUp("wrong", id)), kStatusLogonFailure);
  EXPECT_EQ(StatusOf(read()), kStatusNetworkSessionExpired);
  expiry = 3000;
  EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusSuccess);
  EXPECT_EQ(read().requests.size(), 1u);
  clock.Set(3000);
  EXPECT_EQ(StatusOf(read()), kStatusNetworkSessionExpired);
}

TEST(Reauthentication, AFailureLeavesTheSessionAsItWas) {
  RawServer server(FakeServer());
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  const struct {
    std::string_view token;
    NtStatus status;
  } rows[] = {{"wrong", kStatusLogonFailure},
              {"login bob", kStatusLogonFailure},
              {"garbage", kStatusLogonFailure}};
  for (const auto& [token, status] : rows) {
    const ServerOutput output = server.SetUp(token, id);
    EXPECT_EQ(StatusOf(output), status) << token;
    EXPECT_FALSE(output.close) << token;
    ASSERT_NE(server.connection().session(id), nullptr) << token;
    EXPECT_EQ(server.connection().session(id)->context().peer()->account()->user, "alice") << token;
    EXPECT_EQ(
        server.Send({.command = Command::kRead, .session_id = id}, Octets(48)).requests.size(), 1u);
  }
}

TEST(Reauthentication, PendingWorkIsTakenBack) {
  RawServer server(FakeServer());
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  ServerOutput output = server.SetUp("ask alice", id);
  ASSERT_NE(output.pending_work, nullptr);
  output.pending_work->Run();
  output = server.connection().Resume(std::move(output.pending_work));
  EXPECT_EQ(StatusOf(output), kStatusSuccess);
  EXPECT_EQ(HeaderOf(output).session_id, id);
  EXPECT_EQ(server.connection().session_count(), 1u);
}

// A login that goes on behind a log-off must not make a session of it.
TEST(Reauthentication, EndsWithItsSession) {
  RawServer server(FakeServer());
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  ASSERT_EQ(StatusOf(server.SetUp("hello", id)), kStatusMoreProcessingRequired);
  ASSERT_EQ(StatusOf(server.Send({.command = Command::kLogoff, .session_id = id}, kShortBody)),
            kStatusSuccess);
  EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusUserSessionDeleted);
  EXPECT_EQ(server.connection().session_count(), 0u);
}

TEST(Reauthentication, NeedsNoRoomForAnotherSession) {
  ServerOptions options = FakeServer();
  options.max_sessions = 1;
  RawServer server(std::move(options));
  server.Negotiate();
  const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
  EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusSuccess);
}

// Nobody could show that the session is his.
TEST(Reauthentication, SessionsWithoutAKeyHaveNone) {
  for (const PeerIdentity& nobody : {PeerIdentity::Guest(), PeerIdentity::Anonymous()}) {
    test::FakePackageOptions package;
    package.login.identity = nobody;
    RawServer server(FakeServer(std::move(package)));
    server.Negotiate();
    const uint64_t id = HeaderOf(server.SetUp("login alice")).session_id;
    EXPECT_EQ(StatusOf(server.SetUp("login alice", id)), kStatusRequestNotAccepted);
    EXPECT_NE(server.connection().session(id), nullptr);
  }
}

// A client that is logged in on 3.0, with the session's key in the test's hands.
class SignedReauthentication : public ::testing::Test {
 protected:
  explicit SignedReauthentication(bool encrypt = false) : pair_(Client(), Server(encrypt)) {
    pair_.LogIn();
    security_ = std::make_unique<SessionSecurity>(
        Agreement{.dialect = Dialect::k300,
                  .signing = SigningAlgorithm::kAesCmac,
                  .cipher = Cipher::kAes128Ccm},
        Sender::kClient, pair_.client().context().ExportSessionKey().value(), PreauthHash(), id());
  }
  static ClientOptions Client() {
    ClientOptions client = DefaultClient();
    client.dialects = {Dialect::k300};
    return client;
  }
  static ServerOptions Server(bool encrypt) {
    ServerOptions server = DefaultServer();
    server.encryption = encrypt ? EncryptionPolicy::kRequired : EncryptionPolicy::kAvailable;
    return server;
  }
  uint64_t id() { return pair_.client().session_id(); }

  // One SESSION_SETUP; the response's header, which is checked for the session's protection.
  std::pair<Header, Octets> SetUp(const Octets& token, Protection protection) {
    SessionSetupRequest request;
    request.token = token;
    Octets frame;
    AppendFrame({.command = Command::kSessionSetup, .message_id = next_id_++, .session_id = id()},
                WriteSessionSetupRequest(request), protection, security_.get(), frame);
    ServerOutput output = pair_.server().OnMessage(std::span(frame).subspan(kFrameHeaderSize));
    EXPECT_FALSE(output.close) << output.reason;
    std::span<uint8_t> message = std::span(output.send).subspan(kFrameHeaderSize);
    if (IsTransformed(message)) {
      EXPECT_TRUE(security_->opener().Open(ParseTransformHeader(message).value(), message));
      message = message.subspan(kTransformHeaderSize);
      was_encrypted_ = true;
    } else if (ParseHeader(message)->is_signed()) {
      EXPECT_TRUE(security_->signer().Verify(message));
    }
    const auto response = ParseSessionSetupResponse(message);
    return {ParseHeader(message).value(),
            response.ok() ? Octets(response->token.begin(), response->token.end()) : Octets()};
  }
  // The last status.
  NtStatus LogIn(std::shared_ptr<const Credentials> credentials, Protection protection) {
    InitiateOptions options;
    options.credentials = std::move(credentials);
    options.channel = Channel::Plain();
    options.parameters.target_name = "cifs/files";
    const auto context = SecurityContext::Initiate(std::move(options)).value();
    Octets token = context->Step({})->token;
    while (true) {
      const auto [header, answer] = SetUp(token, protection);
      const bool open = header.status == kStatusMoreProcessingRequired;
      EXPECT_EQ(header.is_signed(), protection == Protection::kSign);
      EXPECT_EQ(was_encrypted_, protection == Protection::kEncrypt);
      if (!open) {
        return header.status;
      }
      token = context->Step(answer)->token;
    }
  }
  // What the session is good for afterwards, with the keys it had.
  void ExpectAlive() {
    ASSERT_NE(pair_.server().session(id()), nullptr);
    EXPECT_EQ(pair_.server().session(id())->context().peer()->account()->user, "alice");
    const size_t before = pair_.requests.size();
    ASSERT_TRUE(pair_.Request(Command::kRead, Octets(48)));
    EXPECT_EQ(pair_.requests.size(), before + 1);
    EXPECT_EQ(pair_.responses.size(), before + 1);
  }

  Pair pair_;
  std::unique_ptr<SessionSecurity> security_;
  uint64_t next_id_ = 20;
  bool was_encrypted_ = false;
};

TEST_F(SignedReauthentication, IsSignedInBothDirections) {
  EXPECT_EQ(LogIn(ClientCredentials(), Protection::kSign), kStatusSuccess);
  ExpectAlive();
}

TEST_F(SignedReauthentication, MayBeEncrypted) {
  EXPECT_EQ(LogIn(ClientCredentials(), Protection::kEncrypt), kStatusSuccess);
  ExpectAlive();
}

TEST_F(SignedReauthentication, UnsignedOrWronglySignedNothingBegins) {
  EXPECT_EQ(SetUp({}, Protection::kNone).first.status, kStatusAccessDenied);
  security_ = std::make_unique<SessionSecurity>(
      Agreement{.dialect = Dialect::k300, .signing = SigningAlgorithm::kAesCmac}, Sender::kClient,
      SecretBytes::FromText("another key....."), PreauthHash(), id());
  EXPECT_EQ(SetUp({}, Protection::kSign).first.status, kStatusAccessDenied);
  ExpectAlive();
}

TEST_F(SignedReauthentication, RefusalsAreSigned) {
  EXPECT_EQ(LogIn(CredentialsWithWrongPassword(), Protection::kSign), kStatusLogonFailure);
  ExpectAlive();
}

TEST_F(SignedReauthentication, AnotherUsersPasswordIsNotEnough) {
  ntlm::InitiatorOptions bob;
  bob.user = "bob";
  bob.domain = "EXAMPLE";
  bob.password = SecretBytes::FromText("secret-bob");
  EXPECT_EQ(LogIn(ClientCredentials(std::move(bob)), Protection::kSign), kStatusLogonFailure);
  EXPECT_EQ(pair_.server_audit->events.back().reason, Reason::kConnectionOwnerDiffers);
  ExpectAlive();
}

class EncryptedReauthentication : public SignedReauthentication {
 protected:
  EncryptedReauthentication() : SignedReauthentication(/*encrypt=*/true) {}
};

// [MS-SMB2] 3.3.5.2.9: all but SESSION_SETUP is encrypted.
TEST_F(EncryptedReauthentication, MayBeSignedInstead) {
  EXPECT_EQ(LogIn(ClientCredentials(), Protection::kSign), kStatusSuccess);
  ExpectAlive();
  EXPECT_EQ(SetUp({}, Protection::kNone).first.status, kStatusAccessDenied);
}

}  // namespace
}  // namespace epa::smb2
