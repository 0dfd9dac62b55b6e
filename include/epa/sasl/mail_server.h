// The server's side of SASL in SMTP, IMAP and POP3: the lines of one connection's logins, and
// nothing else of the protocols. It does no input or output.
#ifndef EPA_SASL_MAIL_SERVER_H_
#define EPA_SASL_MAIL_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "epa/core/channel.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/sasl/server_exchange.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

enum class MailProtocol : uint8_t { kSmtp, kImap, kPop3 };

// No line of a login is longer, its end included: a Kerberos token in base64. SMTP demands room for
// 12288 octets (RFC 4954 4).
inline constexpr size_t kMaxMailLine = 96 * 1024;

// What is to be done after a line.
struct MailServerOutput {
  // Lines for the client, with their ends.
  std::string send;
  // Run it on any thread, then call Resume; until then no line may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Send what there is, then close the connection: too many logins were refused.
  bool close = false;
  // What happened, for the operator: the client was refused (PermissionDenied), gave up (Cancelled)
  // or broke the protocol (InvalidArgument), or a fault of ours (others).
  absl::Status reason;
};

// The logins of one connection. Used by one owner at a time.
//
//   state        event                                what happens (SMTP; IMAP and POP3 alike)
//   idle         Begin, a mechanism that is offered   the first challenge, or the token's answer
//                one that is there inside TLS alone   538
//                an unknown one                       504
//                none, or more arguments than two     501
//   exchanging   a line of base64                     the next challenge; 235; 535
//                "*"                                  501: the client gives up
//                any other line                       501
//                a line that is too long              500
//   confirming   an empty line                        235: the token before it was the last
//                any other line                       as exchanging; nobody is logged in
//   logged in    Begin                                503
//
// Every refusal reads alike, but for a fault of ours (454), after which a client is to try later.
// After TLS has begun on the connection a new object is to be made: what was learnt before counts
// no more (RFC 3207 4.2).
class MailServer {
 public:
  MailServer(std::shared_ptr<const ServerConfig> config, MailProtocol protocol, Channel channel,
             std::string peer);
  ~MailServer();
  MailServer(MailServer&&) noexcept;
  MailServer& operator=(MailServer&&) noexcept;

  // What the server says of its mechanisms: "AUTH GSSAPI NTLM" in answer to EHLO,
  // "SASL-IR AUTH=GSSAPI AUTH=NTLM" among capabilities, "SASL GSSAPI NTLM" in answer to CAPA.
  // Empty: there are none on this connection.
  std::string Capability() const;

  // The command that begins a login: what stands behind AUTH or AUTHENTICATE, and IMAP's tag before
  // it. FailedPrecondition in `reason` while a login is under way.
  MailServerOutput Begin(std::string_view arguments, std::string_view tag = "");
  // While in_progress(): the client's next line, without its end.
  MailServerOutput Receive(std::string_view line);
  // The same, where the line is longer than kMaxMailLine. Its rest is the caller's to skip.
  MailServerOutput ReceiveTooLong();
  MailServerOutput Resume(std::unique_ptr<PendingWork> work);

  bool in_progress() const;
  // The established login, or null.
  const ServerExchange* login() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_MAIL_SERVER_H_
