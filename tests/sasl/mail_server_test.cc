#include "epa/sasl/mail_server.h"

#include <gtest/gtest.h>

#include "lib/base/base64.h"
#include "tests/sasl/sasl_test_support.h"

namespace epa::sasl {
namespace {

constexpr MailProtocol kProtocols[] = {MailProtocol::kSmtp, MailProtocol::kImap,
                                       MailProtocol::kPop3};

std::string Base64(std::string_view text) { return EncodeBase64(OctetsOf(text)); }

// One connection; what it says ends without CRLF. IMAP's tag is "a".
class TestMail {
 public:
  explicit TestMail(MailProtocol protocol, ServerOptions options = FakeServerOptions(),
                    Channel channel = Channel::Plain())
      : protocol_(protocol) {
    options.audit = sink;
    server.emplace(ServerConfig::Create(std::move(options)).value(), protocol, std::move(channel),
                   "192.0.2.1:1");
  }

  std::string Begin(std::string_view arguments) {
    return Said(server->Begin(arguments, protocol_ == MailProtocol::kImap ? "a" : ""));
  }
  std::string Say(std::string_view line) { return Said(server->Receive(line)); }
  std::string Said(MailServerOutput output) {
    while (output.pending_work != nullptr) {
      EXPECT_EQ(output.send, "");
      output.pending_work->Run();
      output = server->Resume(std::move(output.pending_work));
    }
    last = output.reason;
    closed = output.close;
    EXPECT_TRUE(output.send.ends_with("\r\n"));
    return output.send.substr(0, output.send.size() - 2);
  }
  std::string User() const {
    return server->login() == nullptr ? "-"
                                      : server->login()->context()->peer().value().account()->user;
  }

  std::shared_ptr<RecordingAuditSink> sink = std::make_shared<RecordingAuditSink>();
  std::optional<MailServer> server;
  absl::Status last;
  bool closed = false;

 private:
  MailProtocol protocol_;
};

// Of SMTP, IMAP and POP3.
struct Words {
  const char* of[3];
  std::string In(MailProtocol protocol) const { return of[static_cast<int>(protocol)]; }
};
const Words kSuccess = {
    {"235 2.7.0 Authentication successful", "a OK Authenticated", "+OK Authenticated"}};
const Words kFailed = {{"535 5.7.8 Authentication failed",
                        "a NO [AUTHENTICATIONFAILED] Authentication failed",
                        "-ERR [AUTH] Authentication failed"}};
const Words kCancelled = {{"501 5.7.0 Authentication cancelled", "a BAD Authentication cancelled",
                           "-ERR Authentication cancelled"}};
const Words kNotBase64 = {{"501 5.5.2 Not base64", "a BAD Not base64", "-ERR Not base64"}};

std::string Challenge(MailProtocol protocol, std::string_view text) {
  return (protocol == MailProtocol::kSmtp ? "334 " : "+ ") + Base64(text);
}

TEST(MailServer, SaysWhatThereIs) {
  const Words all = {{"AUTH GSSAPI GSS-SPNEGO NTLM",
                      "SASL-IR AUTH=GSSAPI AUTH=GSS-SPNEGO AUTH=NTLM",
                      "SASL GSSAPI GSS-SPNEGO NTLM"}};
  for (const MailProtocol protocol : kProtocols) {
    EXPECT_EQ(TestMail(protocol).server->Capability(), all.In(protocol));
    ServerOptions options = FakeServerOptions();
    options.offer_in_clear = false;
    EXPECT_EQ(TestMail(protocol, std::move(options)).server->Capability(), "");
  }
}

TEST(MailServer, WithoutAnInitialResponse) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_FALSE(mail.server->in_progress());
    EXPECT_EQ(mail.Begin("NTLM"), Challenge(protocol, ""));
    EXPECT_TRUE(mail.server->in_progress());
    EXPECT_EQ(mail.Say(Base64("hello")), Challenge(protocol, "challenge"));
    EXPECT_EQ(mail.User(), "-");
    EXPECT_EQ(mail.Say(Base64("login alice")), kSuccess.In(protocol));
    EXPECT_FALSE(mail.server->in_progress());
    EXPECT_EQ(mail.User(), "alice");
    EXPECT_EQ(mail.sink->events.size(), 1u);
  }
}

TEST(MailServer, WithAnInitialResponse) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("ntlm " + Base64("hello")), Challenge(protocol, "challenge"));
    EXPECT_EQ(mail.Say(Base64("login alice")), kSuccess.In(protocol));
  }
}

// RFC 4954 4: "=" is an empty initial response; later an empty line is.
TEST(MailServer, AnEmptyInitialResponse) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("NTLM ="), kFailed.In(protocol)) << "NTLM has no empty message";
    EXPECT_EQ(mail.Begin("NTLM"), Challenge(protocol, ""));
    EXPECT_EQ(mail.Say("="), kNotBase64.In(protocol));
  }
}

TEST(MailServer, GssapiOffersNoLayer) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("GSSAPI " + Base64("mutual alice")), Challenge(protocol, "welcome"));
    EXPECT_EQ(mail.Say(""), Challenge(protocol, Offer(1, 0)));
    EXPECT_EQ(mail.Say(Base64(Choice(1, 0))), kSuccess.In(protocol));
    EXPECT_EQ(mail.User(), "alice");
  }
}

// Success has no room for a token: it comes as one more challenge, whose answer is empty.
TEST(MailServer, TheLastTokenIsAChallenge) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("GSS-SPNEGO " + Base64("mutual alice")), Challenge(protocol, "welcome"));
    EXPECT_EQ(mail.User(), "-");
    EXPECT_EQ(mail.Say(""), kSuccess.In(protocol));
    EXPECT_EQ(mail.User(), "alice");

    TestMail other(protocol);
    other.Begin("GSS-SPNEGO " + Base64("mutual alice"));
    EXPECT_EQ(other.Say(Base64("more")), kFailed.In(protocol));
    EXPECT_EQ(other.User(), "-");
  }
}

TEST(MailServer, PendingWorkHoldsTheLineBack) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("NTLM " + Base64("ask alice")), kSuccess.In(protocol));

    TestMail early(protocol);
    MailServerOutput output = early.server->Begin("NTLM " + Base64("ask alice"), "a");
    ASSERT_NE(output.pending_work, nullptr);
    EXPECT_EQ(early.server->Receive("").reason.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(early.server->Resume(std::move(output.pending_work)).reason.code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(early.User(), "-");
  }
}

TEST(MailServer, RefusalsReadAlike) {
  for (const MailProtocol protocol : kProtocols) {
    for (const std::string_view token : {"wrong", "wrong-token", "nonsense"}) {
      TestMail mail(protocol);
      EXPECT_EQ(mail.Begin("NTLM " + Base64(token)), kFailed.In(protocol));
      EXPECT_EQ(mail.last.code(), absl::StatusCode::kPermissionDenied);
      EXPECT_EQ(mail.sink->events.size(), 1u);
    }
  }
}

TEST(MailServer, FaultsOfOursAskForPatience) {
  const Words later = {{"454 4.7.0 Temporary authentication failure",
                        "a NO [UNAVAILABLE] Temporary authentication failure",
                        "-ERR [SYS/TEMP] Temporary authentication failure"}};
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    EXPECT_EQ(mail.Begin("NTLM " + Base64("fault")), later.In(protocol));
    EXPECT_EQ(mail.last.code(), absl::StatusCode::kUnavailable);
  }
}

TEST(MailServer, TheClientGivesUp) {
  for (const MailProtocol protocol : kProtocols) {
    for (const std::string_view line : {"*", "* "}) {
      TestMail mail(protocol);
      mail.Begin("NTLM");
      mail.Say(Base64("hello"));
      EXPECT_EQ(mail.Say(line), kCancelled.In(protocol));
      EXPECT_FALSE(mail.server->in_progress());
      ASSERT_EQ(mail.sink->events.size(), 1u);
      EXPECT_EQ(mail.sink->events[0].outcome, AuditOutcome::kAbandoned);
      EXPECT_EQ(mail.Begin("NTLM " + Base64("login bob")), kSuccess.In(protocol)) << "once more";
      EXPECT_EQ(mail.User(), "bob");
    }
  }
}

TEST(MailServer, LinesThatAreNoBase64) {
  for (const MailProtocol protocol : kProtocols) {
    for (const std::string_view line :
         {"=", "====", "=AAA", "aGVsbG8", "aGVs bG8=", "aGVsbG8=\r", "aGVs\nbG8=", "{5}", "**"}) {
      TestMail mail(protocol);
      mail.Begin("NTLM");
      EXPECT_EQ(mail.Say(line), kNotBase64.In(protocol)) << line;
      EXPECT_FALSE(mail.server->in_progress());
    }
  }
}

TEST(MailServer, CommandsThatAreNone) {
  const Words bad = {{"501 5.5.4 AUTH takes a mechanism and an initial response",
                      "a BAD AUTHENTICATE takes a mechanism and an initial response",
                      "-ERR AUTH takes a mechanism and an initial response"}};
  const Words unknown = {{"504 5.5.4 Unknown authentication mechanism",
                          "a NO [CANNOT] Unknown authentication mechanism",
                          "-ERR Unknown authentication mechanism"}};
  for (const MailProtocol protocol : kProtocols) {
    for (const std::string_view arguments : {"", " ", "NTLM aGVsbG8= x", "NTLM  aGVsbG8="}) {
      EXPECT_EQ(TestMail(protocol).Begin(arguments), bad.In(protocol)) << arguments;
    }
    for (const std::string_view arguments : {"PLAIN", "EXTERNAL", "GSS", "NTLMX aGVsbG8="}) {
      EXPECT_EQ(TestMail(protocol).Begin(arguments), unknown.In(protocol)) << arguments;
    }
    // IMAP's literals and quotes (RFC 4959 3).
    for (const std::string_view arguments : {"NTLM {8}", "NTLM {8+}", "NTLM \"aGVsbG8=\""}) {
      EXPECT_EQ(TestMail(protocol).Begin(arguments), kNotBase64.In(protocol)) << arguments;
    }
  }
}

TEST(MailServer, NothingIsTakenBeforeTls) {
  const Words tls = {{"538 5.7.11 Authentication needs TLS first",
                      "a NO [PRIVACYREQUIRED] Authentication needs TLS first",
                      "-ERR Authentication needs TLS first"}};
  for (const MailProtocol protocol : kProtocols) {
    ServerOptions options = FakeServerOptions();
    options.offer_in_clear = false;
    TestMail mail(protocol, std::move(options));
    EXPECT_EQ(mail.Begin("NTLM " + Base64("login alice")), tls.In(protocol));
    EXPECT_EQ(mail.User(), "-");
    EXPECT_TRUE(mail.sink->events.empty());
  }
}

TEST(MailServer, OneLoginForAConnection) {
  const Words again = {{"503 5.5.1 Already authenticated", "a BAD Already authenticated",
                        "-ERR Already authenticated"}};
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    mail.Begin("NTLM " + Base64("login alice"));
    EXPECT_EQ(mail.Begin("NTLM " + Base64("login bob")), again.In(protocol));
    EXPECT_EQ(mail.User(), "alice");
  }
}

TEST(MailServer, ACommandInTheMiddleOfALoginIsTheCallersFault) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    mail.Begin("NTLM");
    EXPECT_EQ(mail.server->Begin("NTLM", "a").reason.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(mail.Say(Base64("login alice")), kSuccess.In(protocol));
  }
}

TEST(MailServer, LinesThatAreTooLong) {
  const Words too_long = {{"500 5.5.6 Authentication exchange line is too long",
                           "a BAD Line is too long", "-ERR Line is too long"}};
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    mail.Begin("NTLM");
    EXPECT_EQ(mail.Said(mail.server->ReceiveTooLong()), too_long.In(protocol));
    EXPECT_FALSE(mail.server->in_progress());
  }
}

TEST(MailServer, EndsWithTheFifthFailure) {
  for (const MailProtocol protocol : kProtocols) {
    TestMail mail(protocol);
    for (int i = 0; i < 4; ++i) {
      mail.Begin("NTLM " + Base64("wrong"));
      EXPECT_FALSE(mail.closed);
    }
    mail.Begin("NTLM " + Base64("wrong"));
    EXPECT_TRUE(mail.closed);
  }
}

// What a caller must not do ends the login: nobody is left logged in by it.
TEST(MailServer, EveryEventInEveryState) {
  using Act = std::function<std::string(TestMail&)>;
  const std::string bob = Base64("login bob");
  const std::vector<Act> events = {
      [&](TestMail& mail) { return mail.Begin("NTLM " + bob); },
      [](TestMail& mail) { return mail.Begin("PLAIN"); },
      [](TestMail& mail) { return mail.Begin(""); },
      [&](TestMail& mail) { return mail.Say(bob); },
      [](TestMail& mail) { return mail.Say(""); },
      [](TestMail& mail) { return mail.Say("*"); },
      [](TestMail& mail) { return mail.Say("?"); },
      [](TestMail& mail) { return mail.Said(mail.server->ReceiveTooLong()); },
      [](TestMail& mail) { return mail.Said(mail.server->Resume(nullptr)); },
  };
  struct Row {
    const char* state;
    Act reach;
    // SMTP's code, and who is logged in then.
    std::vector<std::string> cells;
  };
  const std::vector<std::string> idle = {"235 bob", "504 -", "501 -", "454 -", "454 -",
                                         "454 -",   "454 -", "500 -", "454 -"};
  const std::vector<Row> rows = {
      {"idle", [](TestMail&) { return ""; }, idle},
      {"begun",
       [](TestMail& mail) { return mail.Begin("NTLM"); },
       {"503 -", "503 -", "503 -", "235 bob", "535 -", "501 -", "501 -", "500 -", "454 -"}},
      {"challenged",
       [](TestMail& mail) { return mail.Begin("NTLM " + Base64("hello")); },
       {"503 -", "503 -", "503 -", "235 bob", "535 -", "501 -", "501 -", "500 -", "454 -"}},
      {"confirming",
       [](TestMail& mail) { return mail.Begin("GSS-SPNEGO " + Base64("mutual alice")); },
       {"503 -", "503 -", "503 -", "535 -", "235 alice", "501 -", "501 -", "500 -", "454 -"}},
      {"logged in",
       [](TestMail& mail) { return mail.Begin("NTLM " + Base64("login alice")); },
       {"503 alice", "503 alice", "503 alice", "454 -", "454 -", "454 -", "454 -", "500 -",
        "454 -"}},
      {"failed", [](TestMail& mail) { return mail.Begin("NTLM " + Base64("wrong")); }, idle},
      {"given up",
       [](TestMail& mail) {
         mail.Begin("NTLM");
         return mail.Say("*");
       },
       idle},
  };
  for (const Row& row : rows) {
    for (size_t i = 0; i < events.size(); ++i) {
      SCOPED_TRACE(std::string(row.state) + ", event " + std::to_string(i));
      TestMail smtp(MailProtocol::kSmtp);
      row.reach(smtp);
      const std::string reply = events[i](smtp);
      EXPECT_EQ(reply.substr(0, 4) + smtp.User(), row.cells[i]) << reply;
      const bool success = reply.starts_with("235 ");
      for (const MailProtocol protocol : {MailProtocol::kImap, MailProtocol::kPop3}) {
        TestMail other(protocol);
        row.reach(other);
        EXPECT_EQ(events[i](other) == kSuccess.In(protocol), success);
        EXPECT_EQ(other.User(), smtp.User());
        EXPECT_EQ(other.server->in_progress(), smtp.server->in_progress());
        EXPECT_EQ(other.last.code(), smtp.last.code());
      }
    }
  }
}

// Whether a login is bound, cell by cell, as it leaves on the wire.
TEST(MailServer, ExtendedProtectionCellByCell) {
  struct Row {
    BindingEvidence binding;
    bool accepted[3];
  };
  const Row rows[] = {{BindingEvidence::kAbsent, {true, true, false}},
                      {BindingEvidence::kExplicitNone, {true, false, false}},
                      {BindingEvidence::kMatched, {true, true, true}},
                      {BindingEvidence::kMismatched, {true, false, false}}};
  for (const MailProtocol protocol : kProtocols) {
    for (const MechanismType mechanism : kMechanismTypes) {
      for (const Row& row : rows) {
        for (int mode = 0; mode < 3; ++mode) {
          FakePackageOptions package;
          package.login.evidence.binding = row.binding;
          if (row.binding == BindingEvidence::kMatched) {
            package.login.evidence.matched_binding = 0;
          }
          ServerOptions options = FakeServerOptions(std::move(package));
          options.offer_in_clear = false;
          options.policy = PolicyOf({.mode = static_cast<ExtendedProtectionMode>(mode)});
          TestMail mail(protocol, std::move(options), Channel::Tls(test::Bindings(1)));
          std::string answer =
              mail.Begin(std::string(MechanismName(mechanism)) + " " + Base64("login alice"));
          if (mechanism == MechanismType::kGssapi && answer != kFailed.In(protocol)) {
            answer = mail.Say(Base64(Choice(1, 0)));
          }
          EXPECT_EQ(answer, (row.accepted[mode] ? kSuccess : kFailed).In(protocol))
              << BindingEvidenceName(row.binding) << " in mode " << mode;
          ASSERT_EQ(mail.sink->events.size(), 1u);
          EXPECT_EQ(mail.sink->events[0].binding, row.binding);
          EXPECT_EQ(mail.sink->events[0].outcome,
                    row.accepted[mode] ? AuditOutcome::kAccepted : AuditOutcome::kRefused);
        }
      }
    }
  }
}

}  // namespace
}  // namespace epa::sasl
