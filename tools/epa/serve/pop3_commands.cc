// POP3 (RFC 1939, RFC 2449) with a mailbox that is empty.
#include "tools/epa/serve/mail_commands.h"

namespace epa::tool {
namespace {

using Next = MailAnswer::Next;

class Pop3Commands final : public MailCommands {
 public:
  std::string Greeting() const override { return "+OK epa\r\n"; }
  MailAnswer Answer(std::string_view line, const MailStanding& standing) override;
  std::string TooLong() const override { return "-ERR Line too long\r\n"; }
  std::string Goodbye() const override { return "-ERR The server stops\r\n"; }

 private:
  static std::string Capabilities(const MailStanding& standing);
  static std::string Mechanisms(std::string_view capability);
  static MailAnswer AnswerLoggedIn(std::string_view verb, const MailStanding& standing);
};

std::string Pop3Commands::Capabilities(const MailStanding& standing) {
  std::string lines = "+OK\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n";
  if (standing.may_start_tls) {
    lines += "STLS\r\n";
  }
  if (!standing.capability.empty()) {
    lines += standing.capability + "\r\n";
  }
  return lines + ".\r\n";
}

// AUTH alone asks for the list, a mechanism a line ([MS-POP3] 2.2.1).
std::string Pop3Commands::Mechanisms(std::string_view capability) {
  std::string lines = "+OK\r\n";
  TakeWord(capability);
  while (!capability.empty()) {
    lines += TakeWord(capability) + "\r\n";
  }
  return lines + ".\r\n";
}

MailAnswer Pop3Commands::Answer(std::string_view line, const MailStanding& standing) {
  const std::string verb = TakeWord(line);
  if (verb == "CAPA") {
    return {.send = Capabilities(standing)};
  }
  if (verb == "QUIT") {
    return {.send = "+OK Goodbye\r\n", .next = Next::kClose};
  }
  if (verb == "STLS") {
    return standing.may_start_tls ? MailAnswer{.send = "+OK Begin TLS\r\n", .next = Next::kStartTls}
                                  : MailAnswer{.send = "-ERR No TLS here\r\n"};
  }
  if (verb == "AUTH" && line.empty()) {
    return {.send = Mechanisms(standing.capability)};
  }
  if (verb == "AUTH") {
    return {.next = Next::kLogIn, .arguments = std::string(line)};
  }
  return standing.report.empty() ? MailAnswer{.send = "-ERR Authenticate first\r\n"}
                                 : AnswerLoggedIn(verb, standing);
}

MailAnswer Pop3Commands::AnswerLoggedIn(std::string_view verb, const MailStanding& standing) {
  if (verb == "LIST" || verb == "UIDL") {
    return {.send = "+OK " + standing.report + "\r\n.\r\n"};
  }
  if (verb == "STAT") {
    return {.send = "+OK 0 0\r\n"};
  }
  const bool known = verb == "NOOP" || verb == "RSET";
  return {.send = known ? "+OK\r\n" : "-ERR No such command or message\r\n"};
}

}  // namespace

std::unique_ptr<MailCommands> CreatePop3Commands() { return std::make_unique<Pop3Commands>(); }

}  // namespace epa::tool
