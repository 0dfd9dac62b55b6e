// The server's side of one Telnet connection: options, and the login by RFC 2941 AUTHENTICATION
// with the NTLM type of [MS-TNAP]. It does no input or output.
#ifndef EPA_TELNET_SERVER_CONNECTION_H_
#define EPA_TELNET_SERVER_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/telnet/protocol.h"

#pragma GCC visibility push(default)

namespace epa::telnet {

struct ServerOptions {
  std::shared_ptr<const Credentials> credentials;          // required: NTLM's
  std::shared_ptr<const ExtendedProtectionPolicy> policy;  // required
  std::shared_ptr<AuditSink> audit;                        // required; NoAudit() for none
  AgreedOptions options;
  // The longest sub-negotiation that is looked at, in octets, before IAC is doubled.
  size_t max_suboption = 16 * 1024;
  // Null: the system's. Outlives the configuration.
  const Clock* clock = nullptr;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class ServerConfig {
 public:
  // InvalidArgument for missing credentials, policy or audit sink, an audit-only policy that nobody
  // hears, credentials of another package than NTLM, options that AgreedOptions rules out, and a
  // `max_suboption` below 1024.
  static absl::StatusOr<std::shared_ptr<const ServerConfig>> Create(ServerOptions options);
  const ServerOptions& options() const { return options_; }

 private:
  explicit ServerConfig(ServerOptions options) : options_(std::move(options)) {}
  ServerOptions options_;
};

// What is to be done after some octets.
struct ServerOutput {
  // For the client; sent first. No longer than what arrived and one frame of the login.
  std::vector<uint8_t> send;
  // What a client that is logged in sent for the application, the doubling of IAC undone.
  std::vector<uint8_t> data;
  std::vector<Suboption> suboptions;
  // Run it on any thread, then call Resume; until then no octets may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Send what there is, then close the connection.
  bool close = false;
  // Why, for the operator: the client was refused (PermissionDenied), declined to log in
  // (Unauthenticated) or broke the protocol (InvalidArgument), or a fault of ours (others).
  absl::Status reason;
};

// One connection. Used by one owner at a time. Nobody gets past it without a login: there is no
// state in which data of a client that has not logged in reaches the application.
//
//   state        event                             what happens
//   (begin)                                        DO AUTHENTICATION
//   asked        WILL AUTHENTICATION               SEND, offering NTLM alone
//   asked        IS                                as if offered: some clients skip WILL
//   offered      IS NTLM NEGOTIATE                 CHALLENGE
//   challenged   IS NTLM AUTHENTICATE              ACCEPT: logged in
//   any of these the login is refused              REJECT, close
//                another NTLM command, malformed   REJECT, close
//                IS of another type                DONT AUTHENTICATION, close
//                IS NULL, WONT AUTHENTICATION      close
//                NAME                              ignored: a claim
//                data                              dropped
//   logged in    data                              for the application
//                AUTHENTICATION again              close: a connection has one identity
//   any          other options                     agreed to or refused (RFC 1143)
//                a malformed sub-negotiation       close
//
// Memory: `max_suboption` octets and the exchange. After `close` octets are ignored.
class ServerConnection {
 public:
  // `peer`: for audit events, such as the client's address.
  ServerConnection(std::shared_ptr<const ServerConfig> config, Channel channel, std::string peer);
  ~ServerConnection();
  ServerConnection(ServerConnection&&) noexcept;
  ServerConnection& operator=(ServerConnection&&) noexcept;

  // What is sent first. Called once.
  std::vector<uint8_t> Start();
  // Takes octets as they arrive, cut anywhere. While work is pending: a fault of the caller.
  ServerOutput Receive(std::span<const uint8_t> octets);
  // Takes back the pending work after PendingWork::Run; then goes on with the octets that were
  // given together with those that led to it.
  ServerOutput Resume(std::unique_ptr<PendingWork> work);

  // Octets that ask the client to perform `option` (DO) or offer to perform it here (WILL); empty
  // where that is the case or asked for already. FailedPrecondition where it is not agreed.
  absl::StatusOr<std::vector<uint8_t>> AskRemote(Option option);
  absl::StatusOr<std::vector<uint8_t>> OfferLocal(Option option);

  // The established login, or null.
  const SecurityContext* context() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::telnet

#pragma GCC visibility pop

#endif  // EPA_TELNET_SERVER_CONNECTION_H_
