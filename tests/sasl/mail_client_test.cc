#include "epa/sasl/mail_client.h"

#include <gtest/gtest.h>

#include "lib/base/base64.h"
#include "tests/sasl/sasl_test_support.h"

namespace epa::sasl {
namespace {

constexpr MailProtocol kProtocols[] = {MailProtocol::kSmtp, MailProtocol::kImap,
                                       MailProtocol::kPop3};

std::string Base64(std::string_view text) { return EncodeBase64(OctetsOf(text)); }

MailClientOptions Options(MailProtocol protocol, FakePackageOptions fake = {}) {
  MailClientOptions options;
  options.protocol = protocol;
  options.exchange.mechanism = MechanismType::kNtlm;
  options.exchange.credentials = FakeOf("NTLM", std::move(fake));
  options.exchange.channel = Channel::Plain();
  return options;
}

class TestClient {
 public:
  explicit TestClient(MailClientOptions options)
      : client(MailClient::Create(std::move(options)).value()) {}

  std::string Begin() { return Said(client->Begin()); }
  std::string Hear(std::string_view line) { return Said(client->Receive(line)); }
  std::string Said(absl::StatusOr<MailClientOutput> output) {
    while (output.ok() && output->pending_work != nullptr) {
      output->pending_work->Run();
      output = client->Resume(std::move(output->pending_work));
    }
    if (!output.ok()) {
      return "fault";
    }
    if (client->refusal().has_value()) {
      return "refusal " + std::string(ReasonName(*client->refusal()));
    }
    return client->logged_in() ? "logged in" : output->send.substr(0, output->send.find('\r'));
  }

  std::unique_ptr<MailClient> client;
};

struct Words {
  const char* of[3];
  std::string In(MailProtocol protocol) const { return of[static_cast<int>(protocol)]; }
};
const Words kCommand = {{"AUTH NTLM", "a1 AUTHENTICATE NTLM", "AUTH NTLM"}};
const Words kSuccess = {{"235 2.7.0 welcome", "a1 OK welcome", "+OK welcome"}};

std::string Challenge(MailProtocol protocol, std::string_view text) {
  return (protocol == MailProtocol::kSmtp ? "334 " : "+ ") + std::string(text);
}

TEST(MailClient, WithAnInitialResponse) {
  for (const MailProtocol protocol : kProtocols) {
    TestClient client(Options(protocol));
    EXPECT_EQ(client.Begin(), kCommand.In(protocol) + " " + Base64("hello"));
    EXPECT_EQ(client.Hear(Challenge(protocol, Base64("challenge"))), Base64("login alice"));
    EXPECT_EQ(client.Hear(kSuccess.In(protocol)), "logged in");
    EXPECT_EQ(client.Hear(kSuccess.In(protocol)), "fault");
  }
}

TEST(MailClient, WithoutAnInitialResponse) {
  for (const MailProtocol protocol : kProtocols) {
    MailClientOptions options = Options(protocol);
    options.initial_response = false;
    TestClient client(std::move(options));
    EXPECT_EQ(client.Begin(), kCommand.In(protocol));
    EXPECT_EQ(client.Hear(Challenge(protocol, "")), Base64("hello"));
    EXPECT_EQ(client.Hear(Challenge(protocol, Base64("challenge"))), Base64("login alice"));
    EXPECT_EQ(client.Hear(kSuccess.In(protocol)), "logged in");
  }
}

// Exchange says "334 ntlm supported" or "+OK"; Dovecot "334 "; [MS-OXIMAP] a bare "+".
TEST(MailClient, GoesAheadOnAnyWords) {
  struct Row {
    MailProtocol protocol;
    std::string_view line;
  };
  for (const Row& row :
       {Row{MailProtocol::kSmtp, "334 ntlm supported"}, Row{MailProtocol::kSmtp, "334"},
        Row{MailProtocol::kImap, "+"}, Row{MailProtocol::kPop3, "+OK"},
        Row{MailProtocol::kPop3, "+OK go ahead"}, Row{MailProtocol::kPop3, "+"}}) {
    MailClientOptions options = Options(row.protocol);
    options.initial_response = false;
    TestClient client(std::move(options));
    client.Begin();
    EXPECT_EQ(client.Hear(row.line), Base64("hello")) << row.line;
  }
}

// RFC 4954 4 and RFC 5034 4: with the command only where its line has room.
TEST(MailClient, ALongTokenWaitsForTheChallenge) {
  for (const MailProtocol protocol : kProtocols) {
    const std::string token(600, 'x');
    FakePackageOptions fake;
    fake.initiator = [&](std::string_view, int, test::FakeLogin&) {
      return MechanismResult::Continue(FakeToken(token));
    };
    TestClient client(Options(protocol, std::move(fake)));
    const bool imap = protocol == MailProtocol::kImap;
    EXPECT_EQ(client.Begin(), kCommand.In(protocol) + (imap ? " " + Base64(token) : ""));
    if (!imap) {
      EXPECT_EQ(client.Hear(Challenge(protocol, "")), Base64(token));
    }
  }
}

TEST(MailClient, TheServerRefuses) {
  struct Row {
    MailProtocol protocol;
    std::string_view line;
  };
  for (const Row& row :
       {Row{MailProtocol::kSmtp, "535 5.7.3 no"}, Row{MailProtocol::kSmtp, "454 4.7.0 later"},
        Row{MailProtocol::kSmtp, "504 what"}, Row{MailProtocol::kImap, "a1 NO no"},
        Row{MailProtocol::kImap, "a1 BAD what"}, Row{MailProtocol::kPop3, "-ERR no"}}) {
    TestClient client(Options(row.protocol));
    client.Begin();
    EXPECT_EQ(client.Hear(row.line), "refusal refused_by_peer") << row.line;
    TestClient later(Options(row.protocol));
    later.Begin();
    later.Hear(Challenge(row.protocol, Base64("challenge")));
    EXPECT_EQ(later.Hear(row.line), "refusal refused_by_peer") << row.line;
  }
}

TEST(MailClient, SuccessBeforeTheEndIsNone) {
  for (const MailProtocol protocol : kProtocols) {
    TestClient client(Options(protocol));
    client.Begin();
    EXPECT_EQ(client.Hear(kSuccess.In(protocol)), "refusal unexpected_message");
    EXPECT_FALSE(client.client->logged_in());
  }
  MailClientOptions options = Options(MailProtocol::kSmtp);
  options.initial_response = false;
  TestClient client(std::move(options));
  client.Begin();
  EXPECT_EQ(client.Hear("235 welcome"), "refusal unexpected_message");
}

TEST(MailClient, GivesUpOnAChallengeThatIsNone) {
  for (const MailProtocol protocol : kProtocols) {
    for (const std::string& text : {Base64("nonsense"), std::string("?"), std::string("====")}) {
      TestClient client(Options(protocol));
      client.Begin();
      EXPECT_EQ(client.Hear(Challenge(protocol, text)), "*");
      EXPECT_FALSE(client.client->refusal().has_value()) << "the server has not answered yet";
      EXPECT_EQ(client.Hear(kSuccess.In(protocol)), "refusal malformed_token")
          << "whatever it says";
    }
  }
}

TEST(MailClient, LinesThatAnswerNothing) {
  struct Row {
    MailProtocol protocol;
    std::string_view line;
  };
  for (const Row& row :
       {Row{MailProtocol::kSmtp, ""}, Row{MailProtocol::kSmtp, "250 ok"},
        Row{MailProtocol::kSmtp, "3345"}, Row{MailProtocol::kImap, "b1 OK welcome"},
        Row{MailProtocol::kImap, "a1 PREAUTH"}, Row{MailProtocol::kPop3, "OK"}}) {
    TestClient client(Options(row.protocol));
    client.Begin();
    EXPECT_EQ(client.Hear(row.line), "refusal unexpected_message") << row.line;
  }
}

TEST(MailClient, EveryLineInEveryState) {
  // Challenge, words for people, success, refusal, fault of the server's, what answers nothing.
  const std::string challenge = Base64("challenge");
  const std::vector<std::vector<std::string>> lines = {
      {"334 " + challenge, "334 go on, please", "235 yes", "535 no", "454 later", "250 what"},
      {"+ " + challenge, "+ go on, please", "a1 OK yes", "a1 NO no", "a1 NO later", "b1 OK what"},
      {"+ " + challenge, "+ go on, please", "+OK yes", "-ERR no", "-ERR later", "OK what"}};
  const std::string hello = Base64("hello");
  const std::string login = Base64("login alice");
  const std::string refused = "refusal refused_by_peer";
  const std::string unexpected = "refusal unexpected_message";
  const std::string malformed = "refusal malformed_token";
  const std::vector<std::string> nothing_is_due(6, "fault");
  struct Row {
    const char* state;
    bool initial_response;
    bool begins;
    std::vector<size_t> reach;  // lines that came before
    std::vector<std::string> cells;
  };
  const std::vector<Row> rows = {
      {"fresh", true, false, {}, nothing_is_due},
      {"asked", false, true, {}, {hello, hello, unexpected, refused, refused, unexpected}},
      {"first token", true, true, {}, {login, "*", unexpected, refused, refused, unexpected}},
      {"the same, later", false, true, {0}, {login, "*", unexpected, refused, refused, unexpected}},
      {"last token", true, true, {0}, {"*", "*", "logged in", refused, refused, unexpected}},
      {"cancelled", true, true, {1}, std::vector<std::string>(6, malformed)},
      {"logged in", true, true, {0, 2}, nothing_is_due},
      {"refused", true, true, {3}, nothing_is_due},
      {"refused after cancelling", true, true, {1, 3}, nothing_is_due},
  };
  for (const MailProtocol protocol : kProtocols) {
    const std::vector<std::string>& said = lines[static_cast<size_t>(protocol)];
    for (const Row& row : rows) {
      for (size_t i = 0; i < said.size(); ++i) {
        SCOPED_TRACE(std::string(row.state) + ": " + said[i]);
        MailClientOptions options = Options(protocol);
        options.initial_response = row.initial_response;
        TestClient client(std::move(options));
        if (row.begins) {
          client.Begin();
          EXPECT_EQ(client.Begin(), "fault") << "a second time";
        }
        for (const size_t line : row.reach) {
          client.Hear(said[line]);
        }
        // "+OK" goes ahead in POP3, too ([MS-POP3]).
        const bool goes_ahead =
            protocol == MailProtocol::kPop3 && std::string_view(row.state) == "asked" && i == 2;
        EXPECT_EQ(client.Hear(said[i]), goes_ahead ? hello : row.cells[i]);
        EXPECT_EQ(client.client->logged_in(),
                  row.cells[i] == "logged in" || std::string_view(row.state) == "logged in");
      }
    }
  }
}

TEST(MailClient, RefusesOptionsThatCannotWork) {
  MailClientOptions layer = Options(MailProtocol::kSmtp);
  layer.exchange.layer = Layer::kIntegrity;
  EXPECT_FALSE(MailClient::Create(std::move(layer)).ok());
  const auto takes = [](const char* tag) {
    MailClientOptions options = Options(MailProtocol::kImap);
    options.tag = tag;
    return MailClient::Create(std::move(options)).ok();
  };
  for (const char* const tag : {"", "a b", "+", "a\r\nb", "/", ":", "@", "[", "`", "{", "a\x7f"}) {
    EXPECT_FALSE(takes(tag)) << tag;
  }
  for (const char* const tag : {"0", "9", "A", "Z", "a", "z", "a01Z"}) {
    EXPECT_TRUE(takes(tag)) << tag;
  }
}

TEST(MailClient, AClientThatWillNotBeginSendsNothing) {
  FakePackageOptions fake;
  fake.initiator = [](std::string_view, int, test::FakeLogin&) {
    return MechanismResult::Rejected(Reason::kClientPolicyForbids);
  };
  TestClient client(Options(MailProtocol::kSmtp, std::move(fake)));
  EXPECT_EQ(client.Begin(), "refusal client_policy_forbids");
}

}  // namespace
}  // namespace epa::sasl
