// A small HTTP/1.1 server with Windows login: many connections on few threads.
#ifndef EPA_TOOLS_EPA_HTTPS_SERVER_H_
#define EPA_TOOLS_EPA_HTTPS_SERVER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/http/authenticator.h"
#include "epa/tls/channel_binding.h"
#include "tools/epa/address.h"
#include "tools/epa/server_tls.h"

namespace epa::tool {

struct HttpsServerOptions {
  HostPort listen{"127.0.0.1", 0};
  // Empty: plain HTTP.
  std::vector<KeyPairFiles> key_pairs;
  tls::UndefinedHashRule undefined_hash_rule = tls::UndefinedHashRule::kFail;
  // The channel is this one instead of the connection's own: behind a trusted proxy, or clear.
  std::shared_ptr<const Channel> fixed_channel;
  std::shared_ptr<const http::AuthenticatorConfig> authentication;  // required
  int workers = 1;
  // The longest wait for a handshake, a request, and a client that takes a response.
  std::chrono::seconds patience{30};
  // The longest wait for open exchanges when the server stops.
  std::chrono::seconds farewell{5};
};

// Answers `GET /` with who is logged in, as JSON. Only Create and Start can fail: whatever one
// connection does ends that connection alone.
class HttpsServer {
 public:
  // Reads the certificates and listens; nothing is accepted yet.
  static absl::StatusOr<std::unique_ptr<HttpsServer>> Create(HttpsServerOptions options);
  // Stops.
  ~HttpsServer();

  // The port in use.
  uint16_t port() const;
  // Starts the workers. Call once.
  void Start();
  // Takes no more connections, finishes open exchanges, joins the workers. Idempotent.
  void Stop();

 private:
  class Service;
  explicit HttpsServer(std::unique_ptr<Service> service);
  std::unique_ptr<Service> service_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_HTTPS_SERVER_H_
