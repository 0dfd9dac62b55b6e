// What SMB clients ask about files and volumes, as octets: [MS-FSCC] 2.4 and 2.5.
#ifndef EPA_TOOLS_EPA_SMB_SHARE_SMB_INFORMATION_H_
#define EPA_TOOLS_EPA_SMB_SHARE_SMB_INFORMATION_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/byte_writer.h"
#include "tools/epa/smb_share/smb_directory.h"
#include "tools/epa/smb_share/smb_messages.h"

namespace epa::tool {

// [MS-FSCC] 2.6
inline constexpr uint32_t kAttributeDirectory = 0x10;
inline constexpr uint32_t kAttributeNormal = 0x80;

// [MS-FSCC] 2.4: those a client of ours asks for.
inline constexpr uint8_t kFileIdBothDirectoryInformation = 37;

// [MS-DTYP] 2.4.3: reading data, attributes and permissions, and passing through.
inline constexpr uint32_t kReadAccess = 0x001200a9;

uint32_t AttributesOf(const FileFacts& facts);
SmbFileTimes TimesOf(const FileFacts& facts);
SmbFileSizes SizesOf(const FileFacts& facts);

// Nothing for a class that is not served. `name` is the file's, below the share.
std::optional<std::vector<uint8_t>> WriteFileInformation(uint8_t information_class,
                                                         const FileFacts& facts,
                                                         std::string_view name);
std::optional<std::vector<uint8_t>> WriteVolumeInformation(uint8_t information_class,
                                                           const SharedFile::Volume& volume,
                                                           std::string_view label);
// The parts of `wanted` ([MS-DTYP] 2.4.7 SECURITY_INFORMATION): everybody may read.
std::vector<uint8_t> WriteSecurityDescriptor(uint32_t wanted);

// The entries of one answer to QUERY_DIRECTORY.
class DirectoryListing {
 public:
  // Nothing for a class that is not served.
  static std::optional<DirectoryListing> Create(uint8_t information_class, size_t limit);
  // False where the entry does not fit into the limit any more.
  [[nodiscard]] bool Add(const DirectoryEntry& entry);
  bool empty() const { return listing_.size() == 0; }
  std::span<const uint8_t> octets() const { return listing_.written(); }

 private:
  DirectoryListing(uint8_t information_class, size_t limit)
      : class_(information_class), limit_(limit) {}

  uint8_t class_;
  size_t limit_;
  size_t last_entry_ = 0;
  ByteWriter listing_;
};

// The entries of such an answer in class FileIdBothDirectoryInformation; nothing where it is
// malformed.
std::optional<std::vector<DirectoryEntry>> ReadDirectoryListing(std::span<const uint8_t> octets);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SMB_SHARE_SMB_INFORMATION_H_
