// A client's conversation in SMTP, IMAP or POP3: greeting, capabilities, TLS, and lines.
#ifndef EPA_TOOLS_EPA_LOGIN_MAIL_TALK_H_
#define EPA_TOOLS_EPA_LOGIN_MAIL_TALK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/sasl/mail_server.h"
#include "epa/sasl/mechanism.h"
#include "tools/epa/common/line_reader.h"
#include "tools/epa/login/sasl_stream.h"

namespace epa::tool {

// Blocks. One owner at a time. `stream` outlives it.
class MailTalk {
 public:
  MailTalk(sasl::MailProtocol protocol, SaslStream& stream)
      : protocol_(protocol), stream_(stream) {}

  // Unavailable where the server's greeting is none.
  absl::Status Greet();
  // What the server says of itself: EHLO, CAPABILITY or CAPA, a word or a line each.
  absl::StatusOr<std::vector<std::string>> Capabilities();
  // STARTTLS or STLS. FailedPrecondition: the server has none, and nobody is to be shown anything.
  absl::Status StartTls();
  // The next line that answers a login: of SMTP's reply the last one, of IMAP's none that is
  // untagged.
  absl::StatusOr<std::string> LoginLine();
  absl::Status Write(std::string_view text) { return stream_.Write(text); }

 private:
  absl::StatusOr<std::string> Line();
  // All lines of a reply, of which the first says how it went.
  absl::StatusOr<std::vector<std::string>> Reply(bool many);
  static bool IsGood(sasl::MailProtocol protocol, const std::vector<std::string>& reply);

  const sasl::MailProtocol protocol_;
  SaslStream& stream_;
  LineReader lines_;
};

// The mechanisms that the server lists, of those there are.
std::vector<sasl::MechanismType> MechanismsIn(sasl::MailProtocol protocol,
                                              const std::vector<std::string>& capabilities);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_MAIL_TALK_H_
