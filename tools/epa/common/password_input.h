// Passwords come from a file or from the terminal, never from an argument.
#ifndef EPA_TOOLS_EPA_COMMON_PASSWORD_INPUT_H_
#define EPA_TOOLS_EPA_COMMON_PASSWORD_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"

namespace epa::tool {

// The first line of a regular file, without its line end. Fails when it is empty.
absl::StatusOr<SecretBytes> ReadPasswordFile(const std::string& path);
// Asks on the terminal, without echo. Fails without a terminal.
absl::StatusOr<SecretBytes> PromptForPassword(const std::string& prompt);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_PASSWORD_INPUT_H_
