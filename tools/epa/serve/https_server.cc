#include "tools/epa/serve/https_server.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::tool {

absl::StatusOr<std::unique_ptr<HttpsServer>> HttpsServer::Create(HttpsServerOptions options) {
  HttpsSite site;
  EPA_ASSIGN_OR_RETURN(site.transport,
                       ServerTransport::Create(std::move(options.transport), "http/1.1"));
  site.authentication = std::move(options.authentication);
  std::unique_ptr<HttpsServer> server(new HttpsServer(std::move(site)));
  EPA_ASSIGN_OR_RETURN(
      server->tcp_,
      TcpServer::Create(
          std::move(options.tcp),
          [&shared = server->site_](ConnectionHost& host, boost::asio::ip::tcp::socket socket) {
            return NewHttpsConnection(host, shared, std::move(socket));
          }));
  return server;
}

}  // namespace epa::tool
