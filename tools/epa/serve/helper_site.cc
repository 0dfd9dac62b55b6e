#include "tools/epa/serve/helper_site.h"

#include "tools/epa/serve/helper_conversation.h"
#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {

std::unique_ptr<Conversation> HelperSite::Begin(Channel /*channel*/, std::string peer) const {
  return NewHelperConversation(service_, std::move(peer));
}

std::vector<std::string> HelperSite::Warnings() const {
  return PolicyWarnings(*service_->settings()->policy);
}

}  // namespace epa::tool
