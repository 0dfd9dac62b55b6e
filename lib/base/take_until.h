// Text that is cut into fields.
#ifndef EPA_LIB_BASE_TAKE_UNTIL_H_
#define EPA_LIB_BASE_TAKE_UNTIL_H_

#include <algorithm>
#include <string_view>

namespace epa {

// Takes what stands before the first `separator`, which is dropped; all of it where there is none.
inline std::string_view TakeUntil(char separator, std::string_view& rest) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

}  // namespace epa

#endif  // EPA_LIB_BASE_TAKE_UNTIL_H_
