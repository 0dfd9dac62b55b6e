// Where helpers find their service.
#ifndef EPA_TOOLS_EPA_COMMON_HELPER_SOCKET_H_
#define EPA_TOOLS_EPA_COMMON_HELPER_SOCKET_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace epa::tool {

inline constexpr char kHelperSocket[] = "/run/epa/helper.sock";

// A socket in the file system.
struct LocalAddress {
  sockaddr_un name{};
  socklen_t size = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&name); }
};

// Whether a path can be one: it is not empty, and short enough for unix(7).
inline bool MakeLocalAddress(std::string_view path, LocalAddress& out) {
  if (path.empty() || path.size() >= sizeof(out.name.sun_path)) {
    return false;
  }
  out.name.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), out.name.sun_path);
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return true;
}

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_HELPER_SOCKET_H_
