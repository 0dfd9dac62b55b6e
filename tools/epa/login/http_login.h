// One login over HTTP: what `epa login https` and the demonstration do.
#ifndef EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/http/client_authenticator.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

struct HttpLoginOptions {
  Url url;
  std::string ca_file;  // empty: the system's
  std::vector<http::ClientScheme> schemes;
  InitiatorParameters parameters;
  tls::UndefinedHashRule undefined_hash = tls::UndefinedHashRule::kFail;
  // Instead of the connection's own channel: what a lying client would bind.
  std::optional<Channel> channel;
};

struct HttpLoginOutcome {
  // Our last message was sent, nothing of the server's was wrong, and its answer lets us in.
  bool accepted = false;
  int status = 0;       // of the last response
  std::string scheme;   // empty where the server asked for no login
  std::string package;  // the package that carried the login; empty when refused
  // Which better packages could not begin, and why; empty where none was passed over.
  std::string passed_over;
  // The server proved that it has the key of the service we meant.
  bool server_proved = false;
  std::string body;
  std::string refusal;  // why, in words; empty when accepted
  // Why; kRefusedByPeer where the server refused, kNone when accepted and where it asked for no
  // login.
  Reason reason = Reason::kNone;
  Channel channel = Channel::Plain();
  // What was said about it. A certificate that has no binding, where that is taken, is passed over
  // in silence: "no channel" would be a lie.
  BindingRequest binding = BindingRequest::kFromChannel;
};

// Blocks. A refusal is an outcome. Errors: as HttpsClient::Connect, and Internal for ours.
absl::StatusOr<HttpLoginOutcome> LogInOverHttp(const HttpLoginOptions& options);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_
