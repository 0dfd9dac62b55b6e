#include "tools/epa/common/input_file.h"

#include <utility>

namespace epa::tool {

absl::StatusOr<SecretBytes> ReadInputFile(const std::string& path, size_t max_size) {
  absl::StatusOr<FileContent> file = ReadRegularFile(path, max_size);
  if (!file.ok()) {
    return absl::InvalidArgumentError("cannot read " + std::string(file.status().message()));
  }
  return std::move(file->octets);
}

absl::Status CheckReadable(const std::string& path) { return ReadInputFile(path).status(); }

}  // namespace epa::tool
