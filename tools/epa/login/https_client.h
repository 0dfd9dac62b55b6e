// One HTTP/1.1 connection of a client, over TLS or clear, with waits that end.
#ifndef EPA_TOOLS_EPA_LOGIN_HTTPS_CLIENT_H_
#define EPA_TOOLS_EPA_LOGIN_HTTPS_CLIENT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

struct HttpReply {
  int status = 0;
  // The values of all WWW-Authenticate fields.
  std::vector<std::string> challenges;
  std::optional<std::string> persistent_auth;
  // The connection ends with this reply.
  bool closes = false;
  std::string body;
};

// Blocks. One owner at a time.
class HttpsClient {
 public:
  // Connects and, for https, checks the server's certificate against `ca_file` (empty: the
  // system's) and the URL's host. PermissionDenied: the certificate is not trusted. Unavailable:
  // the server cannot be reached. InvalidArgument: `ca_file` cannot be read.
  static absl::StatusOr<std::unique_ptr<HttpsClient>> Connect(const Url& url,
                                                              const std::string& ca_file);
  virtual ~HttpsClient() = default;

  // Asks for the URL's target, with one more header field if there is one.
  virtual absl::Status Ask(const std::optional<std::pair<std::string, std::string>>& header) = 0;
  // The next reply, which may be an interim one (1xx). Headers have up to 64 KiB.
  virtual absl::StatusOr<HttpReply> ReadReply() = 0;
  // Null on a clear connection.
  virtual SSL* ssl() = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_HTTPS_CLIENT_H_
