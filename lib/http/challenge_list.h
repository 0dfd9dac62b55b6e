// Lists of challenges and credentials in header fields (RFC 9110 11.3, 11.4), strictly.
#ifndef EPA_LIB_HTTP_CHALLENGE_LIST_H_
#define EPA_LIB_HTTP_CHALLENGE_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::http {

struct AuthParameter {
  std::string_view name;
  // Without the quotes and backslashes.
  std::string value;
};

// One challenge or one set of credentials: the grammar is the same.
struct Challenge {
  // As sent; schemes compare without regard to case.
  std::string_view scheme;
  // Empty: none. A token68 is never empty.
  std::string_view token68;
  std::vector<AuthParameter> parameters;
  // ParseChallengesLeniently only: what follows the scheme's name cannot be read.
  bool damaged = false;
};

inline constexpr size_t kMaxChallenges = 32;
// Of one challenge.
inline constexpr size_t kMaxParameters = 32;

// Reads one field's value; the result has views into it. An empty value is an empty list. Beyond
// the grammar only a tab is taken for a space. InvalidArgument with the offset for anything else,
// a parameter given twice (RFC 9110 11.2), and more elements than the limits.
absl::StatusOr<std::vector<Challenge>> ParseChallengeList(std::string_view value);

// What can be read of a field, for clients: servers join challenges of several authors in one
// field, and a faulty one shall not hide its neighbours. Goes on behind the next comma outside
// quotes. Beyond the limits the rest is left out.
std::vector<Challenge> ParseChallengesLeniently(std::string_view value);

}  // namespace epa::http

#endif  // EPA_LIB_HTTP_CHALLENGE_LIST_H_
