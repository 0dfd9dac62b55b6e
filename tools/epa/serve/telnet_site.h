// Telnet with Windows login, as a protocol of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_TELNET_SITE_H_
#define EPA_TOOLS_EPA_SERVE_TELNET_SITE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/telnet/server_connection.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/server_transport.h"

namespace epa::tool {

// Gives who is logged in a line shell that answers `whoami`. Besides its TLS a connection holds
// less than 64 KiB: a piece of input, one sub-negotiation, one line, and one answer.
class TelnetSite final : public Site {
 public:
  // Reads the certificates. `predecessor`, which may be null, was in use until now.
  static absl::StatusOr<std::shared_ptr<const TelnetSite>> Create(
      ServerTransportOptions transport, std::shared_ptr<const telnet::ServerConfig> config,
      const Site* predecessor = nullptr);

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  std::chrono::seconds idle_time() const override { return std::chrono::minutes(10); }
  bool greets() const override { return true; }
  std::vector<std::string> Warnings() const override;

 private:
  TelnetSite(std::unique_ptr<ServerTransport> transport,
             std::shared_ptr<const telnet::ServerConfig> config);

  const std::unique_ptr<ServerTransport> transport_;
  const std::shared_ptr<const telnet::ServerConfig> config_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TELNET_SITE_H_
