#include "tools/epa/serve/https_site.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/serve/http_conversation.h"
#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {

HttpsSite::HttpsSite(std::unique_ptr<ServerTransport> transport,
                     std::shared_ptr<const http::AuthenticatorConfig> authentication)
    : transport_(std::move(transport)), authentication_(std::move(authentication)) {}

absl::StatusOr<std::shared_ptr<const HttpsSite>> HttpsSite::Create(
    ServerTransportOptions transport,
    std::shared_ptr<const http::AuthenticatorConfig> authentication, const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(
      auto created,
      ServerTransport::Create(std::move(transport), "http/1.1",
                              predecessor == nullptr ? nullptr : &predecessor->transport()));
  return std::shared_ptr<const HttpsSite>(
      new HttpsSite(std::move(created), std::move(authentication)));
}

std::unique_ptr<Conversation> HttpsSite::Begin(Channel channel, std::string peer) const {
  return NewHttpConversation(authentication_, std::move(channel), std::move(peer));
}

std::vector<std::string> HttpsSite::Warnings() const {
  std::vector<std::string> warnings = PolicyWarnings(*authentication_->options().policy);
  for (std::string& warning : transport_->Warnings()) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace epa::tool
