// The part of a value's line after the equals sign.
#ifndef EPA_LIB_REGISTRY_VALUE_READER_H_
#define EPA_LIB_REGISTRY_VALUE_READER_H_

#include "absl/status/statusor.h"
#include "epa/registry/registry_file.h"
#include "lib/registry/line_scanner.h"

namespace epa::registry {

// How the octets of hex(1), hex(2) and hex(7) are text: version 5.00 has UTF-16LE, REGEDIT4 has
// one octet a character, of which UTF-8 is read.
enum class HexText : uint8_t { kUtf16Le, kUtf8 };

// A quoted string, dword:, hex: or hex(TYPE):, which may go on over lines that end with a
// backslash. Stops before the end of the line.
absl::StatusOr<RegistryValue> ReadValue(LineScanner& scanner, HexText hex_text);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_VALUE_READER_H_
