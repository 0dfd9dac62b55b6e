#include "tools/epa/smb_share/smb_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

// [MS-FSCC] 2.1.5.2: no file has these in its name.
constexpr std::string_view kNotInNames = "\"*/:<>?\\|";
// Opening never waits and never follows a link.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr uint64_t kStatBlock = 512;

FileTime ToFileTime(const timespec& time) {
  const int64_t ticks = static_cast<int64_t>(time.tv_sec) * static_cast<int64_t>(kTicksPerSecond) +
                        time.tv_nsec / 100 + static_cast<int64_t>(kUnixEpochTicks);
  return static_cast<FileTime>(std::max<int64_t>(ticks, 0));
}

bool IsServable(const struct stat& status) {
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
}

FileFacts FactsOf(const struct stat& status) {
  FileFacts facts;
  facts.directory = S_ISDIR(status.st_mode);
  facts.index = status.st_ino;
  if (!facts.directory) {
    facts.size = static_cast<uint64_t>(status.st_size);
    facts.allocated = static_cast<uint64_t>(status.st_blocks) * kStatBlock;
  }
  facts.links = static_cast<uint32_t>(status.st_nlink);
  facts.accessed = ToFileTime(status.st_atim);
  facts.written = ToFileTime(status.st_mtim);
  facts.changed = ToFileTime(status.st_ctim);
  facts.created = std::min(facts.written, facts.changed);
  return facts;
}

bool IsSpellable(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(kNotInNames) == std::string_view::npos &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20; }) &&
         IsValidUtf8(name);
}

// A descriptor of its own: closing the stream closes it. Null where it cannot be had.
DirectoryStream OpenStream(int directory) {
  const int copy = openat(directory, ".", kOpenFlags | O_DIRECTORY);
  return DirectoryStream(copy < 0 ? nullptr : fdopendir(copy));
}

absl::Status OpenError(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return absl::NotFoundError("no such file");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::ResourceExhaustedError("too many open files");
    default:  // also ELOOP: a symbolic link
      return absl::PermissionDeniedError("cannot be opened");
  }
}

// One step down. What is no file or directory is not even opened: that could wake a device.
absl::StatusOr<FileDescriptor> OpenPart(int directory, const std::string& part) {
  struct stat status {};
  if (fstatat(directory, part.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return OpenError(errno);
  }
  if (!IsServable(status)) {
    return OpenError(EACCES);
  }
  FileDescriptor opened(openat(directory, part.c_str(), kOpenFlags));
  if (!opened.valid()) {
    return OpenError(errno);
  }
  return opened;
}

// The entry of `directory` that differs from `part` in case alone: the first of them, so that it is
// always the same. Empty where there is none.
std::string SpelledOtherwise(int directory, const std::string& part) {
  const DirectoryStream stream = OpenStream(directory);
  const std::string folded = UppercaseUtf8(part);
  std::string found;
  while (const dirent* entry = stream != nullptr ? readdir(stream.get()) : nullptr) {
    const std::string name = entry->d_name;
    if ((found.empty() || name < found) && UppercaseUtf8(name) == folded) {
      found = name;
    }
  }
  return found;
}

absl::StatusOr<FileDescriptor> OpenPartInAnyCase(int directory, const std::string& part) {
  absl::StatusOr<FileDescriptor> opened = OpenPart(directory, part);
  if (absl::IsNotFound(opened.status())) {
    if (const std::string name = SpelledOtherwise(directory, part); !name.empty()) {
      return OpenPart(directory, name);
    }
  }
  return opened;
}

// Past the UTF-8 character that begins at `at`.
size_t NextCharacter(std::string_view text, size_t at) {
  do {
    ++at;
  } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return at;
}

}  // namespace

SharedFile::Volume SharedFile::volume() const {
  Volume volume;
  struct statvfs status {};
  if (fstatvfs(descriptor_.number(), &status) == 0) {
    volume = {status.f_blocks, status.f_bavail, static_cast<uint32_t>(status.f_frsize)};
  }
  return volume;
}

absl::StatusOr<size_t> SharedFile::Read(uint64_t offset, std::span<uint8_t> out) const {
  if (offset > static_cast<uint64_t>(INT64_MAX) - out.size()) {
    return absl::InvalidArgumentError("an offset beyond the end of any file");
  }
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = pread(descriptor_.number(), out.data() + done, out.size() - done,
                                static_cast<off_t>(offset + done));
    if (count < 0 && errno != EINTR) {
      return absl::DataLossError("cannot be read");
    }
    if (count == 0) {
      break;
    }
    done += count > 0 ? static_cast<size_t>(count) : 0;
  }
  return done;
}

std::optional<DirectoryEntry> SharedFile::NextEntry() {
  if (stream_ == nullptr) {
    stream_ = OpenStream(descriptor_.number());
  }
  while (stream_ != nullptr) {
    const dirent* entry = readdir(stream_.get());
    if (entry == nullptr) {
      break;
    }
    const std::string name = entry->d_name;
    if (name == "." || name == "..") {
      // Both with the facts of this directory: what is above the share is not told.
      return DirectoryEntry{name, facts_};
    }
    struct stat status {};
    if (IsSpellable(name) &&
        fstatat(descriptor_.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        IsServable(status)) {
      return DirectoryEntry{name, FactsOf(status)};
    }
  }
  return std::nullopt;
}

void SharedFile::RestartEntries() { stream_.reset(); }

absl::StatusOr<std::shared_ptr<const SharedDirectory>> SharedDirectory::Create(
    const std::string& path) {
  FileDescriptor root(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!root.valid()) {
    return absl::InvalidArgumentError("cannot share " + path + ": " + std::strerror(errno));
  }
  return std::shared_ptr<const SharedDirectory>(new SharedDirectory(std::move(root)));
}

absl::StatusOr<std::unique_ptr<SharedFile>> SharedDirectory::Open(std::string_view name) const {
  FileDescriptor opened(openat(root_.number(), ".", kOpenFlags | O_DIRECTORY));
  const bool directory_only = name.ends_with('\\');
  while (!name.empty()) {
    const size_t end = std::min(name.find('\\'), name.size());
    const std::string part(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
    if (!IsSpellable(part)) {
      return absl::InvalidArgumentError("not a name of a file");
    }
    absl::StatusOr<FileDescriptor> next = OpenPartInAnyCase(opened.number(), part);
    if (!next.ok()) {
      return next.status();
    }
    opened = *std::move(next);
  }
  struct stat status {};
  if (!opened.valid() || fstat(opened.number(), &status) != 0) {
    return OpenError(errno);
  }
  if (!IsServable(status)) {
    return OpenError(EACCES);
  }
  if (directory_only && !S_ISDIR(status.st_mode)) {
    return absl::InvalidArgumentError("a backslash after the name of a file");
  }
  return std::unique_ptr<SharedFile>(new SharedFile(std::move(opened), FactsOf(status)));
}

bool MatchesPattern(std::string_view name, std::string_view pattern) {
  const std::string folded_name = UppercaseUtf8(name);
  const std::string folded_pattern = UppercaseUtf8(pattern);
  const auto matches_any = [](char c) { return c == '*' || c == '<'; };
  size_t at = 0;
  size_t in_pattern = 0;
  // Where to go on when the last '*' has to stand for one character more.
  size_t retry_at = 0;
  size_t retry_pattern = std::string::npos;
  while (at < folded_name.size()) {
    const char wanted = in_pattern < folded_pattern.size() ? folded_pattern[in_pattern] : '\0';
    if (matches_any(wanted)) {
      retry_pattern = ++in_pattern;
      retry_at = at;
    } else if (wanted == '?' || wanted == '>') {
      ++in_pattern;
      at = NextCharacter(folded_name, at);
    } else if (wanted == folded_name[at] || (wanted == '"' && folded_name[at] == '.')) {
      ++in_pattern;
      ++at;
    } else if (retry_pattern != std::string::npos) {
      in_pattern = retry_pattern;
      at = ++retry_at;
    } else {
      return false;
    }
  }
  return std::all_of(folded_pattern.begin() + static_cast<ptrdiff_t>(in_pattern),
                     folded_pattern.end(), matches_any);
}

}  // namespace epa::tool
