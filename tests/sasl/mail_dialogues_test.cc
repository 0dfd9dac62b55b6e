// Whole dialogues of specifications, line by line, with both sides: what the packages say is the
// specification's, what stands around it is ours.
#include <gtest/gtest.h>

#include <map>

#include "epa/sasl/mail_client.h"
#include "epa/sasl/mail_server.h"
#include "lib/base/base64.h"
#include "tests/sasl/sasl_test_support.h"

namespace epa::sasl {
namespace {

const std::map<std::string, MailProtocol> kProtocols = {
    {"smtp", MailProtocol::kSmtp}, {"imap", MailProtocol::kImap}, {"pop3", MailProtocol::kPop3}};
// Our client has a tag of its own.
constexpr std::string_view kTag = "A001 ";
constexpr std::string_view kOurTag = "a1 ";

struct Line {
  bool clients = false;
  std::string text;
  std::string ours;  // of a server, whose words may differ
};

// Octets as the fake package's scripts have them.
std::string TokenOf(std::string_view line) {
  const size_t blank = line.find(' ');
  const std::string_view text = blank == std::string_view::npos ? line : line.substr(blank + 1);
  const auto octets = DecodeBase64(text);
  EXPECT_TRUE(octets.has_value()) << line;
  return FakeTokenText(octets.value_or(std::vector<uint8_t>()));
}

struct Dialogue {
  explicit Dialogue(const nlohmann::json& entry)
      : protocol(kProtocols.at(entry["protocol"])),
        mechanism(ParseMechanism(entry["mechanism"].get<std::string>()).value()),
        accepted(entry["accepted"]),
        user(entry.value("user", "")) {
    for (const auto& line : entry["lines"]) {
      const std::string text = line["line"];
      lines.push_back({line["by"] == "client", text, line.value("ours", text)});
    }
    if (negotiates_layer()) {
      const auto octets = [&](const char* name) {
        return test::FromHex(entry[name].get<std::string>());
      };
      // RFC 4752 3.1 has 0 for the size where no layer is offered, or taken.
      const auto offer = EncodeLayerOffer({.layers = 1, .max_message = 0});
      our_offer = {{offer.begin(), offer.end()}, octets("wrapped_offer")};
      our_choice = {EncodeLayerChoice({1, 0, user}), octets("wrapped_choice")};
      their_offer = {octets("offer"), octets("wrapped_offer")};
      their_choice = {octets("choice"), octets("wrapped_choice")};
    }
  }
  // The tokens of one side that are no wrapped messages, in their order.
  std::vector<std::string> Tokens(bool of_client) const {
    std::vector<std::string> tokens;
    for (size_t i = 2; i + 1 < lines.size(); ++i) {
      if (lines[i].clients == of_client && !lines[i].text.empty()) {
        tokens.push_back(TokenOf(lines[i].text));
      }
    }
    if (negotiates_layer()) {
      tokens.pop_back();
    }
    return tokens;
  }
  FakePackageOptions Package() const {
    FakePackageOptions package;
    package.protects_messages = negotiates_layer();
    return package;
  }

  bool negotiates_layer() const { return mechanism == MechanismType::kGssapi; }

  MailProtocol protocol;
  MechanismType mechanism;
  bool accepted;
  std::string user;
  std::vector<Line> lines;
  // GSSAPI's.
  std::pair<std::vector<uint8_t>, std::vector<uint8_t>> our_offer, our_choice;
  std::pair<std::vector<uint8_t>, std::vector<uint8_t>> their_offer, their_choice;
};

// Takes the client's tokens and says the server's, as they are in the dialogue.
test::FakeScript Acceptor(const Dialogue& dialogue) {
  return
      [theirs = dialogue.Tokens(true), ours = dialogue.Tokens(false), accepted = dialogue.accepted,
       user = dialogue.user](std::string_view token, int step,
                             test::FakeLogin& login) -> absl::StatusOr<MechanismResult> {
        const auto at = static_cast<size_t>(step);
        EXPECT_EQ(token, theirs.at(at));
        const bool last = at + 1 == theirs.size();
        if (!last) {
          return MechanismResult::Continue(FakeToken(ours.at(at)));
        }
        if (!accepted) {
          return MechanismResult::Rejected(Reason::kWrongPassword);
        }
        login.identity = test::FakeAccount(user);
        return at < ours.size() ? MechanismResult::Verified(FakeToken(ours.at(at)))
                                : MechanismResult::Verified();
      };
}

test::FakeScript Initiator(const Dialogue& dialogue) {
  return
      [theirs = dialogue.Tokens(false), ours = dialogue.Tokens(true)](
          std::string_view token, int step, test::FakeLogin&) -> absl::StatusOr<MechanismResult> {
        const auto at = static_cast<size_t>(step);
        EXPECT_EQ(token, at == 0 ? "" : theirs.at(at - 1));
        if (at >= ours.size()) {
          return MechanismResult::Verified();
        }
        return at > 0 && at + 1 == ours.size() ? MechanismResult::Verified(FakeToken(ours[at]))
                                               : MechanismResult::Continue(FakeToken(ours[at]));
      };
}

template <typename Check>
void ForEveryDialogue(Check check) {
  int count = 0;
  const nlohmann::json dialogues = test::ReadTestJson("sasl/mail_dialogues.json");
  for (const auto& entry : dialogues["entries"]) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    check(Dialogue(entry));
    ++count;
  }
  EXPECT_EQ(count, 6);
}

TEST(MailDialogues, OfAServer) {
  ForEveryDialogue([](const Dialogue& dialogue) {
    FakePackageOptions package = dialogue.Package();
    package.acceptor = Acceptor(dialogue);
    package.codebook = {dialogue.our_offer, dialogue.their_choice};
    ServerOptions options = FakeServerOptions();
    (dialogue.negotiates_layer() ? options.kerberos : options.ntlm) =
        FakeOf(dialogue.negotiates_layer() ? "Kerberos" : "NTLM", package);
    MailServer server(ServerConfig::Create(std::move(options)).value(), dialogue.protocol,
                      Channel::Plain(), "192.0.2.1:1");
    const bool imap = dialogue.protocol == MailProtocol::kImap;
    for (size_t i = 0; i < dialogue.lines.size(); i += 2) {
      const std::string& said = dialogue.lines[i].text;
      const MailServerOutput answer =
          i == 0 ? server.Begin(std::string_view(said).substr(said.rfind(' ') + 1),
                                imap ? kTag.substr(0, kTag.size() - 1) : "")
                 : server.Receive(said);
      EXPECT_EQ(answer.send, dialogue.lines[i + 1].ours + "\r\n");
    }
    ASSERT_EQ(server.login() != nullptr, dialogue.accepted);
    if (dialogue.accepted) {
      EXPECT_EQ(server.login()->context()->peer().value().account()->user, dialogue.user);
    }
  });
}

TEST(MailDialogues, OfAClient) {
  ForEveryDialogue([](const Dialogue& dialogue) {
    FakePackageOptions package = dialogue.Package();
    package.initiator = Initiator(dialogue);
    package.codebook = {dialogue.their_offer, dialogue.our_choice};
    MailClientOptions options;
    options.protocol = dialogue.protocol;
    options.exchange.mechanism = dialogue.mechanism;
    options.exchange.credentials =
        FakeOf(dialogue.negotiates_layer() ? "Kerberos" : "NTLM", package);
    options.exchange.channel = Channel::Plain();
    if (dialogue.negotiates_layer()) {
      options.exchange.authorization_identity = dialogue.user;
    }
    options.initial_response = false;
    const auto client = MailClient::Create(std::move(options)).value();
    const auto tagged = [](std::string text) {
      return text.starts_with(kTag) ? std::string(kOurTag) + text.substr(kTag.size()) : text;
    };
    auto said = client->Begin();
    for (size_t i = 0; i < dialogue.lines.size(); i += 2) {
      ASSERT_TRUE(said.ok()) << said.status();
      EXPECT_EQ(said->send, tagged(dialogue.lines[i].text) + "\r\n");
      said = client->Receive(tagged(dialogue.lines[i + 1].text));
    }
    EXPECT_TRUE(said.ok());
    EXPECT_EQ(client->logged_in(), dialogue.accepted);
    EXPECT_EQ(client->refusal().has_value(), !dialogue.accepted);
  });
}

}  // namespace
}  // namespace epa::sasl
