// SMTP (RFC 5321) up to the mail itself, which this server takes for nobody.
#include "tools/epa/serve/mail_commands.h"

namespace epa::tool {
namespace {

using Next = MailAnswer::Next;

class SmtpCommands final : public MailCommands {
 public:
  std::string Greeting() const override { return "220 epa ESMTP\r\n"; }
  MailAnswer Answer(std::string_view line, const MailStanding& standing) override;
  std::string TooLong() const override { return "500 5.5.2 Line too long\r\n"; }
  std::string Goodbye() const override { return "421 4.3.2 The server stops\r\n"; }

 private:
  static std::string Extensions(const MailStanding& standing);
  static MailAnswer StartTls(const MailStanding& standing);
  static MailAnswer AnswerLoggedIn(std::string_view verb);
};

std::string SmtpCommands::Extensions(const MailStanding& standing) {
  std::string lines = "250-epa\r\n";
  if (!standing.capability.empty()) {
    lines += "250-" + standing.capability + "\r\n";
  }
  if (standing.may_start_tls) {
    lines += "250-STARTTLS\r\n";
  }
  return lines + "250 ENHANCEDSTATUSCODES\r\n";
}

MailAnswer SmtpCommands::StartTls(const MailStanding& standing) {
  if (!standing.may_start_tls) {
    return {.send = "503 5.5.1 No TLS here\r\n"};
  }
  return {.send = "220 2.0.0 Begin TLS\r\n", .next = Next::kStartTls};
}

MailAnswer SmtpCommands::Answer(std::string_view line, const MailStanding& standing) {
  const std::string verb = TakeWord(line);
  if (verb == "EHLO") {
    return {.send = Extensions(standing)};
  }
  if (verb == "HELO" || verb == "NOOP" || verb == "RSET") {
    return {.send = "250 2.0.0 OK\r\n"};
  }
  if (verb == "QUIT") {
    return {.send = "221 2.0.0 Goodbye\r\n", .next = Next::kClose};
  }
  if (verb == "STARTTLS") {
    return StartTls(standing);
  }
  if (verb == "AUTH") {
    return {.next = Next::kLogIn, .arguments = std::string(line)};
  }
  if (standing.report.empty()) {
    return {.send = "530 5.7.0 Authentication required\r\n"};
  }
  return verb == "HELP" ? MailAnswer{.send = "214 2.0.0 " + standing.report + "\r\n"}
                        : AnswerLoggedIn(verb);
}

MailAnswer SmtpCommands::AnswerLoggedIn(std::string_view verb) {
  if (verb == "MAIL") {
    return {.send = "250 2.1.0 OK\r\n"};
  }
  if (verb == "RCPT" || verb == "VRFY") {
    return {.send = "550 5.1.1 This server has no mailboxes\r\n"};
  }
  return {.send = verb == "DATA" ? "503 5.5.1 No recipients\r\n" : "502 5.5.1 No such command\r\n"};
}

}  // namespace

std::unique_ptr<MailCommands> CreateSmtpCommands() { return std::make_unique<SmtpCommands>(); }

}  // namespace epa::tool
