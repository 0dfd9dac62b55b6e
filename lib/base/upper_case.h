// Upper-casing of names: as Windows does it, and as peers do that lack its table.
#ifndef EPA_LIB_BASE_UPPER_CASE_H_
#define EPA_LIB_BASE_UPPER_CASE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa {

// Upper-cases UTF-16LE text by Windows' table ([MS-UCODEREF] 3.1.5.3), character for character.
// Surrogates stay as they are.
void UppercaseUtf16Le(std::span<uint8_t> octets);
// The same for UTF-8 text, for look-ups. Text that is not UTF-8 has only its ASCII changed.
std::string UppercaseUtf8(std::string_view text);
// Whether two texts have the same upper case. ASCII text is compared where it is.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// What else a peer may take for the upper case of well-formed UTF-16LE text: by Unicode's simple
// mapping (towupper, Go), and by its full one (Python, Java), where U+00DF becomes "SS". Without
// what Windows' table gives; of most names nothing is left.
std::vector<std::vector<uint8_t>> OtherUppercasesOf(std::span<const uint8_t> utf16);

}  // namespace epa

#endif  // EPA_LIB_BASE_UPPER_CASE_H_
