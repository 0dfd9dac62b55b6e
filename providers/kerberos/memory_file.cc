#include "providers/kerberos/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"

namespace epa::kerberos {

absl::StatusOr<MemoryFile> MemoryFile::Create(std::span<const uint8_t> contents) {
  FileDescriptor descriptor(memfd_create("epa-kerberos", MFD_CLOEXEC));
  if (!descriptor.valid()) {
    return absl::ErrnoToStatus(errno, "memfd_create");
  }
  while (!contents.empty()) {
    const ssize_t written = write(descriptor.number(), contents.data(), contents.size());
    if (written <= 0) {
      return absl::ErrnoToStatus(errno, "write");
    }
    contents = contents.subspan(static_cast<size_t>(written));
  }
  return MemoryFile(std::move(descriptor));
}

}  // namespace epa::kerberos
