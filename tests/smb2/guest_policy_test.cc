// The insecure guest logon policy: the table as a function, then over the wire.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/smb2/messages/session_setup.h"
#include "tests/smb2/smb2_pair.h"

namespace epa::smb2 {
namespace {

const std::vector<Dialect> kAllDialects = {Dialect::k202, Dialect::k210, Dialect::k300,
                                           Dialect::k302, Dialect::k311};
const std::vector<LogonKind> kAllLogons = {LogonKind::kUser, LogonKind::kGuest,
                                           LogonKind::kAnonymous};

GuestLogonPolicy Policy(bool allow, bool require_signing, bool require_encryption = false) {
  return {allow, require_signing, require_encryption};
}

// Every combination of the settings.
std::vector<GuestLogonPolicy> AllPolicies() {
  std::vector<GuestLogonPolicy> policies;
  for (const bool allow : {false, true}) {
    for (const bool signing : {false, true}) {
      for (const bool encryption : {false, true}) {
        policies.push_back(Policy(allow, signing, encryption));
      }
    }
  }
  return policies;
}

void ExpectBlocked(const GuestLogonDecision& decision) {
  EXPECT_FALSE(decision.accepted);
  EXPECT_FALSE(decision.has_session_key);
  EXPECT_EQ(decision.win32_error, 1272u);
  EXPECT_EQ(decision.hresult, 0x80070035u);
  EXPECT_EQ(decision.event, 31017u);
}

void ExpectAllowedAsGuest(const GuestLogonDecision& decision) {
  EXPECT_TRUE(decision.accepted);
  EXPECT_FALSE(decision.has_session_key);
  EXPECT_EQ(decision.win32_error, 0u);
  EXPECT_EQ(decision.event, 31022u);
}

TEST(GuestTable, Smb1IsNotAffected) {
  for (const GuestLogonPolicy& policy : AllPolicies()) {
    for (const LogonKind logon : kAllLogons) {
      const auto decision = DecideGuestLogon(policy, std::nullopt, logon, GrantedSession::kGuest);
      EXPECT_TRUE(decision.accepted);
      EXPECT_FALSE(decision.has_session_key);
      EXPECT_FALSE(decision.event.has_value());
    }
  }
}

TEST(GuestTable, AUserIsAcceptedWhateverTheSettings) {
  for (const Dialect dialect : kAllDialects) {
    for (const GuestLogonPolicy& policy : AllPolicies()) {
      const auto decision =
          DecideGuestLogon(policy, dialect, LogonKind::kUser, GrantedSession::kUser);
      EXPECT_TRUE(decision.accepted);
      EXPECT_TRUE(decision.has_session_key);
      EXPECT_FALSE(decision.event.has_value());
    }
  }
}

TEST(GuestTable, BlockedGuestsAreRefusedWhateverTheCredentials) {
  for (const Dialect dialect : kAllDialects) {
    for (const LogonKind logon : kAllLogons) {
      for (const bool signing : {false, true}) {
        ExpectBlocked(
            DecideGuestLogon(Policy(false, signing), dialect, logon, GrantedSession::kGuest));
      }
    }
  }
}

TEST(GuestTable, AllowedGuestsAreAcceptedWithoutSigningAndEncryption) {
  for (const Dialect dialect : kAllDialects) {
    for (const LogonKind logon : kAllLogons) {
      ExpectAllowedAsGuest(
          DecideGuestLogon(Policy(true, false), dialect, logon, GrantedSession::kGuest));
    }
  }
}

TEST(GuestTable, AllowedGuestsAreRefusedWhereSigningOrEncryptionIsRequired) {
  for (const Dialect dialect : kAllDialects) {
    for (const LogonKind logon : kAllLogons) {
      ExpectBlocked(DecideGuestLogon(Policy(true, true), dialect, logon, GrantedSession::kGuest));
      ExpectBlocked(
          DecideGuestLogon(Policy(true, false, true), dialect, logon, GrantedSession::kGuest));
    }
  }
}

TEST(GuestTable, AnonymousSessionsThatWereAskedForAreNotTheSettingsBusiness) {
  for (const Dialect dialect : kAllDialects) {
    for (const bool allow : {false, true}) {
      for (const bool signing : {false, true}) {
        for (const auto granted : {GrantedSession::kAnonymous, GrantedSession::kUser}) {
          const auto decision =
              DecideGuestLogon(Policy(allow, signing), dialect, LogonKind::kAnonymous, granted);
          EXPECT_TRUE(decision.accepted);
          EXPECT_FALSE(decision.has_session_key);
          EXPECT_FALSE(decision.event.has_value());
        }
      }
    }
  }
}

TEST(GuestTable, AnAnonymousSessionNobodyAskedForIsRefused) {
  for (const GuestLogonPolicy& policy : AllPolicies()) {
    for (const LogonKind logon : {LogonKind::kUser, LogonKind::kGuest}) {
      const auto decision =
          DecideGuestLogon(policy, Dialect::k311, logon, GrantedSession::kAnonymous);
      EXPECT_FALSE(decision.accepted);
      EXPECT_FALSE(decision.event.has_value());
    }
  }
}

ServerOptions GuestServer() {
  ServerOptions server = OpenServer();
  server.credentials = ServerCredentials(GuestAuthority());
  return server;
}

ClientOptions GuestClient(Dialect dialect, bool allow, bool require_signing) {
  ClientOptions client = DefaultClient();
  client.dialects = {dialect};
  client.allow_insecure_guest = allow;
  client.require_signing = require_signing;
  return client;
}

ClientOptions AnonymousClient(Dialect dialect, bool require_signing) {
  ClientOptions client = DefaultClient();
  client.dialects = {dialect};
  client.credentials = AnonymousCredentials();
  client.logon = LogonKind::kAnonymous;
  client.require_signing = require_signing;
  return client;
}

std::string FieldOf(const AuditEvent& event, std::string_view name) {
  for (const WindowsEventField& field : event.windows_event->fields) {
    if (field.name == name) {
      return field.value;
    }
  }
  return "no such field";
}

TEST(GuestLogon, BlockedOverTheWire) {
  for (const Dialect dialect : kAllDialects) {
    SCOPED_TRACE(DialectName(dialect));
    Pair pair(GuestClient(dialect, false, true), GuestServer());
    pair.LogIn();
    EXPECT_FALSE(pair.client().established());
    ASSERT_TRUE(pair.client().refusal().has_value());
    EXPECT_EQ(pair.client().refusal()->kind, ClientRefusal::Kind::kGuestPolicy);
    EXPECT_EQ(pair.client().refusal()->win32_error, 1272u);
    EXPECT_EQ(pair.client().refusal()->hresult, 0x80070035u);
    EXPECT_TRUE(pair.client_closed);
    EXPECT_FALSE(pair.ConnectTree());
    ASSERT_EQ(pair.client_audit->events.size(), 1u);
    const AuditEvent& event = pair.client_audit->events[0];
    EXPECT_EQ(event.outcome, AuditOutcome::kRefused);
    EXPECT_EQ(event.reason, Reason::kGuestRefused);
    ASSERT_TRUE(event.windows_event.has_value());
    EXPECT_EQ(event.windows_event->id, 31017);
    EXPECT_EQ(event.windows_event->level, WindowsEventLevel::kError);
    EXPECT_EQ(FieldOf(event, "UserName"), "alice");
    EXPECT_EQ(FieldOf(event, "UserNameLength"), "5");
    EXPECT_EQ(FieldOf(event, "ServerName"), "\\files.example.com");
  }
}

TEST(GuestLogon, AllowedOverTheWireAndNeverProtected) {
  for (const Dialect dialect : kAllDialects) {
    SCOPED_TRACE(DialectName(dialect));
    Pair pair(GuestClient(dialect, true, false), GuestServer());
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    EXPECT_EQ(pair.client().granted(), GrantedSession::kGuest);
    EXPECT_FALSE(pair.client().is_signed());
    EXPECT_FALSE(pair.client().encrypts());
    EXPECT_FALSE(pair.client().signing_algorithm().has_value());
    EXPECT_FALSE(pair.client().cipher().has_value());
    const ServerSession* const session = pair.server().session(pair.client().session_id());
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->identity(), IdentityKind::kGuest);
    EXPECT_FALSE(session->signing_required());
    EXPECT_FALSE(session->encryption_required());
    EXPECT_FALSE(session->ApplicationKey().ok());
    ASSERT_TRUE(pair.ConnectTree());
    ASSERT_EQ(pair.responses.size(), 1u);
    EXPECT_FALSE(pair.responses[0].is_signed());
    // 31018 when the setting is taken into use, 31022 at every logon.
    ASSERT_EQ(pair.client_audit->events.size(), 2u);
    ASSERT_TRUE(pair.client_audit->events[0].windows_event.has_value());
    EXPECT_EQ(pair.client_audit->events[0].windows_event->id, 31018);
    ASSERT_TRUE(pair.client_audit->events[1].windows_event.has_value());
    EXPECT_EQ(pair.client_audit->events[1].windows_event->id, 31022);
    EXPECT_EQ(pair.client_audit->events[1].outcome, AuditOutcome::kAccepted);
  }
}

// What the server said at the end of the login.
std::pair<Header, uint16_t> LastAnswerOfLogin(const Pair& pair) {
  for (auto message = pair.sent_to_client.rbegin(); message != pair.sent_to_client.rend();
       ++message) {
    const Header header = ParseHeader(*message).value();
    if (header.command == Command::kSessionSetup) {
      return {header, ParseSessionSetupResponse(*message).value().session_flags};
    }
  }
  ADD_FAILURE() << "no answer to SESSION_SETUP";
  return {};
}

// [MS-SMB2] 2.2.6, 3.3.5.5.3: flags as they are, and no signature without a key.
TEST(GuestLogon, TheServerSaysWhatTheSessionIs) {
  for (const Dialect dialect : kAllDialects) {
    Pair guest(GuestClient(dialect, true, false), GuestServer());
    guest.LogIn();
    EXPECT_EQ(LastAnswerOfLogin(guest).second, 0x0001);
    EXPECT_FALSE(LastAnswerOfLogin(guest).first.is_signed());
    Pair anonymous(AnonymousClient(dialect, false), OpenServer());
    anonymous.LogIn();
    EXPECT_EQ(LastAnswerOfLogin(anonymous).second, 0x0002);
    EXPECT_FALSE(LastAnswerOfLogin(anonymous).first.is_signed());
    ClientOptions client = DefaultClient();
    client.dialects = {dialect};
    Pair user(std::move(client), DefaultServer());
    user.LogIn();
    EXPECT_EQ(LastAnswerOfLogin(user).second, 0);
    EXPECT_TRUE(LastAnswerOfLogin(user).first.is_signed());
  }
  ServerOptions encrypting = DefaultServer();
  encrypting.encryption = EncryptionPolicy::kRequired;
  Pair user(DefaultClient(), std::move(encrypting));
  user.LogIn();
  EXPECT_EQ(LastAnswerOfLogin(user).second, 0x0004);
}

TEST(GuestLogon, AllowedButSigningOrEncryptionRequired) {
  for (const Dialect dialect : kAllDialects) {
    Pair signing(GuestClient(dialect, true, true), GuestServer());
    signing.LogIn();
    ASSERT_TRUE(signing.client().refusal().has_value());
    EXPECT_EQ(signing.client().refusal()->kind, ClientRefusal::Kind::kGuestPolicy);
    EXPECT_TRUE(signing.client().refusal()->detail.ends_with("cannot sign as is required"));
  }
  ClientOptions client = GuestClient(Dialect::k311, true, false);
  client.encryption = EncryptionPolicy::kRequired;
  Pair encryption(std::move(client), GuestServer());
  encryption.LogIn();
  ASSERT_TRUE(encryption.client().refusal().has_value());
  EXPECT_EQ(encryption.client().refusal()->kind, ClientRefusal::Kind::kGuestPolicy);
  EXPECT_TRUE(encryption.client().refusal()->detail.ends_with("cannot encrypt as is required"));
}

// 31018 is about a setting that somebody switched on where it is off by itself.
TEST(GuestLogon, TheSettingIsToldWhereItWasSwitchedOn) {
  for (const bool allowed : {false, true}) {
    for (const bool by_default : {false, true}) {
      ClientOptions client = GuestClient(Dialect::k311, allowed, false);
      client.insecure_guest_by_default = by_default;
      Pair pair(std::move(client), GuestServer());
      EXPECT_EQ(pair.client_audit->events.size(), allowed && !by_default ? 1u : 0u)
          << allowed << by_default;
    }
  }
}

TEST(GuestLogon, AServerThatAdmitsNoGuestsRefusesThem) {
  ServerOptions server = DefaultServer();
  server.credentials = ServerCredentials(GuestAuthority());
  Pair pair(GuestClient(Dialect::k311, true, false), std::move(server));
  pair.LogIn();
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, ClientRefusal::Kind::kServer);
  EXPECT_EQ(pair.client().refusal()->status, kStatusLogonFailure);
  ASSERT_EQ(pair.server_audit->events.size(), 1u);
  EXPECT_EQ(pair.server_audit->events[0].reason, Reason::kGuestRefused);
}

TEST(AnonymousLogon, AskedForAndNeverProtected) {
  for (const Dialect dialect : kAllDialects) {
    for (const bool require_signing : {false, true}) {
      Pair pair(AnonymousClient(dialect, require_signing), OpenServer());
      pair.LogIn();
      ASSERT_TRUE(pair.client().established());
      EXPECT_EQ(pair.client().granted(), GrantedSession::kAnonymous);
      EXPECT_FALSE(pair.client().is_signed());
      EXPECT_FALSE(pair.client().encrypts());
      EXPECT_TRUE(pair.client_audit->events.empty());
      EXPECT_TRUE(pair.ConnectTree());
      EXPECT_EQ(pair.responses.size(), 1u);
    }
  }
}

TEST(AnonymousLogon, IsRefusedByAServerThatDoesNotAdmitIt) {
  Pair pair(AnonymousClient(Dialect::k311, false), DefaultServer());
  pair.LogIn();
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->status, kStatusLogonFailure);
}

// What the login with an empty SessionFlags in the server's last word becomes.
void SayNothing(Octets& message) {
  const Header header = ParseHeader(message).value();
  if (header.command == Command::kSessionSetup && header.status == kStatusSuccess) {
    message[kHeaderSize + 2] = 0;
  }
}

TEST(AnonymousLogon, AskedForThoughTheServerSaysNothing) {
  for (const Dialect dialect : kAllDialects) {
    Pair pair(AnonymousClient(dialect, /*require_signing=*/true), OpenServer());
    pair.to_client = SayNothing;
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    EXPECT_EQ(pair.client().granted(), GrantedSession::kAnonymous);
    EXPECT_FALSE(pair.client().is_signed());
  }
}

// The caller did not say that the credentials are nobody's, and the server says nothing either, as
// [MS-SMB2] 3.3.5.5.3 allows. Everybody knows the key, so a signature with it proves nothing.
TEST(AnonymousLogon, IsNoUsersSessionThoughNobodySaysSo) {
  for (const Dialect dialect : {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302}) {
    for (const LogonKind logon : {LogonKind::kUser, LogonKind::kGuest}) {
      ClientOptions client = AnonymousClient(dialect, /*require_signing=*/false);
      client.logon = logon;
      Pair pair(std::move(client), OpenServer());
      pair.to_client = SayNothing;
      pair.LogIn();
      EXPECT_FALSE(pair.client().established());
      EXPECT_FALSE(pair.client().is_signed());
      ASSERT_TRUE(pair.client().refusal().has_value());
      EXPECT_EQ(pair.client().refusal()->kind, ClientRefusal::Kind::kAnonymous);
    }
  }
}

TEST(AnonymousLogon, CannotBeEncrypted) {
  ClientOptions client = AnonymousClient(Dialect::k311, false);
  client.encryption = EncryptionPolicy::kRequired;
  Pair pair(std::move(client), OpenServer());
  pair.LogIn();
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, ClientRefusal::Kind::kAnonymous);
}

TEST(ServerSettings, AdmittingGuestsAndRequiringProtectionContradictEachOther) {
  ServerOptions signing = OpenServer();
  signing.require_signing = true;
  EXPECT_EQ(ServerConfig::Create(signing).status().code(), absl::StatusCode::kInvalidArgument);
  ServerOptions encryption = OpenServer();
  encryption.encryption = EncryptionPolicy::kRequired;
  EXPECT_EQ(ServerConfig::Create(encryption).status().code(), absl::StatusCode::kInvalidArgument);
  for (const bool guest : {false, true}) {  // either is enough
    signing.policy = TestPolicy({.level = 0, .allow_guest = guest, .allow_anonymous = !guest});
    EXPECT_EQ(ServerConfig::Create(signing).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(ServerConfig::Create(OpenServer()).ok());
}

}  // namespace
}  // namespace epa::smb2
