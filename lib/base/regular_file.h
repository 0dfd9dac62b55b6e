// Files an operator provides: regular ones, opened without blocking, known by their stamps.
#ifndef EPA_LIB_BASE_REGULAR_FILE_H_
#define EPA_LIB_BASE_REGULAR_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/secret.h"

struct stat;

namespace epa {

// What changes when the content of a file does, or when another file takes its place.
struct FileStamp {
  explicit FileStamp(const struct stat& status);
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  dev_t device;
  ino_t inode;
  off_t size;
  time_t modified_seconds;
  long modified_nanoseconds;
  time_t changed_seconds;
  long changed_nanoseconds;
};

struct FileContent {
  SecretBytes octets;
  // Absent just after a change: another one could leave the same stamp.
  std::optional<FileStamp> stamp;
};

// What is read whole has its place in memory.
inline constexpr size_t kMaxFileSize = size_t{64} << 20;

// The whole of a regular file of at most `max_size` octets. A pipe, a device and a folder are
// InvalidArgument, and so is a larger file; a file that changes all the time is Unavailable; the
// rest is as FileFault says. The message begins with the path.
absl::StatusOr<FileContent> ReadRegularFile(const std::string& path,
                                            size_t max_size = kMaxFileSize);

// OK where ReadRegularFile may begin to read: for files that others open by their names.
absl::Status CheckRegularFile(const std::string& path, size_t max_size = kMaxFileSize);

// The stamp as it is now. Nothing where there is no file to see.
std::optional<FileStamp> StampOf(const std::string& path);

// "PATH: No such file or directory": NotFound, PermissionDenied, or else Unavailable.
absl::Status FileFault(const std::string& path, int error);

}  // namespace epa

#endif  // EPA_LIB_BASE_REGULAR_FILE_H_
