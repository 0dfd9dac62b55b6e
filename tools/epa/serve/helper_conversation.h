// One helper's connection to the service.
#ifndef EPA_TOOLS_EPA_SERVE_HELPER_CONVERSATION_H_
#define EPA_TOOLS_EPA_SERVE_HELPER_CONVERSATION_H_

#include <memory>
#include <string>

#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/helper_site.h"

namespace epa::tool {

// `peer`: for audit events of logins of which the front end says no more.
std::unique_ptr<Conversation> NewHelperConversation(std::shared_ptr<const HelperService> service,
                                                    std::string peer);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HELPER_CONVERSATION_H_
