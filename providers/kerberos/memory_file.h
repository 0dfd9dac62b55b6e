// Octets that a library reads as a file.
#ifndef EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_
#define EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace epa::kerberos {

// Lives in memory only, as long as the object.
class MemoryFile {
 public:
  static absl::StatusOr<MemoryFile> Create(std::span<const uint8_t> contents);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  std::string path() const;

 private:
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MEMORY_FILE_H_
