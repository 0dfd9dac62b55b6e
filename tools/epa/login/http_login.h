// One login over HTTP: what `epa login https` and the demonstration do.
#ifndef EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_
#define EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/http/client_authenticator.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

struct HttpLoginOptions {
  Url url;
  std::string ca_file;  // empty: the system's
  std::vector<http::ClientScheme> schemes;
  InitiatorParameters parameters;
  // Instead of the connection's own channel: what a lying client would bind.
  std::optional<Channel> channel;
};

struct HttpLoginOutcome {
  bool accepted = false;
  int status = 0;       // of the last response
  std::string scheme;   // empty where the server asked for no login
  std::string package;  // the package that carried the login; empty when refused
  std::string body;
  std::string refusal;  // why, in words; empty when accepted
  // Where our own side gave up, why; kNone where the server refused.
  Reason own_reason = Reason::kNone;
  Channel channel = Channel::Plain();
};

// Blocks. A refusal is an outcome. Errors: as HttpsClient::Connect, and Internal for ours.
absl::StatusOr<HttpLoginOutcome> LogInOverHttp(const HttpLoginOptions& options);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_HTTP_LOGIN_H_
