// One connection of the SMB server.
#ifndef EPA_TOOLS_EPA_SERVE_SMB_CONNECTION_H_
#define EPA_TOOLS_EPA_SERVE_SMB_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "epa/smb2/server_connection.h"
#include "tools/epa/serve/tcp_server.h"
#include "tools/epa/smb_share/smb_files.h"

namespace epa::tool {

// What the connections of one server share.
struct SmbSite {
  std::shared_ptr<const smb2::ServerConfig> config;
  std::shared_ptr<const SmbShare> share;
  SmbFilesLimits limits;
  // The longest silence of a client that is logged in. Whoever is not has the host's patience for
  // the whole login.
  std::chrono::seconds idle{15 * 60};
};

// `host` and `site` outlive the connection.
//
// A connection holds one message (66,000 octets at most before a login, then a little more than
// the greatest transfer), at most 16 KiB after it, and the answer to it: 64 KiB for each credit it
// took, of which the configuration grants max_credits. While it is silent it holds no buffer.
std::shared_ptr<Connection> NewSmbConnection(ConnectionHost& host, const SmbSite& site,
                                             boost::asio::ip::tcp::socket socket);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SMB_CONNECTION_H_
