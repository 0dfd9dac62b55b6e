// One connection of the HTTPS server.
#ifndef EPA_TOOLS_EPA_SERVE_HTTP_CONVERSATION_H_
#define EPA_TOOLS_EPA_SERVE_HTTP_CONVERSATION_H_

#include <memory>
#include <string>

#include "epa/core/channel.h"
#include "epa/http/authenticator.h"
#include "tools/epa/serve/conversation.h"

namespace epa::tool {

// HTTP/1.x. Holds one request's header, and its body in pieces only. While it is idle it holds
// neither.
std::unique_ptr<Conversation> NewHttpConversation(
    std::shared_ptr<const http::AuthenticatorConfig> authentication, Channel channel,
    std::string peer);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTP_CONVERSATION_H_
