// SMB with Windows login and one share, as a protocol of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_SMB_SITE_H_
#define EPA_TOOLS_EPA_SERVE_SMB_SITE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "epa/smb2/server_connection.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/smb_share/smb_files.h"

namespace epa::tool {

// A connection holds one message (66,000 octets at most before a login, then a little more than
// the greatest transfer), at most 16 KiB after it, and the answer to it: 64 KiB for each credit it
// took, of which the configuration grants max_credits. While it is silent it holds no buffer.
class SmbSite final : public Site {
 public:
  SmbSite(std::shared_ptr<const smb2::ServerConfig> config, std::shared_ptr<const SmbShare> share,
          SmbFilesLimits limits);

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  std::chrono::seconds idle_time() const override { return std::chrono::minutes(15); }
  std::vector<std::string> Warnings() const override;

 private:
  const std::shared_ptr<const smb2::ServerConfig> config_;
  const std::shared_ptr<const SmbShare> share_;
  const SmbFilesLimits limits_;
  const std::unique_ptr<ServerTransport> transport_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SMB_SITE_H_
