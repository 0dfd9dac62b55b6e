// Client glue for HTTP authentication by Negotiate and NTLM. It does no input or output.
#ifndef EPA_HTTP_CLIENT_AUTHENTICATOR_H_
#define EPA_HTTP_CLIENT_AUTHENTICATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/http/scheme.h"

#pragma GCC visibility push(default)

namespace epa::http {

using ClientScheme = Scheme;

struct ClientOptions {
  // Preferred first; the first one the server offers is used.
  std::vector<ClientScheme> schemes;
  std::optional<Channel> channel;  // required
  // Target name, binding request.
  InitiatorParameters parameters;
  // The server is a proxy: 407 and Proxy-* headers.
  bool proxy = false;
  // The longest challenge field that is looked at, in octets.
  size_t max_token_text = 64 * 1024;
};

// What the glue has to know of a response. Views, used during the call only.
struct ResponseView {
  int status = 0;
  // The values of all WWW-Authenticate (or Proxy-Authenticate) fields. A malformed challenge is as
  // good as absent.
  std::vector<std::string_view> challenges;
  // The value of Persistent-Auth ([MS-N2HT] 2.2.2), if there is one.
  std::optional<std::string_view> persistent_auth;
  // The connection ends with this response: "close", or HTTP/1.0 without "keep-alive".
  bool closes = false;
};

// What the client is to do after a response.
struct ClientAction {
  enum class Kind : uint8_t {
    kSend,       // send the request again on the same connection with this header
    kReconnect,  // the connection ends and nothing of a login is out: connect again, make a
                 // ClientAuthenticator for the new channel, give it this response without `closes`
    kInterim,    // a 1xx response: the one that counts is still to come
    kDone,       // the response is the answer
    kFailed,     // the server refused, or our side did: `reason`. Close the connection
    kPending,    // run `pending_work`, then call Resume
  };
  Kind kind = Kind::kDone;
  // "Authorization" or "Proxy-Authorization" and its value.
  std::pair<std::string, std::string> header;
  // kSend: leave the request's body out (Content-Length: 0), for this message cannot be the last.
  // That is certain of NTLM only: a Kerberos login may end with its first message, and the server
  // then acts on the body it got.
  bool without_body = false;
  // kDone: the server let the user in. Our last message was sent, the context is established, and
  // the status is 2xx, 3xx or one about the resource alone: 404, 405, 406, 410.
  bool logged_in = false;
  // kFailed: why. kRefusedByPeer where the server refused, for it rarely says more.
  Reason reason = Reason::kNone;
  std::string detail;
  std::unique_ptr<PendingWork> pending_work;
};

// The logins of one connection, all with the same credentials. Used by one owner at a time.
class ClientAuthenticator {
 public:
  // InvalidArgument for no scheme, an unknown one, one given twice, and missing credentials or
  // channel.
  static absl::StatusOr<std::unique_ptr<ClientAuthenticator>> Create(ClientOptions options);

  // A 401 (407) without a token after our message means refused: nothing is tried again and
  // nothing weaker is tried. A 401 after a login that succeeded begins a new one, with the same
  // scheme. Any other answer before the login is complete is kFailed: with kRefusedByPeer from 400
  // on, else with what the package says is missing, such as the server's proof
  // (kMutualAuthenticationFailed). A fault of ours is an error; after it, kReconnect and kFailed,
  // FailedPrecondition.
  [[nodiscard]] absl::StatusOr<ClientAction> OnResponse(const ResponseView& response);
  [[nodiscard]] absl::StatusOr<ClientAction> Resume(std::unique_ptr<PendingWork> work);

  // Whether a request of a user with these credentials may use this connection: any while no
  // token was sent on it, then only one that has the very credentials the login used. No
  // schemes stand for a request that is to have no identity. For connection pools.
  bool MayCarry(std::span<const ClientScheme> schemes) const;
  // Whether the server said, or the package implies, that the next request needs no login
  // ([MS-N2HT] 3.2.5).
  bool persistent() const { return persistent_; }

  // The scheme in use; empty before the first challenge.
  std::string_view scheme() const;
  // The context, or null before the first challenge. Established after kDone, where there was a
  // login.
  const SecurityContext* context() const { return context_.get(); }

 private:
  enum class State : uint8_t {
    kFresh,       // no login asked for yet
    kExchanging,  // our token is out and the server's is due
    kLastSent,    // our last token is out
    kAnswered,    // a login ended with an answer
    kPending,
    kOver,
  };

  explicit ClientAuthenticator(ClientOptions options) : options_(std::move(options)) {}

  absl::StatusOr<ClientAction> OnChallenge(const ResponseView& response);
  absl::StatusOr<ClientAction> OnAnswer(const ResponseView& response);
  absl::StatusOr<ClientAction> OnSilence();
  ClientAction Reconnect();
  absl::StatusOr<ClientAction> Begin(const ResponseView& response);
  absl::StatusOr<ClientAction> StepWith(std::string_view token_text);
  absl::StatusOr<ClientAction> Conclude(absl::StatusOr<StepResult> result);
  ClientAction Send(const StepResult& step);
  ClientAction Answer();
  ClientAction Fail(Reason reason, std::string detail = {});
  ClientAction FailAsRefused();

  ClientOptions options_;
  State state_ = State::kFresh;
  // Of the response at hand.
  int status_ = 0;
  bool closes_ = false;
  // The scheme of the first login; later ones use no other.
  std::optional<size_t> scheme_;
  // The step under way reads the token of an answer, not of a challenge.
  bool answered_ = false;
  bool persistent_ = false;
  // Persistent-Auth of that answer.
  std::optional<bool> said_persistent_;
  std::unique_ptr<SecurityContext> context_;
};

}  // namespace epa::http

#pragma GCC visibility pop

#endif  // EPA_HTTP_CLIENT_AUTHENTICATOR_H_
