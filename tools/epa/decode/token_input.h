// A token as people have it at hand: raw, hexadecimal, base64, or inside an HTTP header line.
#ifndef EPA_TOOLS_EPA_DECODE_TOKEN_INPUT_H_
#define EPA_TOOLS_EPA_DECODE_TOKEN_INPUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tool {

// The octets of the token in `content`. Content with anything but printable ASCII is the token
// itself. White space in hexadecimal and base64 text is ignored. InvalidArgument when the text is
// none of the forms, or a header line without a token.
absl::StatusOr<std::vector<uint8_t>> TokenFromContent(std::string_view content);

// Whether the argument names a file that is there.
bool IsFile(const std::string& argument);

// Where the content comes from: "-" is standard input, the name of a readable file is that file,
// everything else is the content.
absl::StatusOr<std::string> ContentOfArgument(const std::string& argument);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_TOKEN_INPUT_H_
