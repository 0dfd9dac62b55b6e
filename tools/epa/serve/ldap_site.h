// LDAP with SASL, as a protocol of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_LDAP_SITE_H_
#define EPA_TOOLS_EPA_SERVE_LDAP_SITE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/sasl/ldap_server.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/server_transport.h"

namespace epa::tool {

// In octets.
inline constexpr size_t kLongestLdapMessage = size_t{256} * 1024;

// A directory with a rootDSE and nothing else, which answers "Who am I?". Besides its TLS a
// connection holds one message, which is less than 256 KiB, and what came with it.
class LdapSite final : public Site {
 public:
  // Reads the certificates. `predecessor`, which may be null, was in use until now. `start_tls`:
  // connections begin in the clear, and an operation begins TLS.
  static absl::StatusOr<std::shared_ptr<const LdapSite>> Create(
      ServerTransportOptions transport, bool start_tls,
      std::shared_ptr<const sasl::LdapServerConfig> config, const Site* predecessor);

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  std::chrono::seconds idle_time() const override { return std::chrono::minutes(10); }
  bool begins_with_tls() const override { return !start_tls_; }
  std::vector<std::string> Warnings() const override;

 private:
  LdapSite(std::unique_ptr<ServerTransport> transport, bool start_tls,
           std::shared_ptr<const sasl::LdapServerConfig> config);

  const std::unique_ptr<ServerTransport> transport_;
  const bool start_tls_;
  const std::shared_ptr<const sasl::LdapServerConfig> config_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_LDAP_SITE_H_
