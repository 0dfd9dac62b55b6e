#include "epa/sasl/ldap_client.h"

#include <gtest/gtest.h>

#include "lib/sasl/ldap_messages.h"
#include "tests/sasl/sasl_test_support.h"

namespace epa::sasl {
namespace {

LdapClientOptions Options(FakePackageOptions fake = {}) {
  LdapClientOptions options;
  options.exchange.mechanism = MechanismType::kGssSpnego;
  options.exchange.credentials = FakeOf("Negotiate", std::move(fake));
  options.exchange.channel = Channel::Plain();
  return options;
}

LdapClientOptions Sicily() {
  LdapClientOptions options = Options();
  options.exchange.mechanism = MechanismType::kNtlm;
  options.exchange.credentials = FakeOf("NTLM");
  options.sicily = true;
  return options;
}

// A client whose last step is the server's token, which comes with success.
FakePackageOptions Mutual() {
  FakePackageOptions fake;
  fake.initiator = [](std::string_view token, int step,
                      test::FakeLogin&) -> absl::StatusOr<MechanismResult> {
    if (step == 0) {
      return MechanismResult::Continue(FakeToken("mutual alice"));
    }
    return token == "welcome" ? MechanismResult::Verified()
                              : MechanismResult::Rejected(Reason::kMutualAuthenticationFailed);
  };
  return fake;
}

// By which authentication choice.
std::string How(const LdapBindRequest& request) {
  using Kind = LdapBindRequest::Kind;
  const std::string name = "[" + std::string(request.name) + "]";
  return request.kind == Kind::kSasl              ? std::string(request.mechanism)
         : request.kind == Kind::kSicilyNegotiate ? "negotiate" + name
         : request.kind == Kind::kSicilyResponse  ? "response" + name
                                                  : "?";
}

// "ID MECHANISM CREDENTIALS", "logged in" or "refusal REASON CODE DETAIL".
class TestClient {
 public:
  explicit TestClient(LdapClientOptions options = Options())
      : sicily(options.sicily), client(LdapClient::Create(std::move(options)).value()) {}

  std::string Begin() { return Said(client->Begin()); }
  std::string Hear(int result, std::optional<std::string_view> credentials = std::nullopt,
                   std::string_view diagnostic = "", int id_offset = 0) {
    const std::vector<uint8_t> octets = OctetsOf(credentials.value_or(""));
    LdapBindResponse response = {.message_id = client->next_message_id() - 1 + id_offset,
                                 .result = static_cast<LdapResult>(result),
                                 .diagnostic = diagnostic,
                                 .sicily = sicily};
    if (credentials.has_value()) {
      response.credentials = octets;
    }
    return Said(client->Receive(EncodeBindResponse(response)));
  }
  std::string Said(const absl::StatusOr<LdapClientOutput>& output) const {
    if (!output.ok()) {
      return "fault";
    }
    if (client->refusal().has_value()) {
      return "refusal " + std::string(ReasonName(client->refusal()->reason)) + " " +
             std::to_string(client->refusal()->result_code) + " " + client->refusal()->detail;
    }
    if (client->logged_in()) {
      return "logged in";
    }
    const auto request = ParseBindRequest(output->send);
    EXPECT_TRUE(request.has_value());
    return std::to_string(request->message_id) + " " + How(*request) + " " +
           (request->credentials.has_value() ? FakeTokenText(*request->credentials) : "-");
  }

  const bool sicily;
  const std::unique_ptr<LdapClient> client;
};

TEST(LdapClient, BindsInSeveralSteps) {
  TestClient client;
  EXPECT_EQ(client.Begin(), "1 GSS-SPNEGO hello");
  EXPECT_EQ(client.Hear(14, "challenge"), "2 GSS-SPNEGO login alice");
  EXPECT_EQ(client.Hear(0), "logged in");
  EXPECT_EQ(client.client->next_message_id(), 3);
  EXPECT_EQ(client.Hear(0), "fault");
}

// Active Directory has empty credentials in every answer.
TEST(LdapClient, EmptyCredentialsAreNone) {
  TestClient client;
  client.Begin();
  client.Hear(14, "challenge");
  EXPECT_EQ(client.Hear(0, ""), "logged in");
}

TEST(LdapClient, TheLastTokenComesWithSuccess) {
  TestClient client(Options(Mutual()));
  EXPECT_EQ(client.Begin(), "1 GSS-SPNEGO mutual alice");
  EXPECT_EQ(client.Hear(0, "welcome"), "logged in");
  TestClient wrong(Options(Mutual()));
  wrong.Begin();
  EXPECT_EQ(wrong.Hear(0, "wrong"), "refusal mutual_authentication_failed 0 ");
  TestClient without(Options(Mutual()));
  without.Begin();
  EXPECT_EQ(without.Hear(0),
            "refusal unexpected_message 0 the server ended the exchange out of turn")
      << "a server that does not prove itself";
}

TEST(LdapClient, SuccessBeforeTheEndIsNone) {
  TestClient client;
  client.Begin();
  EXPECT_TRUE(client.Hear(0).starts_with("refusal unexpected_message"));
}

TEST(LdapClient, TheServerRefuses) {
  struct Row {
    int result;
    std::string_view diagnostic;
    std::string_view said;
  };
  const Row rows[] = {
      {49, "80090308: data 52e", "refusal refused_by_peer 49 80090308: data 52e"},
      {49, "80090346: data 80090346", "refusal binding_explicitly_none 49 80090346: data 80090346"},
      {49, "8009030C: x, data 35b, v",
       "refusal binding_explicitly_none 49 8009030C: x, data 35b, v"},
      {8, "sign!", "refusal security_layer_required 8 sign!"},
      {53, "no", "refusal refused_by_peer 53 no"},
      {49, std::string_view("a\0b", 3), "refusal refused_by_peer 49 a"},
      {49, "two\nlines\x1b[m", "refusal refused_by_peer 49 two lines [m"},
  };
  for (const Row& row : rows) {
    TestClient client;
    client.Begin();
    EXPECT_EQ(client.Hear(row.result, std::nullopt, row.diagnostic), row.said);
  }
}

TEST(LdapClient, AnswersToOthersAreNone) {
  TestClient client;
  client.Begin();
  EXPECT_TRUE(client.Hear(0, std::nullopt, "", 1).starts_with("refusal malformed_token"));
  TestClient other;
  other.Begin();
  EXPECT_TRUE(other.Said(other.client->Receive(OctetsOf("x"))).starts_with("refusal malformed"));
}

TEST(LdapClient, ALayerBeginsWithSuccess) {
  FakePackageOptions fake;
  fake.protects_messages = true;
  fake.agreed = {.signing = true, .sealing = true};
  LdapClientOptions options = Options(std::move(fake));
  options.exchange.layer = Layer::kConfidentiality;
  TestClient client(std::move(options));
  client.Begin();
  client.Hear(14, "challenge");
  EXPECT_EQ(client.client->layer(), nullptr);
  client.Hear(0);
  EXPECT_NE(client.client->layer(), nullptr);
}

TEST(LdapClient, Sicily) {
  TestClient client(Sicily());
  EXPECT_EQ(client.Begin(), "1 negotiate[NTLM] hello");
  EXPECT_EQ(client.Hear(0, "challenge"), "2 response[] login alice");
  EXPECT_FALSE(client.client->logged_in()) << "the success that brings the challenge is none";
  EXPECT_EQ(client.Hear(0, ""), "logged in");
  EXPECT_EQ(client.Hear(0, ""), "fault");
}

TEST(LdapClient, SicilyOutOfTurn) {
  struct Row {
    int result;
    std::string_view credentials;
    std::string_view said;
  };
  // Instead of the challenge.
  for (const Row& row : {Row{0, "", "refusal malformed_token 0 not the fake package's challenge"},
                         Row{14, "challenge", "refusal refused_by_peer 14 why"},
                         Row{7, "", "refusal refused_by_peer 7 why"},
                         Row{49, "challenge", "refusal refused_by_peer 49 why"}}) {
    TestClient client(Sicily());
    client.Begin();
    EXPECT_EQ(client.Hear(row.result, row.credentials, "why"), row.said);
  }
  // And after the response.
  for (const Row& row : {Row{0, "challenge",
                             "refusal unexpected_message 0 the server ended the exchange out of "
                             "turn"},
                         Row{14, "challenge", "refusal refused_by_peer 14 why"},
                         Row{8, "", "refusal security_layer_required 8 why"},
                         Row{49, "", "refusal refused_by_peer 49 why"}}) {
    TestClient client(Sicily());
    client.Begin();
    client.Hear(0, "challenge");
    EXPECT_EQ(client.Hear(row.result, row.credentials, "why"), row.said);
  }
}

TEST(LdapClient, EveryAnswerInEveryState) {
  using Act = std::function<std::string(TestClient&)>;
  const std::vector<Act> answers = {
      [](TestClient& client) { return client.Hear(14, "challenge"); },
      [](TestClient& client) { return client.Hear(14); },
      [](TestClient& client) { return client.Hear(0, "challenge"); },
      [](TestClient& client) { return client.Hear(0, "welcome"); },
      [](TestClient& client) { return client.Hear(0); },
      [](TestClient& client) { return client.Hear(49); },
      [](TestClient& client) { return client.Hear(8); },
      [](TestClient& client) { return client.Hear(0, std::nullopt, "", 1); },
      [](TestClient& client) { return client.Said(client.client->Receive(OctetsOf("0"))); },
      [](TestClient& client) { return client.Begin(); },
  };
  const std::string early = "refusal unexpected_message 0 success before the last message";
  const std::string ended =
      "refusal unexpected_message 0 the server ended the exchange out of turn";
  const std::string late = "refusal unexpected_message 0 a challenge after the last one";
  const std::string other = "refusal malformed_token 0 not the fake package's challenge";
  const std::string unproved = "refusal mutual_authentication_failed 0 ";
  const std::string no_answer = "refusal malformed_token 0 not an answer to our bind";
  const std::string challenged = "refusal refused_by_peer 14 ";
  // Whatever the state is: 49, 8, another's answer, none, and a second beginning.
  const std::vector<std::string> refusals = {"refusal refused_by_peer 49 ",
                                             "refusal security_layer_required 8 ", no_answer,
                                             no_answer, "fault"};
  const auto and_refusals = [&](std::vector<std::string> cells) {
    cells.insert(cells.end(), refusals.begin(), refusals.end());
    return cells;
  };
  struct Row {
    const char* state;
    std::function<LdapClientOptions()> options;
    bool begins;
    std::vector<size_t> reach;  // answers that came before
    std::vector<std::string> cells;
  };
  const auto plain = [] { return Options(); };
  const auto mutual = [] { return Options(Mutual()); };
  const auto sicily = [] { return Sicily(); };
  const std::vector<std::string> nothing_is_due(answers.size(), "fault");
  std::vector<std::string> fresh = nothing_is_due;
  fresh.back() = "1 GSS-SPNEGO hello";
  const std::vector<Row> rows = {
      {"fresh", plain, false, {}, fresh},
      {"first token",
       plain,
       true,
       {},
       and_refusals({"2 GSS-SPNEGO login alice", other, early, other, ended})},
      {"last token", plain, true, {0}, and_refusals({late, late, ended, ended, "logged in"})},
      {"server's token",
       mutual,
       true,
       {},
       and_refusals({unproved, unproved, unproved, "logged in", ended})},
      {"Sicily, negotiate",
       sicily,
       true,
       {},
       and_refusals({challenged, challenged, "2 response[] login alice", other, other})},
      {"Sicily, response",
       sicily,
       true,
       {2},
       and_refusals({challenged, challenged, ended, ended, "logged in"})},
      {"logged in", plain, true, {0, 4}, nothing_is_due},
      {"refused", plain, true, {5}, nothing_is_due},
  };
  for (const Row& row : rows) {
    for (size_t i = 0; i < answers.size(); ++i) {
      SCOPED_TRACE(std::string(row.state) + ", answer " + std::to_string(i));
      TestClient client(row.options());
      if (row.begins) {
        client.Begin();
      }
      for (const size_t answer : row.reach) {
        answers[answer](client);
      }
      EXPECT_EQ(answers[i](client), row.cells[i]);
    }
  }
}

// A server of SASL's kind has credentials elsewhere: they are no challenge of Sicily's.
TEST(LdapClient, SicilyReadsTheMatchedDnAlone) {
  TestClient client(Sicily());
  client.Begin();
  const std::vector<uint8_t> challenge = OctetsOf("challenge");
  EXPECT_EQ(client.Said(client.client->Receive(
                EncodeBindResponse({.message_id = 1, .credentials = challenge}))),
            "refusal malformed_token 0 not the fake package's challenge");
}

TEST(LdapClient, SicilyIsNtlmAlone) {
  LdapClientOptions options = Options();
  options.sicily = true;
  EXPECT_FALSE(LdapClient::Create(std::move(options)).ok());
}

TEST(LdapClient, RefusesMessageIdsThatAreNone) {
  LdapClientOptions options = Options();
  options.first_message_id = 0;
  EXPECT_FALSE(LdapClient::Create(std::move(options)).ok());
}

}  // namespace
}  // namespace epa::sasl
