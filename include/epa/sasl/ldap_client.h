// The client's side of LDAP's Bind operation by SASL (RFC 4511 4.2, [MS-ADTS] 5.1.1.1.2) or Sicily
// ([MS-ADTS] 5.1.1.1.3). Nothing else of LDAP is here. It does no input or output.
#ifndef EPA_SASL_LDAP_CLIENT_H_
#define EPA_SASL_LDAP_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/reason.h"
#include "epa/core/security_context.h"
#include "epa/sasl/client_exchange.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

struct LdapClientOptions {
  ClientOptions exchange;
  // Of the first message; each further one has the next. From 1 on.
  int32_t first_message_id = 1;
  // NTLM's messages in the authentication choices that Windows' directory had before SASL. With the
  // mechanism NTLM alone.
  bool sicily = false;
};

struct LdapClientOutput {
  // For the server; in the clear of whatever layer there was.
  std::vector<uint8_t> send;
  // Run it on any thread, then call Resume; until then no message may be given.
  std::unique_ptr<PendingWork> pending_work;
};

// Why there is no login.
struct LdapClientRefusal {
  // kRefusedByPeer where the server refused. Where it says in Windows' way, or Samba's, that it was
  // for the binding: kBindingMissing, kBindingExplicitlyNone or kBindingMismatch, by what was sent.
  // kSecurityLayerRequired where it demands signing.
  Reason reason = Reason::kNone;
  // Of the server's answer; 0 where our side refused.
  int32_t result_code = 0;
  // One line for people: the server's diagnostic message.
  std::string detail;
};

// One login. Used by one owner at a time. Nothing is tried again and nothing weaker is tried.
//
//   state     event                              what happens
//   (begin)   Begin                              the first bind request
//   binding   14 with credentials                the next bind request
//             Sicily: the first 0                its challenge: the next bind request
//             0 after our last message           logged in; the layer begins
//             0 with the server's last token     the same, if that is right
//             0 before                           refusal
//             any other result                   refusal
//             what is no answer to our request   refusal
class LdapClient {
 public:
  // InvalidArgument as ClientExchange::Create, for a message ID below 1, and for Sicily with
  // another mechanism than NTLM.
  static absl::StatusOr<std::unique_ptr<LdapClient>> Create(LdapClientOptions options);
  ~LdapClient();
  LdapClient(const LdapClient&) = delete;
  LdapClient& operator=(const LdapClient&) = delete;

  // A fault of ours is an error, and the connection is then to be closed.
  absl::StatusOr<LdapClientOutput> Begin();
  // A whole LDAPMessage.
  absl::StatusOr<LdapClientOutput> Receive(std::span<const uint8_t> message);
  absl::StatusOr<LdapClientOutput> Resume(std::unique_ptr<PendingWork> work);

  bool logged_in() const;
  // Set once it is certain that there is no login.
  const std::optional<LdapClientRefusal>& refusal() const;
  // What the application's next message is to have.
  int32_t next_message_id() const;
  // Null before Begin.
  const SecurityContext* context() const;
  // The layer for all octets after the login; null: none.
  SecurityLayer* layer();

 private:
  class Impl;
  explicit LdapClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_LDAP_CLIENT_H_
