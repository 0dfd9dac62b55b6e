// A small Telnet server with Windows login.
#ifndef EPA_TOOLS_EPA_SERVE_TELNET_SERVER_H_
#define EPA_TOOLS_EPA_SERVE_TELNET_SERVER_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "epa/telnet/server_connection.h"
#include "tools/epa/serve/server_transport.h"
#include "tools/epa/serve/tcp_server.h"
#include "tools/epa/serve/telnet_connection.h"

namespace epa::tool {

struct TelnetServerOptions {
  TcpServerOptions tcp;
  ServerTransportOptions transport;
  std::shared_ptr<const telnet::ServerConfig> config;  // required
};

// Gives who is logged in a line shell that answers `whoami`.
class TelnetServer final : public Server {
 public:
  // Reads the certificates and listens; nothing is accepted yet.
  static absl::StatusOr<std::unique_ptr<TelnetServer>> Create(TelnetServerOptions options);

  uint16_t port() const override { return tcp_->port(); }
  void Start() override { tcp_->Start(); }
  void Stop() override { tcp_->Stop(); }

 private:
  explicit TelnetServer(TelnetSite site) : site_(std::move(site)) {}

  TelnetSite site_;
  // Destroyed first: its connections use the site.
  std::unique_ptr<TcpServer> tcp_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TELNET_SERVER_H_
