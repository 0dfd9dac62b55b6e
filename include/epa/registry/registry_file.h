// Files in the format of Windows' registry editor: "Windows Registry Editor Version 5.00" and
// "REGEDIT4".
#ifndef EPA_REGISTRY_REGISTRY_FILE_H_
#define EPA_REGISTRY_REGISTRY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#pragma GCC visibility push(default)

namespace epa::registry {

// The types of values ([MS-RRP] 2.2.9). A file may hold numbers that have no name here.
enum class ValueType : uint32_t {
  kNone = 0,
  kString = 1,
  kExpandableString = 2,
  kBinary = 3,
  kDword = 4,
  kMultiString = 7,
  kQword = 11,
};
// "REG_SZ" and so on; "type 0x8" for one without a name.
std::string ValueTypeName(ValueType type);

// Text is UTF-8. A value whose octets do not fit its type has them as they are.
struct RegistryValue {
  ValueType type = ValueType::kNone;
  std::variant<std::string,               // kString, kExpandableString
               uint64_t,                  // kDword, kQword
               std::vector<std::string>,  // kMultiString
               std::vector<uint8_t>>      // all others
      data;
};

// One line below a key: a value that is set or deleted. The key's default value has no name.
struct ValueLine {
  size_t line = 0;  // counted from 1
  std::string name;
  bool deleted = false;
  RegistryValue value;
};

// One "[KEY]" or "[-KEY]" with what follows it, in the order of the file.
struct KeyBlock {
  size_t line = 0;
  std::string key;  // as written, from the root key on
  bool deleted = false;
  std::vector<ValueLine> values;
};

// What a file says and nobody can read: the registry editor passes over most of it in silence.
struct DroppedLine {
  size_t line = 0;
  // Under which it stands; empty where the key itself could not be read.
  std::string key;
  std::string text;  // with the lines it goes on over
  std::string why;
};

struct RegistryFile {
  std::string name;  // for messages
  std::vector<KeyBlock> blocks;
  std::vector<DroppedLine> dropped;  // in the order of the file
};

inline constexpr size_t kMaxRegistryFileSize = size_t{16} << 20;  // octets
inline constexpr size_t kMaxRegistryLines = 200'000;              // keys and values together

// UTF-16LE with a byte order mark, UTF-8 with or without one, or else windows-1252; lines end with
// CR LF, LF or CR. What cannot be read is dropped, with everything below a key that cannot be
// read. InvalidArgument, with the file's name, for another first line than the format's, for
// UTF-16 without a mark or of the other order, and beyond the limits above.
absl::StatusOr<RegistryFile> ParseRegistryFile(std::span<const uint8_t> octets,
                                               std::string_view name);

// The same of a regular file. NotFound, PermissionDenied and Unavailable where it cannot be read,
// InvalidArgument where it is a pipe or the like.
absl::StatusOr<RegistryFile> ReadRegistryFile(const std::string& path);

}  // namespace epa::registry

#pragma GCC visibility pop

#endif  // EPA_REGISTRY_REGISTRY_FILE_H_
