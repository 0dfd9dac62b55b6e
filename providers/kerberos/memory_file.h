// Octets that a library reads as a file.
#ifndef EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_
#define EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"

namespace epa::kerberos {

// Lives in memory only, as long as the object: within one function, since a program may close
// descriptors that it did not open.
class MemoryFile {
 public:
  static absl::StatusOr<MemoryFile> Create(std::span<const uint8_t> contents);

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_.number()); }

 private:
  explicit MemoryFile(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  FileDescriptor descriptor_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_
