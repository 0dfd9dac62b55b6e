// What a client believes of a server, and of whoever stands between.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/smb2/message_cipher.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

using Kind = ClientRefusal::Kind;

Command CommandOf(const Octets& message) { return ParseHeader(message).value().command; }
NtStatus StatusOf(const Octets& message) { return ParseHeader(message).value().status; }

void Replace(Octets& message, std::span<const uint8_t> body) {
  message.resize(kHeaderSize);
  message.insert(message.end(), body.begin(), body.end());
}

void ExpectRefused(Pair& pair, Kind kind) {
  EXPECT_FALSE(pair.client().established());
  EXPECT_FALSE(pair.client().is_signed());
  EXPECT_FALSE(pair.client().encrypts());
  EXPECT_TRUE(pair.client_closed);
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->kind, kind) << pair.client().refusal()->detail;
  EXPECT_FALSE(pair.client().refusal()->detail.empty());
}

// A server whose NEGOTIATE response is changed on the way.
void ExpectNegotiationRefused(ClientOptions options, Kind kind,
                              const std::function<void(NegotiateResponse&)>& change) {
  Pair pair(std::move(options));
  pair.to_client = [&change](Octets& message) {
    const Octets copy = message;
    NegotiateResponse response = ParseNegotiateResponse(copy).value();
    change(response);
    Replace(message, WriteNegotiateResponse(response));
  };
  pair.LogIn();
  ExpectRefused(pair, kind);
}

TEST(ClientNegotiation, OnlyWhatWasOfferedIsTaken) {
  ClientOptions old = DefaultClient();
  old.dialects = {Dialect::k210, Dialect::k300};
  ExpectNegotiationRefused(old, Kind::kProtocol,
                           [](NegotiateResponse& response) { response.dialect = 0x0202; });
  ExpectNegotiationRefused(old, Kind::kProtocol,
                           [](NegotiateResponse& response) { response.dialect = 0x02FF; });
  ExpectNegotiationRefused(DefaultClient(), Kind::kProtocol, [](NegotiateResponse& response) {
    response.contexts->hashes = {0x0002};
  });
  ExpectNegotiationRefused(DefaultClient(), Kind::kProtocol, [](NegotiateResponse& response) {
    response.contexts->ciphers = {0x0005};
  });
  ExpectNegotiationRefused(DefaultClient(), Kind::kSecurity, [](NegotiateResponse& response) {
    response.contexts->signing_algorithms = {0x0003};
  });
  // Each is one choice, not a list to choose from again.
  ExpectNegotiationRefused(DefaultClient(), Kind::kProtocol, [](NegotiateResponse& response) {
    response.contexts->hashes = {1, 1};
  });
  ExpectNegotiationRefused(DefaultClient(), Kind::kProtocol, [](NegotiateResponse& response) {
    response.contexts->ciphers = {2, 1};
  });
  ExpectNegotiationRefused(DefaultClient(), Kind::kSecurity, [](NegotiateResponse& response) {
    response.contexts->signing_algorithms = {2, 1};
  });
  ClientOptions clear = DefaultClient();
  clear.encryption = EncryptionPolicy::kOff;
  ExpectNegotiationRefused(clear, Kind::kProtocol, [](NegotiateResponse& response) {
    response.contexts->ciphers = {0x0001};
  });
}

TEST(ClientNegotiation, RequiredEncryptionIsToBeHad) {
  ClientOptions options = DefaultClient();
  options.encryption = EncryptionPolicy::kRequired;
  ExpectNegotiationRefused(options, Kind::kSecurity,
                           [](NegotiateResponse& response) { response.contexts->ciphers.reset(); });
  options.dialects = {Dialect::k302};
  ExpectNegotiationRefused(options, Kind::kSecurity,
                           [](NegotiateResponse& response) { response.capabilities = 0; });
}

TEST(ClientNegotiation, SigningAlgorithmsThatWereNotOfferedAreNotTakenByDefault) {
  ClientOptions options = DefaultClient();
  options.signing_algorithms = {SigningAlgorithm::kAesGmac};
  ExpectNegotiationRefused(options, Kind::kSecurity, [](NegotiateResponse& response) {
    response.contexts->signing_algorithms.reset();
  });
}

TEST(ClientNegotiation, ARequiredClientEncryptsAgainstAServerThatDoesNotAskForIt) {
  for (const Dialect dialect : {Dialect::k300, Dialect::k302, Dialect::k311}) {
    ClientOptions options = DefaultClient();
    options.dialects = {dialect};
    options.encryption = EncryptionPolicy::kRequired;
    Pair pair(std::move(options));
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    EXPECT_TRUE(pair.client().encrypts());
    ASSERT_TRUE(pair.ConnectTree());
    EXPECT_EQ(pair.responses.size(), 1u);
    EXPECT_EQ(pair.sent_to_server.back().front(), 0xFD);
    EXPECT_EQ(pair.sent_to_client.back().front(), 0xFD);
  }
}

TEST(ClientLogin, AWrongPasswordIsTheServersWord) {
  ClientOptions options = DefaultClient();
  options.credentials = CredentialsWithWrongPassword();
  Pair pair(std::move(options));
  pair.LogIn();
  ExpectRefused(pair, Kind::kServer);
  EXPECT_EQ(pair.client().refusal()->status, kStatusLogonFailure);
}

// Whoever shows a refusal shows all of it: which member is filled depends on who refused.
TEST(ClientRefusalText, SaysWhatEveryKindOfRefusalKnows) {
  EXPECT_EQ(RefusalText({.kind = Kind::kServer,
                         .status = kStatusLogonFailure,
                         .detail = "the server refused the login"}),
            "the server refused the login: STATUS_LOGON_FAILURE (0xc000006d): the user name or the "
            "password is wrong");
  EXPECT_EQ(RefusalText({.kind = Kind::kServer, .status = 0xC0123456, .detail = "no"}),
            "no: status 0xc0123456");
  const std::string reason(ReasonText(Reason::kClientPolicyForbids));
  EXPECT_EQ(RefusalText({.kind = Kind::kLogin, .reason = Reason::kClientPolicyForbids}), reason);
  EXPECT_EQ(RefusalText({.kind = Kind::kLogin,
                         .reason = Reason::kClientPolicyForbids,
                         .detail = "RestrictSendingNTLMTraffic"}),
            reason + " (RestrictSendingNTLMTraffic)");
  EXPECT_EQ(RefusalText({.kind = Kind::kGuestPolicy,
                         .reason = Reason::kGuestRefused,
                         .win32_error = kWin32GuestLogonBlocked,
                         .hresult = kHresultBadNetPath,
                         .detail = "a guest"}),
            "a guest; on Windows: error 1272, 0x80070035, \"" +
                std::string(kGuestLogonBlockedText) + "\"");
  EXPECT_EQ(RefusalText({.kind = Kind::kProtocol, .detail = "garbage"}), "garbage");
}

TEST(NtStatus, NamesAndTexts) {
  EXPECT_EQ(NtStatusName(0xC0000234), "STATUS_ACCOUNT_LOCKED_OUT");
  EXPECT_EQ(NtStatusName(0xC0123456), "");
  EXPECT_EQ(NtStatusText(0xC0000234),
            "STATUS_ACCOUNT_LOCKED_OUT (0xc0000234): the account is locked");
  EXPECT_EQ(NtStatusText(kStatusFileClosed), "STATUS_FILE_CLOSED (0xc0000128)");
}

// Whatever is changed before the key is known shows in the last signature.
TEST(ClientLogin, On311AnyChangeOnTheWayIsNoticed) {
  const auto attempt = [](const std::function<void(Octets&)>& to_server,
                          const std::function<void(Octets&)>& to_client) {
    ClientOptions options = DefaultClient();
    options.require_signing = false;
    Pair pair(std::move(options));
    pair.to_server = to_server;
    pair.to_client = to_client;
    pair.LogIn();
    ExpectRefused(pair, Kind::kSecurity);
  };
  // The client's SecurityMode and the salts: nothing else looks at them.
  attempt(
      [](Octets& message) {
        if (CommandOf(message) == Command::kNegotiate) {
          message[kHeaderSize + 4] ^= kSigningRequired;
        }
      },
      nullptr);
  attempt(nullptr, [](Octets& message) {
    if (CommandOf(message) == Command::kNegotiate) {
      message[kHeaderSize + 2] ^= kSigningRequired;
    }
  });
  attempt(nullptr, [](Octets& message) {
    if (CommandOf(message) == Command::kSessionSetup &&
        StatusOf(message) == kStatusMoreProcessingRequired) {
      message[14] ^= 1;  // the credits that were granted
    }
  });
}

TEST(ClientLogin, TheLastResponseIsSignedWhereItMustBe) {
  for (const Dialect dialect :
       {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302, Dialect::k311}) {
    SCOPED_TRACE(DialectName(dialect));
    ClientOptions options = DefaultClient();
    options.dialects = {dialect};
    for (const bool strip : {false, true}) {
      Pair pair(options);
      pair.to_client = [strip](Octets& message) {
        if (CommandOf(message) == Command::kSessionSetup && StatusOf(message) == kStatusSuccess) {
          if (strip) {
            message[16] &= static_cast<uint8_t>(~kFlagSigned);
          } else {
            message[kHeaderSize + 2] ^= kSessionEncryptData;
          }
        }
      };
      pair.LogIn();
      ExpectRefused(pair, Kind::kSecurity);
    }
  }
}

TEST(ClientLogin, ASessionIdDoesNotChange) {
  Pair pair;
  pair.to_client = [](Octets& message) {
    if (CommandOf(message) == Command::kSessionSetup && StatusOf(message) == kStatusSuccess) {
      message[40] ^= 1;
    }
  };
  pair.LogIn();
  ExpectRefused(pair, Kind::kProtocol);
}

TEST(ClientLogin, RoundsAreCounted) {
  ClientOptions options = DefaultClient();
  options.max_rounds = 1;
  Pair pair(std::move(options));
  pair.LogIn();
  ExpectRefused(pair, Kind::kProtocol);
}

TEST(ClientLogin, SuccessBeforeTheServerProvedAnythingIsNotBelieved) {
  Pair pair;
  pair.to_client = [](Octets& message) {
    if (CommandOf(message) == Command::kSessionSetup) {
      message[8] = message[9] = message[10] = message[11] = 0;  // STATUS_SUCCESS at once
      Replace(message, WriteSessionSetupResponse({}));
    }
  };
  pair.LogIn();
  EXPECT_FALSE(pair.client().established());
  EXPECT_TRUE(pair.client().refusal().has_value());
}

TEST(ClientMessages, OnlyAnswersToItsOwnRequestsAreTaken) {
  for (const size_t offset : {size_t{12}, size_t{16}, size_t{24}}) {  // command, flags, message id
    Pair pair;
    pair.to_client = [offset](Octets& message) { message[offset] ^= 1; };
    pair.LogIn();
    ExpectRefused(pair, Kind::kProtocol);
  }
}

TEST(ClientMessages, GarbageIsRefused) {
  for (const Octets& garbage : {Octets{}, Octets(64, 0), Octets{0xFD, 'S', 'M', 'B'},
                                Octets{0xFC, 'S', 'M', 'B'}, Octets{0xFF, 'S', 'M', 'B'}}) {
    Pair pair;
    pair.to_client = [&garbage](Octets& message) { message = garbage; };
    pair.LogIn();
    EXPECT_FALSE(pair.client().established());
    EXPECT_TRUE(pair.client().refusal().has_value());
  }
}

TEST(ClientMessages, AChangedOrUnsignedResponseIsRefused) {
  for (const Dialect dialect : {Dialect::k210, Dialect::k300, Dialect::k311}) {
    for (const bool strip : {false, true}) {
      ClientOptions options = DefaultClient();
      options.dialects = {dialect};
      Pair pair(std::move(options));
      pair.LogIn();
      ASSERT_TRUE(pair.client().established());
      pair.to_client = [strip](Octets& message) {
        if (strip) {
          message[16] &= static_cast<uint8_t>(~kFlagSigned);
        } else {
          message.back() ^= 1;
        }
      };
      ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
      ExpectRefused(pair, Kind::kSecurity);
      EXPECT_TRUE(pair.responses.empty());
    }
  }
}

TEST(ClientMessages, AClearResponseOnAnEncryptedSessionIsRefused) {
  ClientOptions options = DefaultClient();
  options.encryption = EncryptionPolicy::kRequired;
  Pair pair(std::move(options));
  pair.LogIn();
  ASSERT_TRUE(pair.client().established());
  const uint64_t session_id = pair.client().session_id();
  pair.to_client = [session_id](Octets& message) {
    Header header;
    header.command = Command::kRead;
    header.flags = kFlagResponse;
    header.message_id = 3;
    header.session_id = session_id;
    message.assign(kHeaderSize + 9, 0);
    WriteHeader(header, std::span(message).first<kHeaderSize>());
  };
  ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
  ExpectRefused(pair, Kind::kSecurity);
}

TEST(ClientMessages, AnEncryptedResponseWithoutKeysIsRefused) {
  ClientOptions anonymous = DefaultClient();
  anonymous.credentials = AnonymousCredentials();
  anonymous.logon = LogonKind::kAnonymous;
  anonymous.require_signing = false;
  ClientOptions old = DefaultClient();
  old.dialects = {Dialect::k210};
  for (const ClientOptions& options : {anonymous, old}) {
    Pair pair(options, OpenServer());
    pair.LogIn();
    ASSERT_TRUE(pair.client().established());
    const uint64_t session_id = pair.client().session_id();
    pair.to_client = [session_id](Octets& message) {
      TransformHeader header;
      header.original_size = static_cast<uint32_t>(message.size());
      header.session_id = session_id;
      message.insert(message.begin(), kTransformHeaderSize, 0);
      WriteTransformHeader(header, std::span(message).first<kTransformHeaderSize>());
    };
    ASSERT_TRUE(pair.Request(Command::kRead, Octets(48)));
    ExpectRefused(pair, Kind::kSecurity);
  }
}

TEST(ClientMessages, NothingIsSentBeforeTheLoginOrAfterTheEnd) {
  Pair pair;
  EXPECT_FALSE(pair.ConnectTree());
  EXPECT_FALSE(pair.LogOff());
  pair.LogIn();
  EXPECT_TRUE(pair.client().Start().empty());
  EXPECT_TRUE(pair.LogOff());
  EXPECT_FALSE(pair.ConnectTree());
  Octets message(64);
  EXPECT_THAT(pair.client().OnMessage(message),
              test::StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ClientMessages, RequestsWaitForCredits) {
  Pair pair;
  pair.LogIn();
  int sent = 0;
  while (pair.client().SendRequest(Command::kRead, 1, Octets(48)).ok()) {
    ASSERT_LT(++sent, 10000);
  }
  EXPECT_GT(sent, 1);
  EXPECT_THAT(pair.client().SendRequest(Command::kRead, 1, Octets(48)),
              test::StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(ClientSettings, AreCheckedOnce) {
  const auto code = [](auto change) {
    ClientOptions options = DefaultClient();
    change(options);
    return ClientConnection::Create(std::move(options)).status().code();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](ClientOptions&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(code([](ClientOptions& o) { o.credentials = nullptr; }), kInvalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.dialects.clear(); }), kInvalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.ciphers.clear(); }), kInvalid);
  EXPECT_EQ(code([](ClientOptions& o) { o.max_rounds = 0; }), kInvalid);
  EXPECT_EQ(code([](ClientOptions& o) {
              o.dialects = {Dialect::k202, Dialect::k210};
              o.encryption = EncryptionPolicy::kRequired;
            }),
            kInvalid);
}

}  // namespace
}  // namespace epa::smb2
