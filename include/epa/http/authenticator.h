// Server glue for HTTP authentication by Negotiate and NTLM (RFC 4559, [MS-NTHT], [MS-N2HT]):
// turns headers into tokens and back. It does no input or output.
#ifndef EPA_HTTP_AUTHENTICATOR_H_
#define EPA_HTTP_AUTHENTICATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/http/scheme.h"

#pragma GCC visibility push(default)

namespace epa::http {

using ServerScheme = Scheme;

struct AuthenticatorOptions {
  // Offered in this order.
  std::vector<ServerScheme> schemes;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<AuditSink> audit;  // required; NoAudit() for none
  // A proxy's side: 407 and Proxy-* headers instead of 401.
  bool proxy = false;
  // The longest Authorization value that is looked at, in octets. Longer ones are malformed.
  size_t max_token_text = 64 * 1024;
  // Refused logins, unfinished logins and malformed Authorization values on one connection
  // before it is closed.
  int max_failures = 8;
  // Every request logs in for itself and the connection belongs to nobody: for a proxy in front
  // that carries several users on one connection (IIS: authPersistSingleRequest). Absent: where
  // the policy's scenario is kTrustedProxy.
  std::optional<bool> authenticate_each_request;
  // Null: the system's. Outlives the configuration.
  const Clock* clock = nullptr;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class AuthenticatorConfig {
 public:
  // InvalidArgument for no scheme, an unknown one, one given twice, missing credentials, policy or
  // audit sink, an audit-only policy without an audit, and limits below 1.
  static absl::StatusOr<std::shared_ptr<const AuthenticatorConfig>> Create(
      AuthenticatorOptions options);
  // `authenticate_each_request` is there.
  const AuthenticatorOptions& options() const { return options_; }

 private:
  explicit AuthenticatorConfig(AuthenticatorOptions options) : options_(std::move(options)) {}
  AuthenticatorOptions options_;
};

// What the glue has to know of a request. Views, used during the call only.
struct RequestView {
  // 1 for HTTP/1.0 and 1.1, 2 for HTTP/2, 3 for HTTP/3.
  int http_major_version = 1;
  // The values of all Authorization fields (Proxy-Authorization for a proxy) in their order. A
  // proxy removes them before it forwards the request.
  std::vector<std::string_view> authorization;
};

// What the server is to do with the request.
struct Verdict {
  enum class Action : uint8_t {
    kServe,           // logged in: serve it, and add `headers` to the response
    kRespond,         // answer with `status` and `headers`; the request has no effect
    kPending,         // run `pending_work`, then call Resume
    kHttp11Required,  // HTTP/2 or 3: reset the stream with HTTP_1_1_REQUIRED (RFC 9113 7, 0xd)
  };
  Action action = Action::kRespond;
  // For kRespond: 401 or 407, 400 for a malformed Authorization, 500 for a fault of ours.
  int status = 401;
  HeaderList headers;
  // Say "Connection: close" and close the connection after the response.
  bool close = false;
  // For the operator where `status` is 500; never for the peer.
  absl::Status fault;
  std::unique_ptr<PendingWork> pending_work;
};

// The authentication of one HTTP/1.1 connection: NTLM logs in the connection, not the request.
// Used by one owner at a time. Unless each request is authenticated, the connection must be the
// client's own: a proxy in front that shares one connection among its clients would share one
// client's identity.
//
//   login       Authorization            verdict
//   any         HTTP/2 or 3              kHttp11Required; a login is dropped
//   none        absent                   401, one WWW-Authenticate for each scheme
//   half-open   absent                   the same; the exchange is dropped
//   established absent                   kServe as the established identity
//   any         malformed, or several    400; no token reaches a context, a login is dropped
//   any         another scheme, no token 401 as for none; a login is dropped
//   none        token                    a new exchange: 401 + token, kServe, or 401 as for none
//   half-open   token, same scheme       the exchange goes on
//   half-open   a first token, or of     the exchange is dropped, a new one begins
//               another scheme
//   established token                    the identity is gone at once, a new exchange begins
//
// With authenticate_each_request, "established" ends when the next request comes.
//
// All refusals look alike: 401 as for none. A connection belongs to who logged in on it first; a
// login as anyone else is refused and closes it, and the audit event says kRefused. 400 and
// kHttp11Required are audited as well (kMalformedToken, kHttp11Required): no exchange was begun,
// so these events have no package and no names.
class Authenticator {
 public:
  // `connection`: for audit events, such as the peer's address.
  Authenticator(std::shared_ptr<const AuthenticatorConfig> config, Channel channel,
                std::string connection);

  // Call once per request, before anything of it takes effect. Until kServe neither the request
  // nor its body may be acted upon: a client sends an empty body, or the whole one, while the
  // login is not complete. A body that was sent is read and dropped before the next request.
  // A request while work is pending is a fault of the caller: 500 and close.
  [[nodiscard]] Verdict OnRequest(const RequestView& request);
  // Takes back the pending work after PendingWork::Run; the verdict is for the same request.
  [[nodiscard]] Verdict Resume(std::unique_ptr<PendingWork> work);

  // Whether a login has begun, and the client's next message is awaited.
  bool half_way() const { return state_ == State::kExchanging; }
  // The established login, or null. Valid until the next OnRequest.
  const SecurityContext* context() const;
  // Who owns the connection; nobody where each request is authenticated.
  const std::optional<PeerIdentity>& owner() const { return owner_; }
  // As if that one had logged in here first: for a connection with several authenticators, each of
  // which has rules of its own.
  void BelongTo(PeerIdentity owner) { owner_ = std::move(owner); }

 private:
  enum class State : uint8_t { kNone, kExchanging, kPending, kEstablished, kClosed };

  absl::Status Begin(size_t scheme);
  void DropLogin();
  bool EachRequest() const { return *config_->options().authenticate_each_request; }
  void Audit(Reason reason, std::string_view detail = {}) const;
  Verdict DropAndChallenge();
  Verdict Conclude(absl::StatusOr<StepResult> result);
  Verdict Establish(const std::vector<uint8_t>& token);
  Verdict Challenge() const;
  Verdict CountFailure(Verdict verdict);
  Verdict Close(Verdict verdict);
  Verdict Fault(absl::Status status);
  std::pair<std::string, std::string> TokenHeader(std::span<const uint8_t> token) const;

  std::shared_ptr<const AuthenticatorConfig> config_;
  Channel channel_;
  std::string connection_;
  State state_ = State::kNone;
  size_t scheme_ = 0;
  int failures_ = 0;
  // Who logged in on this connection.
  std::optional<PeerIdentity> owner_;
  std::unique_ptr<SecurityContext> context_;
};

}  // namespace epa::http

#pragma GCC visibility pop

#endif  // EPA_HTTP_AUTHENTICATOR_H_
