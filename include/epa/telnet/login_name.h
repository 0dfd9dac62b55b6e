// Whether a name may be given to a login program.
#ifndef EPA_TELNET_LOGIN_NAME_H_
#define EPA_TELNET_LOGIN_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/core/security_context.h"

#pragma GCC visibility push(default)

namespace epa::telnet {

struct LoginNameRules {
  // Whose users the machine's accounts are, by either name of the domain; the computer's own name
  // for its local accounts. Compared without regard to ASCII case. Required: a name alone does not
  // say who somebody is.
  std::string domain;
  // In octets; 32 is what Linux' own tools allow.
  size_t max_length = 32;
};

// Only letters, digits, '.', '_' and '-' of ASCII, not beginning with '-' or '.', not digits
// alone: so not an option ("-froot"), a path or a number to any program.
bool IsWellFormedLoginName(std::string_view name, size_t max_length = 32);

// The name to give to a login program for the user of `login`. PermissionDenied where nobody is
// logged in, for guests and anonymous clients, for users of another domain than the rules', and
// for names that are not well-formed. Give it after "--", and give nothing else of the client's.
absl::StatusOr<std::string> LoginNameOf(const SecurityContext& login, const LoginNameRules& rules);

}  // namespace epa::telnet

#pragma GCC visibility pop

#endif  // EPA_TELNET_LOGIN_NAME_H_
