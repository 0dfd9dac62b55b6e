// The server's side of LDAP's Bind operation (RFC 4511 4.2, RFC 4513 5.2, [MS-ADTS] 5.1.1.1), with
// the answers that Windows' clients know. Nothing else of LDAP is here. It does no input or output.
#ifndef EPA_SASL_LDAP_SERVER_H_
#define EPA_SASL_LDAP_SERVER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "epa/sasl/server_exchange.h"

#pragma GCC visibility push(default)

namespace epa::sasl {

struct LdapServerOptions {
  // Its policy's mode is what LdapEnforceChannelBinding says. The audit sink gets Windows' events
  // 3039, 3040 and 3041, too: see LdapServerConfig.
  ServerOptions sasl;
  // LDAPServerIntegrity 2: who binds without TLS has to sign or seal (strongerAuthRequired, 8).
  bool require_signing = true;
  // NTLM by the authentication choices of [MS-ADTS] 5.1.1.1.3, which came before SASL.
  bool sicily = false;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class LdapServerConfig {
 public:
  // InvalidArgument as ServerConfig::Create, and for `sicily` without NTLM's credentials.
  //
  // With a policy in mode 0 the audit sink is told, before the first event, that bindings are not
  // asked for (kNoticed, event 3041) and, with the first bind a day after the last report, how many
  // logins inside TLS were not bound (kNoticed, event 3040). A bind that is refused for its binding
  // carries event 3039.
  static absl::StatusOr<std::shared_ptr<const LdapServerConfig>> Create(LdapServerOptions options);

  const std::shared_ptr<const ServerConfig>& sasl() const { return sasl_; }
  bool require_signing() const { return require_signing_; }
  bool sicily() const { return sicily_; }

 private:
  LdapServerConfig(std::shared_ptr<const ServerConfig> sasl, bool require_signing, bool sicily)
      : sasl_(std::move(sasl)), require_signing_(require_signing), sicily_(sicily) {}

  const std::shared_ptr<const ServerConfig> sasl_;
  const bool require_signing_;
  const bool sicily_;
};

// What is to be done after a bind request.
struct LdapServerOutput {
  // For the client: the response. Never inside a layer that begins with it.
  std::vector<uint8_t> send;
  // Run it on any thread, then call Resume; until then no message may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Send what there is, then close the connection.
  bool close = false;
  // What happened, for the operator: the client was refused (PermissionDenied) or broke the
  // protocol (InvalidArgument), or a fault of ours (others).
  absl::Status reason;
};

// The binds of one connection. Used by one owner at a time.
//
//   state      event                               what happens (resultCode)
//   any        a bind request                      whoever was logged in no longer is
//              another version than 3              2
//              simple, no name and no password     0: anonymous
//              simple, a name and no password      53 (RFC 4513 5.1.2)
//              simple, a password                  7; 8 where signing is required and missing
//              a mechanism that is not offered     7; 13 where it is inside TLS
//              a critical control                  12
//              what is no bind request             close
//   idle       a mechanism, its first credentials  14 with a challenge; 0; 49
//   binding    the same mechanism                  the next step of it
//              another mechanism                   a new beginning with that
//              an empty mechanism, or simple       the end of it (RFC 4513 5.2.1.2)
//              Abort                               the end of it
//   idle       Sicily: package discovery           0 with "NTLM"; 7 where it is off
//              negotiate                           0 with a challenge
//   Sicily     response                            0; 49
//   layered    a bind request                      53: the login and its layer stay as they are
//
// Refusals are invalidCredentials (49) with the diagnostic message by which Windows' clients tell
// a wrong password (data 52e) from a missing or wrong channel binding (80090346). What is refused
// about an account that the client proved to know is told: 532 533 701 773. Signing that is
// missing is strongerAuthRequired (8), a layer inside TLS inappropriateAuthentication (48), a fault
// of ours unavailable (52).
class LdapServer {
 public:
  LdapServer(std::shared_ptr<const LdapServerConfig> config, Channel channel, std::string peer);
  ~LdapServer();
  LdapServer(LdapServer&&) noexcept;
  LdapServer& operator=(LdapServer&&) noexcept;

  // Whether a whole LDAPMessage is a bind request: what Receive is for.
  static bool IsBindRequest(std::span<const uint8_t> message);

  // What supportedSASLMechanisms of the rootDSE says on this connection.
  std::vector<std::string_view> SupportedMechanisms() const;

  // A whole LDAPMessage with a bind request.
  LdapServerOutput Receive(std::span<const uint8_t> message);
  LdapServerOutput Resume(std::unique_ptr<PendingWork> work);
  // The client abandons its bind, or does anything else in the middle of one: it ends. Where there
  // is none half-way, nothing happens: a login and its layer stay.
  void Abort();

  // A bind is in progress: answer other operations with operationsError (RFC 4511 4.2.1).
  bool in_progress() const;
  // The login, or null: the client is anonymous.
  const ServerExchange* login() const;
  // The layer for all octets after the response that was sent last; null: none. Changes only with a
  // response of success.
  SecurityLayer* layer();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_LDAP_SERVER_H_
