// What SMTP, IMAP and POP3 have beside the login, as far as a small server needs it.
#ifndef EPA_TOOLS_EPA_SERVE_MAIL_COMMANDS_H_
#define EPA_TOOLS_EPA_SERVE_MAIL_COMMANDS_H_

#include <memory>
#include <string>
#include <string_view>

#include "epa/sasl/mail_server.h"

namespace epa::tool {

// What a command is answered by.
struct MailAnswer {
  enum class Next : uint8_t { kStay, kLogIn, kStartTls, kClose };

  std::string send;
  Next next = Next::kStay;
  // With kLogIn: for MailServer::Begin.
  std::string tag;
  std::string arguments;
};

// Where the connection stands.
struct MailStanding {
  // MailServer's: which mechanisms there are.
  std::string capability;
  bool may_start_tls = false;
  // What is known of who is logged in, a line of JSON; empty: nobody is.
  std::string report;
};

// One connection's commands.
class MailCommands {
 public:
  virtual ~MailCommands() = default;
  virtual std::string Greeting() const = 0;
  // `line`: without its end.
  virtual MailAnswer Answer(std::string_view line, const MailStanding& standing) = 0;
  virtual std::string TooLong() const = 0;
  // The server stops.
  virtual std::string Goodbye() const = 0;
};

std::unique_ptr<MailCommands> CreateMailCommands(sasl::MailProtocol protocol);
std::unique_ptr<MailCommands> CreateSmtpCommands();
std::unique_ptr<MailCommands> CreateImapCommands();
std::unique_ptr<MailCommands> CreatePop3Commands();

// The first word of a line in upper case, which leaves `line` at what is behind the blank.
std::string TakeWord(std::string_view& line);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_MAIL_COMMANDS_H_
