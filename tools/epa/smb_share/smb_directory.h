// A directory that is shared for reading: whatever a client names, nothing outside of it opens.
#ifndef EPA_TOOLS_EPA_SMB_SHARE_SMB_DIRECTORY_H_
#define EPA_TOOLS_EPA_SMB_SHARE_SMB_DIRECTORY_H_

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "lib/base/file_descriptor.h"

namespace epa::tool {

// What SMB tells of a file.
struct FileFacts {
  bool directory = false;
  uint64_t index = 0;
  uint64_t size = 0;  // 0 for directories, as on Windows
  uint64_t allocated = 0;
  uint32_t links = 1;
  FileTime created = 0;  // the earliest time known
  FileTime accessed = 0;
  FileTime written = 0;
  FileTime changed = 0;
};

struct DirectoryEntry {
  std::string name;  // UTF-8
  FileFacts facts;
};

struct CloseDirectoryStream {
  void operator()(DIR* stream) const { closedir(stream); }
};
using DirectoryStream = std::unique_ptr<DIR, CloseDirectoryStream>;

// An open file or directory of the share. Used by one owner at a time.
class SharedFile {
 public:
  const FileFacts& facts() const { return facts_; }
  // The file system it is on, in blocks of `block` octets.
  struct Volume {
    uint64_t blocks = 0;
    uint64_t free = 0;
    uint32_t block = 4096;
  };
  Volume volume() const;

  // Of a regular file. The number of octets read, fewer at the end.
  absl::StatusOr<size_t> Read(uint64_t offset, std::span<uint8_t> out) const;

  // Of a directory: the next entry, in the order of the file system. No value at the end. Only
  // what a client could open is told: regular files and directories with names SMB can spell.
  std::optional<DirectoryEntry> NextEntry();
  void RestartEntries();

 private:
  friend class SharedDirectory;
  SharedFile(FileDescriptor descriptor, FileFacts facts)
      : descriptor_(std::move(descriptor)), facts_(facts) {}

  FileDescriptor descriptor_;
  FileFacts facts_;
  DirectoryStream stream_;  // made by the first NextEntry
};

// Immutable; shared by all threads.
class SharedDirectory {
 public:
  // Fails where `path` cannot be opened as a directory.
  static absl::StatusOr<std::shared_ptr<const SharedDirectory>> Create(const std::string& path);

  // `name` is what follows the share in a path, parts separated by backslashes; empty is the
  // directory itself. Each part is the entry spelled so, or else the first in order of those that
  // differ in case alone. Symbolic links are not followed, and only regular files and directories
  // open. NotFound, PermissionDenied (also for what is neither file nor directory), and
  // InvalidArgument for names that can be nobody's: "..", control characters, wildcards, and a
  // backslash behind a file.
  absl::StatusOr<std::unique_ptr<SharedFile>> Open(std::string_view name) const;

 private:
  explicit SharedDirectory(FileDescriptor root) : root_(std::move(root)) {}

  FileDescriptor root_;
};

// Whether `name` is spelled by `pattern`: '*' and '<' stand for any characters, '?' and '>' for
// one, '"' for a dot ([MS-FSCC] 2.1.4.4, without its rules for names that end early); case does not
// count, as in Open.
bool MatchesPattern(std::string_view name, std::string_view pattern);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SMB_SHARE_SMB_DIRECTORY_H_
