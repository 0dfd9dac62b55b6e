#include "tools/epa/login/mail_talk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"

namespace epa::tool {
namespace {

using sasl::MailProtocol;

// No honest server says more.
constexpr size_t kMostLines = 1000;

// Words of one protocol. A command's tag is "c".
struct Words {
  std::string_view capabilities;
  std::string_view start_tls;
  std::string_view offer;                 // of TLS
  std::string_view application_protocol;  // RFC 7301
};
constexpr std::array kWords = {
    Words{"EHLO epa\r\n", "STARTTLS\r\n", "STARTTLS", ""},
    Words{"c CAPABILITY\r\n", "c STARTTLS\r\n", "STARTTLS", "imap"},
    Words{"CAPA\r\n", "STLS\r\n", "STLS", "pop3"},
};
const Words& WordsOf(MailProtocol protocol) { return kWords[static_cast<size_t>(protocol)]; }

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (!word.empty()) {
      words.emplace_back(word);
    }
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return words;
}

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::any_of(
      list, [&](const std::string& one) { return EqualsIgnoringAsciiCase(one, word); });
}

}  // namespace

absl::StatusOr<std::string> MailTalk::Line() {
  std::array<uint8_t, 4096> room{};
  while (true) {
    if (std::optional<LineReader::Line> line = lines_.Next(sasl::kMaxMailLine)) {
      return line->too_long ? absl::UnavailableError("the server's line is too long")
                            : absl::StatusOr<std::string>(std::move(line->text));
    }
    EPA_ASSIGN_OR_RETURN(const size_t size, stream_.Read(room));
    lines_.Take(std::span(room).first(size));
  }
}

absl::StatusOr<std::vector<std::string>> MailTalk::Reply(bool many) {
  std::vector<std::string> reply;
  while (reply.size() < kMostLines) {
    EPA_ASSIGN_OR_RETURN(reply.emplace_back(), Line());
    const std::string& line = reply.back();
    const bool more = protocol_ == MailProtocol::kSmtp ? line.size() > 3 && line[3] == '-'
                      : protocol_ == MailProtocol::kImap
                          ? many && line.starts_with("* ")
                          : many && line != "." && !line.starts_with("-ERR");
    if (!more) {
      return reply;
    }
  }
  return absl::UnavailableError("the server says too much");
}

bool MailTalk::IsGood(MailProtocol protocol, const std::vector<std::string>& reply) {
  switch (protocol) {
    case MailProtocol::kSmtp:
      return reply.back().starts_with('2');
    case MailProtocol::kImap:
      return reply.back().starts_with("c OK") || reply.back().starts_with("* OK");
    case MailProtocol::kPop3:
      break;
  }
  return reply.front().starts_with("+OK");
}

absl::Status MailTalk::Greet() {
  EPA_ASSIGN_OR_RETURN(const std::vector<std::string> reply, Reply(/*many=*/false));
  return IsGood(protocol_, reply) ? absl::OkStatus()
                                  : absl::UnavailableError("the server said " + reply.back());
}

absl::StatusOr<std::vector<std::string>> MailTalk::Capabilities() {
  EPA_RETURN_IF_ERROR(stream_.Write(WordsOf(protocol_).capabilities));
  EPA_ASSIGN_OR_RETURN(std::vector<std::string> reply, Reply(/*many=*/true));
  if (!IsGood(protocol_, reply)) {
    return absl::UnavailableError("the server said " + reply.back());
  }
  if (protocol_ == MailProtocol::kImap) {
    constexpr std::string_view kStart = "* CAPABILITY ";
    const auto line = std::ranges::find_if(
        reply, [&](const std::string& one) { return one.starts_with(kStart); });
    return line == reply.end() ? std::vector<std::string>()
                               : Split(std::string_view(*line).substr(kStart.size()));
  }
  reply.erase(reply.begin());  // who the server is
  if (protocol_ == MailProtocol::kPop3) {
    reply.pop_back();  // the dot
    return reply;
  }
  for (std::string& line : reply) {
    line.erase(0, std::min<size_t>(4, line.size()));
  }
  return reply;
}

absl::Status MailTalk::StartTls() {
  const Words& words = WordsOf(protocol_);
  EPA_ASSIGN_OR_RETURN(const std::vector<std::string> capabilities, Capabilities());
  if (!Contains(capabilities, words.offer)) {
    return absl::FailedPreconditionError("the server offers no " + std::string(words.offer));
  }
  EPA_RETURN_IF_ERROR(stream_.Write(words.start_tls));
  EPA_ASSIGN_OR_RETURN(const std::vector<std::string> reply, Reply(/*many=*/false));
  if (!IsGood(protocol_, reply)) {
    return absl::FailedPreconditionError("the server said " + reply.back());
  }
  // What came with the answer was never protected (CVE-2011-0411).
  if (!lines_.empty()) {
    return absl::FailedPreconditionError("the server went on after " + std::string(words.offer));
  }
  return stream_.StartTls(words.application_protocol);
}

absl::StatusOr<std::string> MailTalk::LoginLine() {
  while (true) {
    EPA_ASSIGN_OR_RETURN(const std::vector<std::string> reply, Reply(/*many=*/false));
    if (protocol_ != MailProtocol::kImap || !reply.back().starts_with("* ")) {
      return reply.back();
    }
  }
}

std::vector<sasl::MechanismType> MechanismsIn(MailProtocol protocol,
                                              const std::vector<std::string>& capabilities) {
  std::vector<std::string> names;
  constexpr std::string_view kAuth = "AUTH=";
  for (const std::string& capability : capabilities) {
    std::vector<std::string> words = Split(capability);
    const std::string_view list = protocol == MailProtocol::kSmtp ? "AUTH" : "SASL";
    if (protocol == MailProtocol::kImap) {
      if (EqualsIgnoringAsciiCase(capability.substr(0, kAuth.size()), kAuth)) {
        names.push_back(capability.substr(kAuth.size()));
      }
    } else if (!words.empty() && EqualsIgnoringAsciiCase(words.front(), list)) {
      names.insert(names.end(), words.begin() + 1, words.end());
    }
  }
  std::vector<sasl::MechanismType> mechanisms;
  for (const sasl::MechanismType mechanism : sasl::kMechanismTypes) {
    if (Contains(names, sasl::MechanismName(mechanism))) {
      mechanisms.push_back(mechanism);
    }
  }
  return mechanisms;
}

}  // namespace epa::tool
