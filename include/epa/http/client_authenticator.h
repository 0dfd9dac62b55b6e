// Client glue for HTTP authentication by Negotiate and NTLM. It does no input or output.
#ifndef EPA_HTTP_CLIENT_AUTHENTICATOR_H_
#define EPA_HTTP_CLIENT_AUTHENTICATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"

namespace epa::http {

struct ClientScheme {
  std::string name;  // "Negotiate" or "NTLM"
  std::shared_ptr<const Credentials> credentials;
};

struct ClientOptions {
  // Preferred first; the first one the server offers is used.
  std::vector<ClientScheme> schemes;
  Channel channel = Channel::Plain();
  // Target name, binding request.
  InitiatorParameters parameters;
  // The server is a proxy: 407 and Proxy-* headers.
  bool proxy = false;
};

// What the client is to do after a response.
struct ClientAction {
  enum class Kind : uint8_t {
    kSend,     // send the request again on the same connection with this header
    kDone,     // the response is the answer
    kFailed,   // the server refused, or our side did: `reason`
    kPending,  // run `pending_work`, then call Resume
  };
  Kind kind = Kind::kDone;
  // "Authorization" or "Proxy-Authorization" and its value.
  std::pair<std::string, std::string> header;
  // The request's body is to be left out (Content-Length: 0): the login is not complete yet.
  bool without_body = false;
  Reason reason = Reason::kNone;
  std::string detail;
  std::unique_ptr<PendingWork> pending_work;
};

// The login of one connection. Used by one owner at a time.
class ClientAuthenticator {
 public:
  static absl::StatusOr<std::unique_ptr<ClientAuthenticator>> Create(ClientOptions options);

  // `challenges`: the values of all WWW-Authenticate (or Proxy-Authenticate) fields of a response.
  // A second 401 without a token after our last message means refused: nothing is tried again
  // and nothing weaker is tried.
  absl::StatusOr<ClientAction> OnResponse(int status,
                                          const std::vector<std::string_view>& challenges);
  absl::StatusOr<ClientAction> Resume(std::unique_ptr<PendingWork> work);

  // The scheme in use; empty before the first challenge.
  std::string_view scheme() const;
  // The context, or null before the first challenge.
  const SecurityContext* context() const { return context_.get(); }

 private:
  explicit ClientAuthenticator(ClientOptions options) : options_(std::move(options)) {}
  absl::StatusOr<ClientAction> Conclude(absl::StatusOr<StepResult> result);

  ClientOptions options_;
  std::unique_ptr<SecurityContext> context_;
  size_t scheme_ = 0;
};

}  // namespace epa::http

#endif  // EPA_HTTP_CLIENT_AUTHENTICATOR_H_
