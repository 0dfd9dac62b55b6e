#include "providers/kerberos/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"

namespace epa::kerberos {

absl::StatusOr<MemoryFile> MemoryFile::Create(std::span<const uint8_t> contents) {
  const int descriptor = memfd_create("epa-kerberos", MFD_CLOEXEC);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, "memfd_create");
  }
  MemoryFile file(descriptor);
  while (!contents.empty()) {
    const ssize_t written = write(descriptor, contents.data(), contents.size());
    if (written <= 0) {
      return absl::ErrnoToStatus(errno, "write");
    }
    contents = contents.subspan(static_cast<size_t>(written));
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace epa::kerberos
