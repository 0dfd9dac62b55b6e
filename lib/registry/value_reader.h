// The part of a value's line after the equals sign.
#ifndef EPA_LIB_REGISTRY_VALUE_READER_H_
#define EPA_LIB_REGISTRY_VALUE_READER_H_

#include <string>

#include "absl/status/statusor.h"
#include "epa/registry/registry_file.h"
#include "lib/registry/lines.h"

namespace epa::registry {

// How the octets of hex(1), hex(2) and hex(7) are text: version 5.00 has UTF-16LE, REGEDIT4 has
// one octet a character.
enum class HexText : uint8_t { kUtf16Le, kAnsi };

// A quoted name: a backslash makes the next quote or backslash literal, and is an error before
// anything else. The cursor is at the opening quote.
absl::StatusOr<std::string> TakeQuotedName(LineCursor& cursor);

// A quoted string, dword:, hex: or hex(TYPE): to the end of the line. `lines` goes on with the line
// after it and past those that the value goes on over: hex behind a comma and a backslash, quoted
// text to the line of its closing quote. Where it fails, `lines` is past what the registry editor
// would not read either.
absl::StatusOr<RegistryValue> ReadValue(LineCursor& cursor, Lines& lines, HexText hex_text);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_VALUE_READER_H_
