#include "providers/ntlm/messages/message_fault.h"

#include <string>

namespace epa::ntlm {

absl::Status FaultToStatus(const MessageFault& fault) {
  return absl::InvalidArgumentError("offset " + std::to_string(fault.offset) + ": " + fault.what);
}

}  // namespace epa::ntlm
