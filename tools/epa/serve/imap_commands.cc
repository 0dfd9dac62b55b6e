// IMAP (RFC 9051) with one mailbox, which is empty.
#include "tools/epa/serve/mail_commands.h"

#include <algorithm>

namespace epa::tool {
namespace {

using Next = MailAnswer::Next;

bool IsTagCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
         c == '-' || c == '_';
}

bool IsTag(std::string_view tag) {
  return !tag.empty() && tag.size() <= 64 && std::ranges::all_of(tag, IsTagCharacter);
}

class ImapCommands final : public MailCommands {
 public:
  std::string Greeting() const override { return "* OK epa\r\n"; }
  MailAnswer Answer(std::string_view line, const MailStanding& standing) override;
  std::string TooLong() const override { return "* BAD Line too long\r\n"; }
  std::string Goodbye() const override { return "* BYE The server stops\r\n"; }

 private:
  static std::string Capabilities(const MailStanding& standing);
  // Of who is logged in.
  static std::string Untagged(std::string_view verb, const MailStanding& standing);
};

std::string ImapCommands::Capabilities(const MailStanding& standing) {
  std::string line = "* CAPABILITY IMAP4rev1 ID";
  if (standing.may_start_tls) {
    line += " STARTTLS";
  }
  if (standing.report.empty()) {
    line += " LOGINDISABLED";
    line += standing.capability.empty() ? "" : " " + standing.capability;
  }
  return line + "\r\n";
}

std::string ImapCommands::Untagged(std::string_view verb, const MailStanding& standing) {
  if (verb == "LIST" || verb == "LSUB") {
    return "* " + std::string(verb) + " () \"/\" INBOX\r\n";
  }
  if (verb == "SELECT" || verb == "EXAMINE") {
    return "* 0 EXISTS\r\n* 0 RECENT\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 1] \r\n"
           "* OK [UIDNEXT 1] " +
           standing.report + "\r\n";
  }
  if (verb == "STATUS") {
    return "* STATUS INBOX (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 1 UNSEEN 0)\r\n";
  }
  return verb == "SEARCH" ? "* SEARCH\r\n" : "";
}

MailAnswer ImapCommands::Answer(std::string_view line, const MailStanding& standing) {
  const std::string tag(line.substr(0, line.find(' ')));
  if (!IsTag(tag)) {
    return {.send = "* BAD No tag\r\n"};
  }
  line.remove_prefix(std::min(tag.size() + 1, line.size()));
  std::string verb = TakeWord(line);
  if (verb == "AUTHENTICATE") {
    return {.next = Next::kLogIn, .tag = tag, .arguments = std::string(line)};
  }
  if (verb == "STARTTLS") {
    return standing.may_start_tls
               ? MailAnswer{.send = tag + " OK Begin TLS\r\n", .next = Next::kStartTls}
               : MailAnswer{.send = tag + " BAD No TLS here\r\n"};
  }
  if (verb == "LOGOUT") {
    return {.send = "* BYE Goodbye\r\n" + tag + " OK Done\r\n", .next = Next::kClose};
  }
  if (verb == "CAPABILITY") {
    return {.send = Capabilities(standing) + tag + " OK Done\r\n"};
  }
  if (verb == "ID") {
    return {.send = "* ID NIL\r\n" + tag + " OK Done\r\n"};
  }
  if (verb == "NOOP") {
    return {.send = tag + " OK Done\r\n"};
  }
  if (verb == "LOGIN" || standing.report.empty()) {
    return {.send = tag + " NO Authenticate first\r\n"};
  }
  if (verb == "UID") {
    verb = TakeWord(line);
  }
  constexpr std::string_view kKnown[] = {"LIST",   "LSUB",   "SELECT", "EXAMINE",
                                         "STATUS", "FETCH",  "CLOSE",  "UNSELECT",
                                         "CHECK",  "SEARCH", "EXPUNGE"};
  if (std::ranges::find(kKnown, verb) == std::end(kKnown)) {
    return {.send = tag + " BAD No such command\r\n"};
  }
  return {.send = Untagged(verb, standing) + tag + " OK Done\r\n"};
}

}  // namespace

std::unique_ptr<MailCommands> CreateImapCommands() { return std::make_unique<ImapCommands>(); }

}  // namespace epa::tool
