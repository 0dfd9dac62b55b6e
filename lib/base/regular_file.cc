#include "lib/base/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>

#include "lib/base/file_descriptor.h"
#include "lib/base/status_macros.h"

namespace epa {
namespace {

// File times move in steps of the kernel's tick, 10 ms at most: a file changed this recently may
// change once more and look the same.
bool ChangedJustNow(const struct stat& status) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  constexpr std::chrono::milliseconds kJustNow{100};
  const auto changed = seconds(status.st_ctim.tv_sec) + nanoseconds(status.st_ctim.tv_nsec);
  const auto age = std::chrono::system_clock::now().time_since_epoch() - changed;
  return age >= age.zero() && age < kJustNow;
}

// Reads until `out` is full or the file ends; the number of octets read, or no value.
std::optional<size_t> ReadFully(const FileDescriptor& file, std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = read(file.number(), out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return std::nullopt;
    }
    if (count == 0) {
      break;
    }
    done += static_cast<size_t>(count);
  }
  return done;
}

absl::Status CheckKind(const std::string& path, const struct stat& status, size_t max_size) {
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(path + ": not a regular file");
  }
  if (status.st_size < 0 || static_cast<uint64_t>(status.st_size) > max_size) {
    return absl::InvalidArgumentError(path + ": larger than " + std::to_string(max_size) +
                                      " octets");
  }
  return absl::OkStatus();
}

// What is not regular is not even opened: that could wake a device.
absl::StatusOr<FileDescriptor> Open(const std::string& path, size_t max_size) {
  EPA_RETURN_IF_ERROR(CheckRegularFile(path, max_size));
  FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) {
    return FileFault(path, errno);
  }
  return file;
}

// Nothing where the file changed meanwhile.
absl::StatusOr<std::optional<FileContent>> ReadOnce(const std::string& path, size_t max_size) {
  EPA_ASSIGN_OR_RETURN(const FileDescriptor file, Open(path, max_size));
  struct stat before {};
  struct stat after {};
  if (fstat(file.number(), &before) != 0) {
    return FileFault(path, errno);
  }
  EPA_RETURN_IF_ERROR(CheckKind(path, before, max_size));
  const bool just_now = ChangedJustNow(before);
  // One octet more, so that a file that grows is noticed.
  SecretBytes octets(static_cast<size_t>(before.st_size) + 1);
  const std::optional<size_t> size = ReadFully(file, octets.ExposeMutable());
  if (!size.has_value() || fstat(file.number(), &after) != 0) {
    return FileFault(path, errno);
  }
  if (FileStamp(before) != FileStamp(after) || *size + 1 != octets.size()) {
    return std::nullopt;
  }
  FileContent content;
  content.octets = SecretBytes(octets.Expose().first(*size));
  if (!just_now) {
    content.stamp = FileStamp(before);
  }
  return content;
}

}  // namespace

FileStamp::FileStamp(const struct stat& status)
    : device(status.st_dev),
      inode(status.st_ino),
      size(status.st_size),
      modified_seconds(status.st_mtim.tv_sec),
      modified_nanoseconds(status.st_mtim.tv_nsec),
      changed_seconds(status.st_ctim.tv_sec),
      changed_nanoseconds(status.st_ctim.tv_nsec) {}

absl::StatusOr<FileContent> ReadRegularFile(const std::string& path, size_t max_size) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    EPA_ASSIGN_OR_RETURN(std::optional<FileContent> content, ReadOnce(path, max_size));
    if (content.has_value()) {
      return *std::move(content);
    }
  }
  return absl::UnavailableError(path + ": changes while it is read");
}

absl::Status CheckRegularFile(const std::string& path, size_t max_size) {
  struct stat status {};
  return stat(path.c_str(), &status) != 0 ? FileFault(path, errno)
                                          : CheckKind(path, status, max_size);
}

std::optional<FileStamp> StampOf(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? std::optional(FileStamp(status)) : std::nullopt;
}

absl::Status FileFault(const std::string& path, int error) {
  const std::string text = path + ": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

}  // namespace epa
