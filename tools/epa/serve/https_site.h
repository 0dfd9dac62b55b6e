// HTTP/1.1 with Windows login, as a protocol of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_HTTPS_SITE_H_
#define EPA_TOOLS_EPA_SERVE_HTTPS_SITE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/http/authenticator.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/server_transport.h"

namespace epa::tool {

// Answers `GET /` with who is logged in, as JSON.
class HttpsSite final : public Site {
 public:
  // Reads the certificates. `predecessor`, which may be null, was in use until now.
  static absl::StatusOr<std::shared_ptr<const HttpsSite>> Create(
      ServerTransportOptions transport,
      std::shared_ptr<const http::AuthenticatorConfig> authentication,
      const Site* predecessor = nullptr);

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  std::chrono::seconds idle_time() const override { return std::chrono::seconds(30); }
  std::vector<std::string> Warnings() const override;

 private:
  HttpsSite(std::unique_ptr<ServerTransport> transport,
            std::shared_ptr<const http::AuthenticatorConfig> authentication);

  const std::unique_ptr<ServerTransport> transport_;
  const std::shared_ptr<const http::AuthenticatorConfig> authentication_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTPS_SITE_H_
