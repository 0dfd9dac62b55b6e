// Server glue for HTTP authentication by Negotiate and NTLM (RFC 4559, [MS-NTHT], [MS-N2HT]):
// turns headers into tokens and back. It does no input or output.
#ifndef EPA_HTTP_AUTHENTICATOR_H_
#define EPA_HTTP_AUTHENTICATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"

namespace epa::http {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// One authentication scheme a server offers, such as {"Negotiate", credentials}. The scheme says
// how tokens are framed in headers, the credentials which package reads them: NTLM's work under
// both "NTLM" and "Negotiate" (bare NTLM tokens).
struct ServerScheme {
  std::string name;  // "Negotiate" or "NTLM"
  std::shared_ptr<const Credentials> credentials;
};

struct AuthenticatorOptions {
  // Offered in this order.
  std::vector<ServerScheme> schemes;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<AuditSink> audit;  // may be null
  // A proxy's side: 407 and Proxy-* headers instead of 401.
  bool proxy = false;
  // The longest base64 text that is looked at, in octets.
  size_t max_token_text = 64 * 1024;
  // Refused logins on one connection before it is closed.
  int max_failures = 8;
  const Clock* clock = nullptr;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class AuthenticatorConfig {
 public:
  // Fails on an empty or unknown scheme, a scheme given twice, and missing credentials or policy.
  static absl::StatusOr<std::shared_ptr<const AuthenticatorConfig>> Create(
      AuthenticatorOptions options);
  const AuthenticatorOptions& options() const { return options_; }

 private:
  explicit AuthenticatorConfig(AuthenticatorOptions options) : options_(std::move(options)) {}
  AuthenticatorOptions options_;
};

// What the glue has to know of a request. Views, used during the call only.
struct RequestView {
  // 1 for HTTP/1.0 and 1.1, 2 for HTTP/2, 3 for HTTP/3.
  int http_major_version = 1;
  // The values of all Authorization fields (Proxy-Authorization for a proxy) in their order.
  std::vector<std::string_view> authorization;
};

// What the server is to do with the request.
struct Verdict {
  enum class Action : uint8_t {
    kServe,           // logged in: serve it, and add `headers` to the response
    kRespond,         // answer with `status` and `headers` and an empty body
    kPending,         // run `pending_work`, then call Resume
    kHttp11Required,  // HTTP/2 or 3: reset the stream with HTTP_1_1_REQUIRED (RFC 9113 7, 0xd)
  };
  Action action = Action::kRespond;
  int status = 401;
  HeaderList headers;
  // Close the connection after the response.
  bool close = false;
  std::unique_ptr<PendingWork> pending_work;
};

// The authentication of one HTTP/1.1 connection: NTLM logs in the connection, not the request.
// Used by one owner at a time.
//
// After a login, requests without Authorization carry the identity. A request with Authorization
// begins a new login: the old identity is gone at once, and a login as someone else on the same
// connection is refused and closes it.
class Authenticator {
 public:
  // `connection`: for audit events, such as the peer's address.
  Authenticator(std::shared_ptr<const AuthenticatorConfig> config, Channel channel,
                std::string connection);

  // Call once per request, before its body is acted upon: a client sends requests without their
  // body until the login is complete. Faults of ours are 500; the reason is in the audit event.
  Verdict OnRequest(const RequestView& request);
  Verdict Resume(std::unique_ptr<PendingWork> work);

  // The established login, or null.
  const SecurityContext* context() const;

 private:
  Verdict Begin(size_t scheme, const std::vector<uint8_t>& token);
  Verdict Conclude(absl::StatusOr<StepResult> result);
  Verdict Challenge() const;
  Verdict Refuse(int status);

  std::shared_ptr<const AuthenticatorConfig> config_;
  Channel channel_;
  std::string connection_;
  std::unique_ptr<SecurityContext> context_;
  size_t scheme_ = 0;
  int failures_ = 0;
  // Who logged in on this connection first.
  std::optional<PeerIdentity> owner_;
};

}  // namespace epa::http

#endif  // EPA_HTTP_AUTHENTICATOR_H_
