// The words of SASL in SMTP (RFC 4954), IMAP (RFC 9051 6.2.2) and POP3 (RFC 5034).
#ifndef EPA_LIB_SASL_MAIL_WORDS_H_
#define EPA_LIB_SASL_MAIL_WORDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/sasl/mail_server.h"

namespace epa::sasl {

// How a server answers a login's lines.
enum class MailReply : uint8_t {
  kSuccess,
  kRefused,
  kOurFault,   // try later
  kCancelled,  // by the client
  kBadBase64,
  kTooLong,
  kBadCommand,  // arguments that are none
  kUnknownMechanism,
  kNeedsTls,   // the mechanism is there, though not in the clear
  kLoggedIn,   // already
  kOutOfTurn,  // a command in the middle of a login
};

// A line with its end.
std::string ReplyLine(MailProtocol protocol, MailReply reply, std::string_view tag);
// No value: the client is to go ahead.
std::string ChallengeLine(MailProtocol protocol, const std::optional<std::vector<uint8_t>>& data);
std::string CapabilityText(MailProtocol protocol, std::span<const MechanismType> mechanisms);

// What a client says: without a value there is no response, "=" is an empty one.
std::string ResponseLine(std::span<const uint8_t> response);
std::string CommandLine(MailProtocol protocol, std::string_view tag, MechanismType mechanism,
                        const std::optional<std::vector<uint8_t>>& initial_response);
// The longest command line, its end included, or no limit.
std::optional<size_t> LongestCommand(MailProtocol protocol);

// What a server's line is to a client.
struct MailServerLine {
  enum class Kind : uint8_t { kChallenge, kSuccess, kRefusal, kUnknown };
  Kind kind = Kind::kUnknown;
  // Behind the status.
  std::string_view text;
};
MailServerLine ParseServerLine(MailProtocol protocol, std::string_view tag, std::string_view line);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_MAIL_WORDS_H_
