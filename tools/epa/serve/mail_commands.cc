#include "tools/epa/serve/mail_commands.h"

#include <algorithm>

namespace epa::tool {

std::unique_ptr<MailCommands> CreateMailCommands(sasl::MailProtocol protocol) {
  switch (protocol) {
    case sasl::MailProtocol::kSmtp:
      return CreateSmtpCommands();
    case sasl::MailProtocol::kImap:
      return CreateImapCommands();
    case sasl::MailProtocol::kPop3:
      break;
  }
  return CreatePop3Commands();
}

std::string TakeWord(std::string_view& line) {
  std::string word(line.substr(0, line.find(' ')));
  line.remove_prefix(std::min(word.size() + 1, line.size()));
  for (char& c : word) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return word;
}

}  // namespace epa::tool
