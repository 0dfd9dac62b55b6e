// The client's side of one Telnet connection: options, and the login by RFC 2941 AUTHENTICATION
// with the NTLM type of [MS-TNAP]. It does no input or output.
#ifndef EPA_TELNET_CLIENT_CONNECTION_H_
#define EPA_TELNET_CLIENT_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/reason.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/telnet/protocol.h"

#pragma GCC visibility push(default)

namespace epa::telnet {

struct ClientOptions {
  std::shared_ptr<const Credentials> credentials;  // required: NTLM's
  std::optional<Channel> channel;                  // required
  // Target name (such as "TELNET/" and the host), binding request.
  InitiatorParameters parameters;
  // The server as the user named it.
  std::string host;
  // The servers that may be shown these credentials; compared as host names are, addresses by
  // value. Any other server is told that we do not authenticate, and gets no token of any kind:
  // a link to an attacker's server must not be enough to log in there.
  std::vector<std::string> credential_hosts;
  AgreedOptions options;
  // The longest sub-negotiation that is looked at, in octets, before IAC is doubled.
  size_t max_suboption = 16 * 1024;
};

// Why there is no login.
struct ClientRefusal {
  // kRefusedByPeer where the server refused, for it does not say why.
  Reason reason = Reason::kNone;
  // One line for people.
  std::string detail;
};

// What is to be done after some octets.
struct ClientOutput {
  // For the server; sent first.
  std::vector<uint8_t> send;
  // What the server sent for the user, before its login and after.
  std::vector<uint8_t> data;
  std::vector<Suboption> suboptions;
  // Run it on any thread, then call Resume; until then no octets may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Send what there is, then close the connection; refusal() says why. Set where the login
  // failed, never where there was none: whether to go on without is the application's decision.
  bool close = false;
};

// One connection. Used by one owner at a time. Nothing is tried again and nothing weaker is
// tried.
//
//   state        event                              what happens
//   (begin)      DO AUTHENTICATION, trusted host    WILL AUTHENTICATION
//   (begin)      DO AUTHENTICATION, any other       WONT AUTHENTICATION; refusal
//   willing      SEND with NTLM                     IS NTLM NEGOTIATE
//   willing      SEND without NTLM                  IS NULL; refusal
//   negotiating  REPLY CHALLENGE                    IS NTLM AUTHENTICATE, or close
//   proving      REPLY ACCEPT                       logged in
//   either       REPLY REJECT                       refusal, close
//   any of these another AUTHENTICATION message     refusal, close
//                DONT AUTHENTICATION                refusal
//   any          data                               for the user
//                other options                      agreed to or refused (RFC 1143)
//                a malformed sub-negotiation        refusal, close
class ClientConnection {
 public:
  // InvalidArgument for missing credentials or channel, credentials of another package than NTLM,
  // options that AgreedOptions rules out, and a `max_suboption` below 1024.
  static absl::StatusOr<std::unique_ptr<ClientConnection>> Create(ClientOptions options);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  // Takes octets as they arrive, cut anywhere. A fault of ours is an error, and the connection is
  // then to be closed; FailedPrecondition while work is pending.
  absl::StatusOr<ClientOutput> Receive(std::span<const uint8_t> octets);
  absl::StatusOr<ClientOutput> Resume(std::unique_ptr<PendingWork> work);

  // As for a server.
  absl::StatusOr<std::vector<uint8_t>> AskRemote(Option option);
  absl::StatusOr<std::vector<uint8_t>> OfferLocal(Option option);

  // The server accepted our proof. Before that nothing a user types should be sent.
  bool logged_in() const;
  // Set once it is certain that there will be no login.
  const std::optional<ClientRefusal>& refusal() const;
  // The context, or null before the server's SEND.
  const SecurityContext* context() const;

 private:
  class Impl;
  explicit ClientConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::telnet

#pragma GCC visibility pop

#endif  // EPA_TELNET_CLIENT_CONNECTION_H_
