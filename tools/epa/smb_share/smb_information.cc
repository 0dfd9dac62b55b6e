#include "tools/epa/smb_share/smb_information.h"

#include <array>
#include <utility>

#include "lib/base/byte_reader.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

constexpr uint32_t kSector = 512;
// [MS-FSCC] 2.5.10: of a drive, not removable, mounted, to be read only.
constexpr uint32_t kDisk = 0x7;
constexpr uint32_t kReadOnlyMounted = 0x22;
// [MS-FSCC] 2.5.1: case matters and is kept, Unicode, read-only volume.
constexpr uint32_t kVolumeAttributes = 0x80007;
constexpr uint32_t kLongestName = 255;

// Names of this module were read from UTF-8 text or checked when they were listed.
std::vector<uint8_t> Utf16Of(std::string_view text) {
  return Utf8ToUtf16Le(text).value_or(std::vector<uint8_t>());
}

void WriteText(ByteWriter& writer, std::string_view text) {
  const std::vector<uint8_t> octets = Utf16Of(text);
  writer.WriteU32(static_cast<uint32_t>(octets.size()));
  writer.WriteBytes(octets);
}

void WriteTimes(ByteWriter& writer, const FileFacts& facts) {
  writer.WriteU64(facts.created);
  writer.WriteU64(facts.accessed);
  writer.WriteU64(facts.written);
  writer.WriteU64(facts.changed);
}

// 2.4.7
void WriteBasic(ByteWriter& writer, const FileFacts& facts) {
  WriteTimes(writer, facts);
  writer.WriteU32(AttributesOf(facts));
  writer.WriteU32(0);
}

// 2.4.47
void WriteStandard(ByteWriter& writer, const FileFacts& facts) {
  writer.WriteU64(facts.allocated);
  writer.WriteU64(facts.size);
  writer.WriteU32(facts.links);
  writer.WriteU8(0);
  writer.WriteU8(facts.directory ? 1 : 0);
  writer.WriteU16(0);
}

// 2.4.2
void WriteAll(ByteWriter& writer, const FileFacts& facts, std::string_view name) {
  WriteBasic(writer, facts);
  WriteStandard(writer, facts);
  writer.WriteU64(facts.index);
  writer.WriteU32(0);  // extended attributes
  writer.WriteU32(kReadAccess);
  writer.WriteU64(0);  // position
  writer.WriteU32(0);  // mode
  writer.WriteU32(0);  // alignment
  WriteText(writer, name);
}

// 2.4.49: the one stream of a file; a directory has none.
void WriteStreams(ByteWriter& writer, const FileFacts& facts) {
  if (facts.directory) {
    return;
  }
  const std::vector<uint8_t> name = Utf16Of("::$DATA");
  writer.WriteU32(0);
  writer.WriteU32(static_cast<uint32_t>(name.size()));
  writer.WriteU64(facts.size);
  writer.WriteU64(facts.allocated);
  writer.WriteBytes(name);
}

// 2.4.29
void WriteNetworkOpen(ByteWriter& writer, const FileFacts& facts) {
  WriteTimes(writer, facts);
  writer.WriteU64(facts.allocated);
  writer.WriteU64(facts.size);
  writer.WriteU32(AttributesOf(facts));
  writer.WriteU32(0);
}

void WriteUnits(ByteWriter& writer, const SharedFile::Volume& volume) {
  writer.WriteU32(volume.block / kSector);
  writer.WriteU32(kSector);
}

// [MS-DTYP] 2.4.2.2
void WriteSid(ByteWriter& writer, uint8_t authority, std::initializer_list<uint32_t> parts) {
  writer.WriteU8(1);
  writer.WriteU8(static_cast<uint8_t>(parts.size()));
  writer.WriteZeros(5);
  writer.WriteU8(authority);
  for (const uint32_t part : parts) {
    writer.WriteU32(part);
  }
}

// S-1-5-32-544: the administrators of whatever machine this is.
void WriteOwner(ByteWriter& writer) { WriteSid(writer, 5, {32, 544}); }

// One entry: everybody, S-1-1-0, may read. [MS-DTYP] 2.4.5, 2.4.4.2.
void WriteAcl(ByteWriter& writer) {
  constexpr uint16_t kSidSize = 12;
  constexpr uint16_t kEntrySize = 8 + kSidSize;
  writer.WriteU16(2);
  writer.WriteU16(8 + kEntrySize);
  writer.WriteU32(1);
  writer.WriteU16(0);
  writer.WriteU16(kEntrySize);
  writer.WriteU32(kReadAccess);
  WriteSid(writer, 1, {0});
}

// What an entry of QUERY_DIRECTORY has between the common part and the name.
enum class EntryTail : uint8_t { kNone, kEa, kEaId, kShortName, kShortNameId, kNameOnly };

std::optional<EntryTail> TailOf(uint8_t information_class) {
  switch (information_class) {
    case 1:  // FileDirectoryInformation, 2.4.10
      return EntryTail::kNone;
    case 2:  // FileFullDirectoryInformation, 2.4.14
      return EntryTail::kEa;
    case 3:  // FileBothDirectoryInformation, 2.4.8
      return EntryTail::kShortName;
    case 12:  // FileNamesInformation, 2.4.28
      return EntryTail::kNameOnly;
    case kFileIdBothDirectoryInformation:  // 2.4.17
      return EntryTail::kShortNameId;
    case 38:  // FileIdFullDirectoryInformation, 2.4.18
      return EntryTail::kEaId;
    default:
      return std::nullopt;
  }
}

constexpr size_t kShortNameRoom = 1 + 1 + 24;

void WriteTail(ByteWriter& writer, EntryTail tail, uint64_t index) {
  writer.WriteU32(0);  // extended attributes
  if (tail == EntryTail::kShortName || tail == EntryTail::kShortNameId) {
    writer.WriteZeros(kShortNameRoom);
  }
  if (tail == EntryTail::kShortNameId || tail == EntryTail::kEaId) {
    writer.WriteZeros(tail == EntryTail::kEaId ? 4 : 2);
    writer.WriteU64(index);
  }
}

std::vector<uint8_t> EntryOctets(EntryTail tail, const DirectoryEntry& entry) {
  const std::vector<uint8_t> name = Utf16Of(entry.name);
  ByteWriter writer;
  writer.WriteU32(0);  // patched when another entry follows
  writer.WriteU32(0);
  if (tail != EntryTail::kNameOnly) {
    WriteTimes(writer, entry.facts);
    writer.WriteU64(entry.facts.size);
    writer.WriteU64(entry.facts.allocated);
    writer.WriteU32(AttributesOf(entry.facts));
  }
  writer.WriteU32(static_cast<uint32_t>(name.size()));
  if (tail != EntryTail::kNone && tail != EntryTail::kNameOnly) {
    WriteTail(writer, tail, entry.facts.index);
  }
  writer.WriteBytes(name);
  return std::move(writer).Take();
}

size_t AlignedTo8(size_t size) { return (size + 7) & ~size_t{7}; }

}  // namespace

uint32_t AttributesOf(const FileFacts& facts) {
  return facts.directory ? kAttributeDirectory : kAttributeNormal;
}

SmbFileTimes TimesOf(const FileFacts& facts) {
  return {facts.created, facts.accessed, facts.written, facts.changed};
}

SmbFileSizes SizesOf(const FileFacts& facts) { return {facts.allocated, facts.size}; }

std::optional<std::vector<uint8_t>> WriteFileInformation(uint8_t information_class,
                                                         const FileFacts& facts,
                                                         std::string_view name) {
  ByteWriter writer;
  switch (information_class) {
    case 4:  // FileBasicInformation
      WriteBasic(writer, facts);
      break;
    case 5:  // FileStandardInformation
      WriteStandard(writer, facts);
      break;
    case 6:  // FileInternalInformation
      writer.WriteU64(facts.index);
      break;
    case 7:   // FileEaInformation
    case 16:  // FileModeInformation
    case 17:  // FileAlignmentInformation
      writer.WriteU32(0);
      break;
    case 8:  // FileAccessInformation
      writer.WriteU32(kReadAccess);
      break;
    case 14:  // FilePositionInformation
      writer.WriteU64(0);
      break;
    case 18:  // FileAllInformation
      WriteAll(writer, facts, name);
      break;
    case 22:  // FileStreamInformation
      WriteStreams(writer, facts);
      break;
    case 34:  // FileNetworkOpenInformation
      WriteNetworkOpen(writer, facts);
      break;
    case 35:  // FileAttributeTagInformation
      writer.WriteU32(AttributesOf(facts));
      writer.WriteU32(0);
      break;
    case 48:  // FileNormalizedNameInformation
      WriteText(writer, name);
      break;
    default:
      return std::nullopt;
  }
  return std::move(writer).Take();
}

std::optional<std::vector<uint8_t>> WriteVolumeInformation(uint8_t information_class,
                                                           const SharedFile::Volume& volume,
                                                           std::string_view label) {
  ByteWriter writer;
  const std::vector<uint8_t> name = Utf16Of(label);
  switch (information_class) {
    case 1:  // FileFsVolumeInformation
      writer.WriteU64(0);
      writer.WriteU32(0);
      writer.WriteU32(static_cast<uint32_t>(name.size()));
      writer.WriteU16(0);
      writer.WriteBytes(name);
      break;
    case 3:  // FileFsSizeInformation
      writer.WriteU64(volume.blocks);
      writer.WriteU64(volume.free);
      WriteUnits(writer, volume);
      break;
    case 4:  // FileFsDeviceInformation
      writer.WriteU32(kDisk);
      writer.WriteU32(kReadOnlyMounted);
      break;
    case 5:  // FileFsAttributeInformation
      writer.WriteU32(kVolumeAttributes);
      writer.WriteU32(kLongestName);
      WriteText(writer, "NTFS");
      break;
    case 7:  // FileFsFullSizeInformation
      writer.WriteU64(volume.blocks);
      writer.WriteU64(volume.free);
      writer.WriteU64(volume.free);
      WriteUnits(writer, volume);
      break;
    default:
      return std::nullopt;
  }
  return std::move(writer).Take();
}

std::vector<uint8_t> WriteSecurityDescriptor(uint32_t wanted) {
  constexpr uint32_t kOwner = 1;
  constexpr uint32_t kGroup = 2;
  constexpr uint32_t kDacl = 4;
  constexpr uint16_t kSelfRelative = 0x8000;
  constexpr uint16_t kDaclPresent = 0x0004;
  constexpr size_t kOwnerAt = 4;
  constexpr size_t kGroupAt = 8;
  constexpr size_t kDaclAt = 16;
  ByteWriter writer;
  writer.WriteU16(1);
  writer.WriteU16((wanted & kDacl) != 0 ? kSelfRelative | kDaclPresent : kSelfRelative);
  writer.WriteZeros(4 * 4);
  const auto part = [&writer, wanted](uint32_t flag, size_t offset_at, void (*write)(ByteWriter&)) {
    if ((wanted & flag) != 0) {
      writer.PatchU32(offset_at, static_cast<uint32_t>(writer.size()));
      write(writer);
    }
  };
  part(kOwner, kOwnerAt, WriteOwner);
  part(kGroup, kGroupAt, WriteOwner);
  part(kDacl, kDaclAt, WriteAcl);
  return std::move(writer).Take();
}

std::optional<DirectoryListing> DirectoryListing::Create(uint8_t information_class, size_t limit) {
  if (!TailOf(information_class).has_value()) {
    return std::nullopt;
  }
  return DirectoryListing(information_class, limit);
}

bool DirectoryListing::Add(const DirectoryEntry& entry) {
  const std::vector<uint8_t> octets = EntryOctets(*TailOf(class_), entry);
  const size_t start = AlignedTo8(listing_.size());
  if (octets.size() > limit_ || start > limit_ - octets.size()) {
    return false;
  }
  if (!empty()) {
    listing_.PatchU32(last_entry_, static_cast<uint32_t>(start - last_entry_));
    listing_.WriteZeros(start - listing_.size());
  }
  last_entry_ = start;
  listing_.WriteBytes(octets);
  return true;
}

std::optional<std::vector<DirectoryEntry>> ReadDirectoryListing(std::span<const uint8_t> octets) {
  std::vector<DirectoryEntry> entries;
  for (bool last = octets.empty(); !last;) {
    ByteReader reader(octets);
    DirectoryEntry entry;
    uint32_t next = 0;
    uint32_t attributes = 0;
    uint32_t name_size = 0;
    std::span<const uint8_t> name;
    FileFacts& facts = entry.facts;
    if (!reader.ReadU32(next) || !reader.Skip(4) || !reader.ReadU64(facts.created) ||
        !reader.ReadU64(facts.accessed) || !reader.ReadU64(facts.written) ||
        !reader.ReadU64(facts.changed) || !reader.ReadU64(facts.size) ||
        !reader.ReadU64(facts.allocated) || !reader.ReadU32(attributes) ||
        !reader.ReadU32(name_size) || !reader.Skip(4 + kShortNameRoom + 2) ||
        !reader.ReadU64(facts.index) || !reader.ReadSpan(name_size, name)) {
      return std::nullopt;
    }
    std::optional<std::string> text = Utf16LeToUtf8(name);
    // An entry may not point into itself, or a short answer would never end.
    if (!text.has_value() || (next != 0 && (next < reader.offset() || next > octets.size()))) {
      return std::nullopt;
    }
    entry.name = *std::move(text);
    facts.directory = (attributes & kAttributeDirectory) != 0;
    entries.push_back(std::move(entry));
    last = next == 0;
    octets = octets.subspan(next);
  }
  return entries;
}

}  // namespace epa::tool
