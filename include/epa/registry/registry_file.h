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

struct RegistryFile {
  std::string name;  // for messages
  std::vector<KeyBlock> blocks;
};

inline constexpr size_t kMaxRegistryFileSize = size_t{16} << 20;  // octets
inline constexpr size_t kMaxRegistryLines = 200'000;              // keys and values together

// UTF-16LE with a byte order mark, or UTF-8 with or without one; lines end with CR LF or LF.
// Stricter than the registry editor, which drops what it does not understand: anything that is
// not a key, a value, a comment or blank is InvalidArgument with the file's name and the line.
// Fails on files and numbers of lines beyond the limits above.
absl::StatusOr<RegistryFile> ParseRegistryFile(std::span<const uint8_t> octets,
                                               std::string_view name);

// The same of a file. NotFound, PermissionDenied and FailedPrecondition where it cannot be read.
absl::StatusOr<RegistryFile> ReadRegistryFile(const std::string& path);

}  // namespace epa::registry

#pragma GCC visibility pop

#endif  // EPA_REGISTRY_REGISTRY_FILE_H_
