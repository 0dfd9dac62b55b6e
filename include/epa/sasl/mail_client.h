// The client's side of SASL in SMTP, IMAP and POP3: the lines of one login, and nothing else of the
// protocols. It does no input or output.
#ifndef EPA_SASL_MAIL_CLIENT_H_
#define EPA_SASL_MAIL_CLIENT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/core/reason.h"
#include "epa/core/security_context.h"
#include "epa/sasl/client_exchange.h"
#include "epa/sasl/mail_server.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

struct MailClientOptions {
  MailProtocol protocol = MailProtocol::kSmtp;
  // Mail has no security layers: `layer` stays none.
  ClientOptions exchange;
  // IMAP's, of the AUTHENTICATE command.
  std::string tag = "a1";
  // The server takes a first response with the command: always in SMTP and POP3, in IMAP where it
  // lists SASL-IR (RFC 4959). It is sent so where the line has room for it.
  bool initial_response = true;
};

struct MailClientOutput {
  // Lines for the server, with their ends.
  std::string send;
  // Run it on any thread, then call Resume; until then no line may be given.
  std::unique_ptr<PendingWork> pending_work;
};

// One login. Used by one owner at a time. Nothing is tried again and nothing weaker is tried.
//
//   state      event (SMTP; IMAP and POP3 alike)   what happens
//   (begin)    Begin                               AUTH, with the first token where it fits
//   asked      334 and anything                    the first token
//   replying   334 and base64                      the next token
//              334 and anything else               "*"; refusal
//              235 after our last message          logged in
//              235 before                          refusal
//   cancelled  anything                            refusal: that of our side, which came first
//   any        4yz, 5yz                            refusal
//              anything else                       refusal
class MailClient {
 public:
  // InvalidArgument as ClientExchange::Create, for a layer, and for a tag that is none.
  static absl::StatusOr<std::unique_ptr<MailClient>> Create(MailClientOptions options);
  ~MailClient();
  MailClient(const MailClient&) = delete;
  MailClient& operator=(const MailClient&) = delete;

  // A fault of ours is an error, and the connection is then to be closed.
  absl::StatusOr<MailClientOutput> Begin();
  // The server's next line, without its end; of a reply with several, the last. Untagged lines of
  // IMAP ("* ...") are the caller's.
  absl::StatusOr<MailClientOutput> Receive(std::string_view line);
  absl::StatusOr<MailClientOutput> Resume(std::unique_ptr<PendingWork> work);

  // The server accepted our proof, after all of it was sent.
  bool logged_in() const;
  // Set once it is certain that there is no login: kRefusedByPeer where the server refused, with
  // its words as the detail. Before the server has answered "*" it is not.
  const std::optional<Reason>& refusal() const;
  const std::string& refusal_detail() const;
  // Null before Begin.
  const SecurityContext* context() const;

 private:
  class Impl;
  explicit MailClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_MAIL_CLIENT_H_
