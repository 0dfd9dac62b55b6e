// The server's side of one SASL exchange, in no protocol's words. It does no input or output.
#ifndef EPA_SASL_SERVER_EXCHANGE_H_
#define EPA_SASL_SERVER_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/identity.h"
#include "epa/core/reason.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/sasl/mechanism.h"
#include "epa/sasl/security_layer.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

// Whether `client`, who proved who it is, may act as `authorization_identity`, which is not empty,
// not its own name, valid UTF-8 without NUL, and the client's wish alone. Must not block.
using Authorize =
    std::function<bool(const PeerIdentity& client, std::string_view authorization_identity)>;

struct ServerOptions {
  // One of them at least; each is one mechanism.
  std::shared_ptr<const Credentials> kerberos;             // GSSAPI: the package Kerberos
  std::shared_ptr<const Credentials> negotiate;            // GSS-SPNEGO: the package Negotiate
  std::shared_ptr<const Credentials> ntlm;                 // NTLM: the package NTLM
  std::shared_ptr<const ExtendedProtectionPolicy> policy;  // required
  std::shared_ptr<AuditSink> audit;                        // required; NoAudit() for none
  // Mechanisms are offered on clear connections, too. Without it nobody logs in before TLS, where
  // nothing binds a login to its connection.
  bool offer_in_clear = false;
  // Empty: nobody acts as anybody else.
  Authorize authorize;
  // The longest wrapped message that is taken in a security layer, in octets. A client of GSSAPI is
  // told; RFC 4752 3.1 has 24 bits for it.
  size_t max_message = 0xFFFFFF;
  // Null: the system's. Outlives the configuration.
  const Clock* clock = nullptr;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class ServerConfig {
 public:
  // InvalidArgument for a missing policy or audit sink, an audit-only policy without an audit, no
  // credentials at all, credentials of another package than their mechanism's, a `max_message`
  // beyond 24 bits or below 4096, and, with `offer_in_clear`, a policy that cannot protect a clear
  // connection.
  static absl::StatusOr<std::shared_ptr<const ServerConfig>> Create(ServerOptions options);
  const ServerOptions& options() const { return options_; }

  // Null: not offered at all.
  const std::shared_ptr<const Credentials>& CredentialsOf(MechanismType mechanism) const;
  // What a client on such a channel may use, preferred first.
  std::vector<MechanismType> Offered(const Channel& channel) const;

 private:
  explicit ServerConfig(ServerOptions options) : options_(std::move(options)) {}
  ServerOptions options_;
};

// What a protocol makes of security layers.
enum class LayerRule : uint8_t {
  // It has none, whatever a context's flags say: mail. GSSAPI's negotiation offers none.
  kNever,
  // A client that agrees to one is refused (kSecurityLayerForbidden): LDAP inside TLS.
  kRefused,
  kAllowed,
  // A client that agrees to none is refused (kSecurityLayerRequired).
  kRequired,
};

struct ServerStep {
  enum class State : uint8_t {
    kContinue,  // send `data` as a challenge
    kPending,   // run the work, then Resume
    kAccepted,  // logged in; `data` belongs to the message of success, or is one more challenge
                // before it, whose answer is empty, where a protocol has no such data
    kRefused,
  };

  State state = State::kRefused;
  // Absent and empty differ: some protocols can tell.
  std::optional<std::vector<uint8_t>> data;
  std::unique_ptr<PendingWork> pending_work;
};

// One exchange. Used by one owner at a time.
//
//   state      event                             GSSAPI                      the others
//   token      a token, and more are needed      challenge                   challenge
//              the last token, with an answer    challenge, then `empty`     accepted, with it
//              the last token, without           offer, then `choice`        accepted
//              nothing                           refused                     GSS-SPNEGO: what there
//                                                                            is; NTLM: refused
//   empty      nothing                           offer, then `choice`        -
//              anything                          refused                     -
//   choice     one layer that was offered,       accepted                    -
//              an identity that is granted
//              anything else                     refused                     -
//
// A token of another mechanism than the one named is refused, such as SPNEGO's under GSSAPI. The
// one audit event is emitted when all of this is decided, not before the layer is.
class ServerExchange {
 public:
  // FailedPrecondition where `mechanism` is not offered on such a channel; otherwise fails as
  // SecurityContext::Accept. `peer`: for audit events, such as the client's address. `strength`: of
  // the layer, beyond what the rule says; one that is weaker or stronger is refused as there.
  static absl::StatusOr<std::unique_ptr<ServerExchange>> Create(
      std::shared_ptr<const ServerConfig> config, MechanismType mechanism, LayerRule rule,
      const Channel& channel, std::string peer, StrengthRange strength = {});
  ~ServerExchange();
  ServerExchange(const ServerExchange&) = delete;
  ServerExchange& operator=(const ServerExchange&) = delete;

  // The client's response; no value: it sent none. As SecurityContext::Step: never blocks, a fault
  // of ours is an error.
  [[nodiscard]] absl::StatusOr<ServerStep> Step(std::optional<std::span<const uint8_t>> response);
  [[nodiscard]] absl::StatusOr<ServerStep> Resume(std::unique_ptr<PendingWork> work);

  MechanismType mechanism() const;
  // Why it was refused, for the operator. kNone until then.
  Reason reason() const;
  const std::string& reason_detail() const;

  // Null until it is accepted.
  SecurityContext* context();
  const SecurityContext* context() const;
  // The security layer that begins after the message of success; null: none. Owned by this object.
  SecurityLayer* layer();
  // As whom the client acts: empty where that is itself.
  const std::string& authorization_identity() const;

 private:
  class Impl;
  explicit ServerExchange(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_SERVER_EXCHANGE_H_
