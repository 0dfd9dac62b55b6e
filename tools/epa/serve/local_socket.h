// A listening socket in the file system (unix(7)).
#ifndef EPA_TOOLS_EPA_SERVE_LOCAL_SOCKET_H_
#define EPA_TOOLS_EPA_SERVE_LOCAL_SOCKET_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"

namespace epa::tool {

struct LocalSocketOptions {
  std::string path;
  // Who may connect.
  uint32_t mode = 0660;
  std::string group;  // empty: the process's
};

// Nobody can connect before mode and group are as told. Takes the place of a socket that nobody
// serves any more, and of nothing else. InvalidArgument where that cannot be.
absl::StatusOr<FileDescriptor> ListenLocally(const LocalSocketOptions& options);

// Removes a socket that nobody serves; leaves everything else as it is.
void RemoveDeadSocket(const std::string& path);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_LOCAL_SOCKET_H_
