#include "tools/epa/demo/secret_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/base/file_descriptor.h"

namespace epa::tool {

absl::Status WriteSecretFile(const std::string& path, std::string_view text) {
  unlink(path.c_str());
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid() ||
      write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return absl::InvalidArgumentError("cannot write " + path + ": " + std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace epa::tool
