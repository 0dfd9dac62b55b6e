// Files that only their owner can read.
#ifndef EPA_TOOLS_EPA_DEMO_SECRET_FILE_H_
#define EPA_TOOLS_EPA_DEMO_SECRET_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace epa::tool {

// In the place of what had that name, whatever its mode was. InvalidArgument where it cannot be
// written.
absl::Status WriteSecretFile(const std::string& path, std::string_view text);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_SECRET_FILE_H_
