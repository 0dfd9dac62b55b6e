// A small HTTP/1.1 server with Windows login.
#ifndef EPA_TOOLS_EPA_SERVE_HTTPS_SERVER_H_
#define EPA_TOOLS_EPA_SERVE_HTTPS_SERVER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "epa/http/authenticator.h"
#include "tools/epa/serve/https_connection.h"
#include "tools/epa/serve/server_transport.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

struct HttpsServerOptions {
  TcpServerOptions tcp;
  ServerTransportOptions transport;
  std::shared_ptr<const http::AuthenticatorConfig> authentication;  // required
};

// Answers `GET /` with who is logged in, as JSON.
class HttpsServer final : public Server {
 public:
  // Reads the certificates and listens; nothing is accepted yet.
  static absl::StatusOr<std::unique_ptr<HttpsServer>> Create(HttpsServerOptions options);

  uint16_t port() const override { return tcp_->port(); }
  void Start() override { tcp_->Start(); }
  void Stop() override { tcp_->Stop(); }

 private:
  explicit HttpsServer(HttpsSite site) : site_(std::move(site)) {}

  HttpsSite site_;
  // Destroyed first: its connections use the site.
  std::unique_ptr<TcpServer> tcp_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTPS_SERVER_H_
