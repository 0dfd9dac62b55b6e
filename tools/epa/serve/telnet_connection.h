// One connection of the Telnet server.
#ifndef EPA_TOOLS_EPA_SERVE_TELNET_CONNECTION_H_
#define EPA_TOOLS_EPA_SERVE_TELNET_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "epa/telnet/server_connection.h"
#include "tools/epa/serve/server_transport.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

// What the connections of one server share.
struct TelnetSite {
  std::unique_ptr<ServerTransport> transport;
  std::shared_ptr<const telnet::ServerConfig> config;
};

// `host` and `site` outlive the connection. Besides its TLS a connection holds less than 64 KiB: 4
// of input, one sub-negotiation, one line, and one answer, for nothing is read while an answer
// waits to be sent.
std::shared_ptr<Connection> NewTelnetConnection(ConnectionHost& host, const TelnetSite& site,
                                                boost::asio::ip::tcp::socket socket);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TELNET_CONNECTION_H_
