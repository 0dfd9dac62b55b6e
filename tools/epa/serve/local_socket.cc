#include "tools/epa/serve/local_socket.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/helper_socket.h"

namespace epa::tool {
namespace {

absl::Status Fault(const LocalSocketOptions& options, const std::string& what) {
  return absl::InvalidArgumentError("cannot listen on unix:" + options.path + ": " + what);
}

absl::StatusOr<std::optional<gid_t>> GroupOf(const LocalSocketOptions& options) {
  if (options.group.empty()) {
    return std::nullopt;
  }
  std::array<char, 16 * 1024> buffer{};
  group entry{};
  group* found = nullptr;
  getgrnam_r(options.group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return Fault(options, "there is no group " + options.group);
  }
  return found->gr_gid;
}

FileDescriptor NewSocket() {
  return FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

}  // namespace

absl::StatusOr<FileDescriptor> ListenLocally(const LocalSocketOptions& options) {
  LocalAddress address;
  if (!MakeLocalAddress(options.path, address)) {
    return Fault(options, "a path of at most " + std::to_string(sizeof(address.name.sun_path) - 1) +
                              " octets");
  }
  EPA_ASSIGN_OR_RETURN(const std::optional<gid_t> group, GroupOf(options));
  RemoveDeadSocket(options.path);
  FileDescriptor made = NewSocket();
  // Until it listens, connections are refused.
  if (!made.valid() || bind(made.number(), address.generic(), address.size) != 0) {
    return Fault(options, std::strerror(errno));
  }
  const gid_t owner = group.value_or(static_cast<gid_t>(-1));
  if (chown(options.path.c_str(), static_cast<uid_t>(-1), owner) != 0 ||
      chmod(options.path.c_str(), options.mode) != 0 || listen(made.number(), SOMAXCONN) != 0) {
    const std::string what = std::strerror(errno);
    unlink(options.path.c_str());
    return Fault(options, what);
  }
  return made;
}

void RemoveDeadSocket(const std::string& path) {
  LocalAddress address;
  struct stat status {};
  if (!MakeLocalAddress(path, address) || lstat(path.c_str(), &status) != 0 ||
      !S_ISSOCK(status.st_mode)) {
    return;
  }
  const FileDescriptor probe = NewSocket();
  if (probe.valid() && connect(probe.number(), address.generic(), address.size) != 0 &&
      errno == ECONNREFUSED) {
    unlink(path.c_str());
  }
}

}  // namespace epa::tool
