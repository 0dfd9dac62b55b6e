// Files that an operator names: regular ones, opened without waiting for anybody.
#ifndef EPA_TOOLS_EPA_COMMON_INPUT_FILE_H_
#define EPA_TOOLS_EPA_COMMON_INPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "lib/base/regular_file.h"

namespace epa::tool {

// InvalidArgument with "cannot read FILE: No such file or directory" and the like where it cannot
// be read, is no regular file, or larger.
absl::StatusOr<SecretBytes> ReadInputFile(const std::string& path, size_t max_size = kMaxFileSize);
// The same for a file that a library reads.
absl::Status CheckReadable(const std::string& path);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_INPUT_FILE_H_
