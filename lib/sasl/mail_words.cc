#include "lib/sasl/mail_words.h"

#include <array>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"

namespace epa::sasl {
namespace {

constexpr std::string_view kEnd = "\r\n";

struct Words {
  MailReply reply;
  std::string_view smtp;
  std::string_view imap;  // behind the tag
  std::string_view pop3;
};

// RFC 4954 4 and 6; RFC 9051 6.2.2 and RFC 5530 3; RFC 5034 4 and RFC 3206 4.
constexpr std::array kWords = {
    Words{MailReply::kSuccess, "235 2.7.0 Authentication successful", "OK Authenticated",
          "+OK Authenticated"},
    Words{MailReply::kRefused, "535 5.7.8 Authentication failed",
          "NO [AUTHENTICATIONFAILED] Authentication failed", "-ERR [AUTH] Authentication failed"},
    Words{MailReply::kOurFault, "454 4.7.0 Temporary authentication failure",
          "NO [UNAVAILABLE] Temporary authentication failure",
          "-ERR [SYS/TEMP] Temporary authentication failure"},
    Words{MailReply::kCancelled, "501 5.7.0 Authentication cancelled",
          "BAD Authentication cancelled", "-ERR Authentication cancelled"},
    Words{MailReply::kBadBase64, "501 5.5.2 Not base64", "BAD Not base64", "-ERR Not base64"},
    Words{MailReply::kTooLong, "500 5.5.6 Authentication exchange line is too long",
          "BAD Line is too long", "-ERR Line is too long"},
    Words{MailReply::kBadCommand, "501 5.5.4 AUTH takes a mechanism and an initial response",
          "BAD AUTHENTICATE takes a mechanism and an initial response",
          "-ERR AUTH takes a mechanism and an initial response"},
    Words{MailReply::kUnknownMechanism, "504 5.5.4 Unknown authentication mechanism",
          "NO [CANNOT] Unknown authentication mechanism", "-ERR Unknown authentication mechanism"},
    Words{MailReply::kNeedsTls, "538 5.7.11 Authentication needs TLS first",
          "NO [PRIVACYREQUIRED] Authentication needs TLS first",
          "-ERR Authentication needs TLS first"},
    Words{MailReply::kLoggedIn, "503 5.5.1 Already authenticated", "BAD Already authenticated",
          "-ERR Already authenticated"},
    Words{MailReply::kOutOfTurn, "503 5.5.1 Authentication is under way",
          "BAD Authentication is under way", "-ERR Authentication is under way"},
};

// What a line says behind `word`, which stands alone or before a blank.
std::optional<std::string_view> After(std::string_view word, std::string_view line) {
  if (!EqualsIgnoringAsciiCase(line.substr(0, word.size()), word)) {
    return std::nullopt;
  }
  line.remove_prefix(word.size());
  if (line.empty()) {
    return line;
  }
  return line.front() == ' ' ? std::optional(line.substr(1)) : std::nullopt;
}

MailServerLine ParseSmtp(std::string_view line) {
  using Kind = MailServerLine::Kind;
  if (const auto text = After("334", line)) {
    return {Kind::kChallenge, *text};
  }
  if (const auto text = After("235", line)) {
    return {Kind::kSuccess, *text};
  }
  const bool refusal = line.size() >= 3 && (line[0] == '4' || line[0] == '5');
  return {refusal ? Kind::kRefusal : Kind::kUnknown, line};
}

MailServerLine ParseImap(std::string_view tag, std::string_view line) {
  using Kind = MailServerLine::Kind;
  if (const auto text = After("+", line)) {
    return {Kind::kChallenge, *text};
  }
  const auto answer = After(tag, line);
  if (!answer.has_value()) {
    return {Kind::kUnknown, line};
  }
  if (const auto text = After("OK", *answer)) {
    return {Kind::kSuccess, *text};
  }
  const bool refusal = After("NO", *answer).has_value() || After("BAD", *answer).has_value();
  return {refusal ? Kind::kRefusal : Kind::kUnknown, *answer};
}

// "+OK" is success, and in answer to the command alone a go-ahead ([MS-POP3]).
MailServerLine ParsePop3(std::string_view line) {
  using Kind = MailServerLine::Kind;
  if (const auto text = After("+OK", line)) {
    return {Kind::kSuccess, *text};
  }
  if (const auto text = After("+", line)) {
    return {Kind::kChallenge, *text};
  }
  return {After("-ERR", line).has_value() ? Kind::kRefusal : Kind::kUnknown, line};
}

}  // namespace

std::string ReplyLine(MailProtocol protocol, MailReply reply, std::string_view tag) {
  const Words& words = kWords[static_cast<size_t>(reply)];
  std::string line;
  switch (protocol) {
    case MailProtocol::kSmtp:
      line = words.smtp;
      break;
    case MailProtocol::kImap:
      line.append(tag).append(" ").append(words.imap);
      break;
    case MailProtocol::kPop3:
      line = words.pop3;
      break;
  }
  return line.append(kEnd);
}

std::string ChallengeLine(MailProtocol protocol, const std::optional<std::vector<uint8_t>>& data) {
  std::string line = protocol == MailProtocol::kSmtp ? "334 " : "+ ";
  if (data.has_value()) {
    line += EncodeBase64(*data);
  }
  return line.append(kEnd);
}

std::string CapabilityText(MailProtocol protocol, std::span<const MechanismType> mechanisms) {
  if (mechanisms.empty()) {
    return "";
  }
  const bool imap = protocol == MailProtocol::kImap;
  std::string text = imap ? "SASL-IR" : protocol == MailProtocol::kSmtp ? "AUTH" : "SASL";
  for (const MechanismType mechanism : mechanisms) {
    text.append(imap ? " AUTH=" : " ").append(MechanismName(mechanism));
  }
  return text;
}

std::string ResponseLine(std::span<const uint8_t> response) {
  return EncodeBase64(response).append(kEnd);
}

std::string CommandLine(MailProtocol protocol, std::string_view tag, MechanismType mechanism,
                        const std::optional<std::vector<uint8_t>>& initial_response) {
  std::string line =
      protocol == MailProtocol::kImap ? std::string(tag) + " AUTHENTICATE " : "AUTH ";
  line += MechanismName(mechanism);
  if (initial_response.has_value()) {
    line += " ";
    line += initial_response->empty() ? "=" : EncodeBase64(*initial_response);
  }
  return line.append(kEnd);
}

std::optional<size_t> LongestCommand(MailProtocol protocol) {
  switch (protocol) {
    case MailProtocol::kSmtp:
      return 512;  // RFC 5321 4.5.3.1.4
    case MailProtocol::kPop3:
      return 255;  // RFC 2449 4
    case MailProtocol::kImap:
      break;
  }
  return std::nullopt;
}

MailServerLine ParseServerLine(MailProtocol protocol, std::string_view tag, std::string_view line) {
  switch (protocol) {
    case MailProtocol::kSmtp:
      return ParseSmtp(line);
    case MailProtocol::kImap:
      return ParseImap(tag, line);
    case MailProtocol::kPop3:
      break;
  }
  return ParsePop3(line);
}

}  // namespace epa::sasl
