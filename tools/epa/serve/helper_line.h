// What a front end says in one line of ntlm_auth's protocols.
#ifndef EPA_TOOLS_EPA_SERVE_HELPER_LINE_H_
#define EPA_TOOLS_EPA_SERVE_HELPER_LINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/core/identity.h"

namespace epa::tool {

struct HelperLine {
  enum class Verb : uint8_t {
    kBegin,  // YR: the first token of a login
    kGoOn,   // KK: a token of a login that has begun
  };

  Verb verb = Verb::kBegin;
  // Base64; a view of the line.
  std::string_view token;
  // What the front end adds to it, such as Squid's key_extras. Printable ASCII: whatever else is
  // there is '?', and what is very long is cut off.
  std::string extras;
};

// No value: it is not such a line. `line` is without its line end.
std::optional<HelperLine> ParseHelperLine(std::string_view line);

// "DOMAIN\user", as front ends expect it. They take a name apart at blanks, '\\', '@' and '"':
// FailedPrecondition for one with any of them in its parts, which they would take for another's.
absl::StatusOr<std::string> NameForFrontEnd(const AccountIdentity& account);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HELPER_LINE_H_
