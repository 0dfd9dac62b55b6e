// SMTP, IMAP and POP3 with SASL, as protocols of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_MAIL_SITE_H_
#define EPA_TOOLS_EPA_SERVE_MAIL_SITE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/sasl/mail_server.h"
#include "epa/sasl/server_exchange.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/server_transport.h"

namespace epa::tool {

// Besides its TLS a connection holds one line, which is less than 100 KiB, and what came with it.
class MailSite final : public Site {
 public:
  // Reads the certificates. `predecessor`, which may be null, was in use until now. `start_tls`:
  // connections begin in the clear, and a command begins TLS.
  static absl::StatusOr<std::shared_ptr<const MailSite>> Create(
      sasl::MailProtocol protocol, ServerTransportOptions transport, bool start_tls,
      std::shared_ptr<const sasl::ServerConfig> config, const Site* predecessor);

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  std::chrono::seconds idle_time() const override { return std::chrono::minutes(10); }
  bool begins_with_tls() const override { return !start_tls_; }
  bool greets() const override { return true; }
  std::vector<std::string> Warnings() const override;

 private:
  MailSite(sasl::MailProtocol protocol, std::unique_ptr<ServerTransport> transport, bool start_tls,
           std::shared_ptr<const sasl::ServerConfig> config);

  const sasl::MailProtocol protocol_;
  const std::unique_ptr<ServerTransport> transport_;
  const bool start_tls_;
  const std::shared_ptr<const sasl::ServerConfig> config_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_MAIL_SITE_H_
