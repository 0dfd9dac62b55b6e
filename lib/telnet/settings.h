// What the settings of both sides have in common.
#ifndef EPA_LIB_TELNET_SETTINGS_H_
#define EPA_LIB_TELNET_SETTINGS_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "epa/core/security_package.h"
#include "epa/telnet/protocol.h"

namespace epa::telnet {

absl::Status ValidateSettings(const std::shared_ptr<const Credentials>& credentials,
                              const AgreedOptions& options, size_t max_suboption);

}  // namespace epa::telnet

#endif  // EPA_LIB_TELNET_SETTINGS_H_
