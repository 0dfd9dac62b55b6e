// One connection of the HTTPS server.
#ifndef EPA_TOOLS_EPA_SERVE_HTTPS_CONNECTION_H_
#define EPA_TOOLS_EPA_SERVE_HTTPS_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "epa/http/authenticator.h"
#include "tools/epa/serve/server_transport.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// What the connections of one server share.
struct HttpsSite {
  std::unique_ptr<ServerTransport> transport;
  std::shared_ptr<const http::AuthenticatorConfig> authentication;
};

// `host` and `site` outlive the connection.
std::shared_ptr<Connection> NewHttpsConnection(ConnectionHost& host, const HttpsSite& site,
                                               boost::asio::ip::tcp::socket socket);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTPS_CONNECTION_H_
