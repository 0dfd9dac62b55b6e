// The client's side of one SASL exchange, in no protocol's words. It does no input or output.
#ifndef EPA_SASL_CLIENT_EXCHANGE_H_
#define EPA_SASL_CLIENT_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/reason.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/sasl/mechanism.h"
#include "epa/sasl/security_layer.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

struct ClientOptions {
  MechanismType mechanism = MechanismType::kGssSpnego;
  // Required: Kerberos' for GSSAPI, Negotiate's for GSS-SPNEGO, NTLM's for NTLM.
  std::shared_ptr<const Credentials> credentials;
  std::optional<Channel> channel;  // required
  // Target name (such as "ldap/" and the host) and binding request. What is asked of signing and
  // sealing says `layer`.
  InitiatorParameters parameters;
  // What there is to be after the login: exactly this, or there is no login. Inside TLS directory
  // servers demand that there is none.
  Layer layer = Layer::kNone;
  // Less is taken, too, where the server gives no more.
  bool weaker_layers = false;
  // Of whichever layer it is: another is refused.
  StrengthRange strength;
  // As whom to act (GSSAPI alone; RFC 4752 3.1): empty for oneself.
  std::string authorization_identity;
  // The longest wrapped message that is taken, in octets. GSSAPI tells the server, in 24 bits;
  // servers of the others send what they like.
  size_t max_message = 0x0FFFFFFF;
};

struct ClientStep {
  enum class State : uint8_t {
    kContinue,  // send `data` as the response
    kPending,   // run the work, then Resume
    kRefused,   // by our side: cancel the exchange
  };

  State state = State::kRefused;
  // No value: no response. Protocols that know no such thing send an empty one.
  std::optional<std::vector<uint8_t>> data;
  std::unique_ptr<PendingWork> pending_work;
};

// One exchange. Used by one owner at a time. A server's word that we are logged in is believed at
// the end only: when our last message was sent and nothing that the server said was wrong.
//
//   state      event                    GSSAPI                          the others
//   begin      Begin                    the first token                 the first token
//   token      a token of the server    the next, or empty (`offer`)    the next, or empty (`done`)
//   offer      four octets, wrapped     the choice of the layer (`done`)  -
//              anything else            refused                         -
//   done       another challenge        refused                         refused
//   any        Conclude                 refused unless `done`           the same; data of success
//   is
//                                                                       the server's last token
class ClientExchange {
 public:
  // InvalidArgument for missing credentials or channel, credentials of another package than the
  // mechanism's, an authorization identity with another mechanism than GSSAPI, with NUL or longer
  // than 1024 octets, and a layer with a `max_message` below 4096.
  static absl::StatusOr<std::unique_ptr<ClientExchange>> Create(ClientOptions options);
  ~ClientExchange();
  ClientExchange(const ClientExchange&) = delete;
  ClientExchange& operator=(const ClientExchange&) = delete;

  // The first response. Faults of ours are errors.
  [[nodiscard]] absl::StatusOr<ClientStep> Begin();
  [[nodiscard]] absl::StatusOr<ClientStep> Step(std::span<const uint8_t> challenge);
  [[nodiscard]] absl::StatusOr<ClientStep> Resume(std::unique_ptr<PendingWork> work);
  // The server says that we are logged in; `data`: what it says with that. The state kContinue is
  // the end: there is nothing more to send, and complete() is true.
  [[nodiscard]] absl::StatusOr<ClientStep> Conclude(std::optional<std::span<const uint8_t>> data);

  // Whether our last message is made, and nothing but the server's word is due.
  bool done() const;
  bool complete() const;
  // Why our side refused. kNone until then.
  Reason reason() const;
  const std::string& reason_detail() const;
  // Null before Begin.
  const SecurityContext* context() const;
  // The layer that begins after the server's message of success; null: none. Owned by this object.
  SecurityLayer* layer();

 private:
  class Impl;
  explicit ClientExchange(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_CLIENT_EXCHANGE_H_
