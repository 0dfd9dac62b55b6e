#include "tools/epa/serve/telnet_server.h"

#include "lib/base/status_macros.h"

namespace epa::tool {

absl::StatusOr<std::unique_ptr<TelnetServer>> TelnetServer::Create(TelnetServerOptions options) {
  TelnetSite site;
  // Telnet has no name in TLS (RFC 7301): who asks for a protocol means another server.
  EPA_ASSIGN_OR_RETURN(site.transport, ServerTransport::Create(std::move(options.transport), ""));
  site.config = std::move(options.config);
  std::unique_ptr<TelnetServer> server(new TelnetServer(std::move(site)));
  EPA_ASSIGN_OR_RETURN(
      server->tcp_,
      TcpServer::Create(
          std::move(options.tcp),
          [&shared = server->site_](ConnectionHost& host, boost::asio::ip::tcp::socket socket) {
            return NewTelnetConnection(host, shared, std::move(socket));
          }));
  return server;
}

}  // namespace epa::tool
