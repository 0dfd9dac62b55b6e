// ASCII text without regard to case: the same in every locale; other octets compare exactly.
#ifndef EPA_LIB_BASE_ASCII_H_
#define EPA_LIB_BASE_ASCII_H_

#include <string>
#include <string_view>

namespace epa {

bool IsAscii(std::string_view text);
bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b);
// ASCII letters in lower case; other octets as they are.
std::string LowercaseAscii(std::string_view text);

}  // namespace epa

#endif  // EPA_LIB_BASE_ASCII_H_
