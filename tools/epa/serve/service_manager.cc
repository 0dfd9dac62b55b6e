#include "tools/epa/serve/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>

#include "absl/status/status.h"
#include "lib/base/file_descriptor.h"

namespace epa::tool {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START

std::string TakeVariable(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(name);
  return taken;
}

}  // namespace

absl::StatusOr<std::optional<int>> TakePassedSocket() {
  const std::string process = TakeVariable("LISTEN_PID");
  const std::string count = TakeVariable("LISTEN_FDS");
  TakeVariable("LISTEN_FDNAMES");
  if (process != std::to_string(getpid()) || count.empty() || count == "0") {
    return std::nullopt;
  }
  if (count != "1") {
    return absl::InvalidArgumentError("one listening socket can be passed on, not " + count);
  }
  return kFirstPassed;
}

ServiceManager ServiceManager::FromEnvironment() {
  return ServiceManager(TakeVariable("NOTIFY_SOCKET"));
}

void ServiceManager::Reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  constexpr long kMillion = 1'000'000;
  Notify("RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(now.tv_sec * kMillion + now.tv_nsec / 1000));
}

void ServiceManager::Notify(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof(address.sun_path)) {
    return;
  }
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') {
    address.sun_path[0] = '\0';  // unix(7): an abstract name
  }
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const FileDescriptor sender(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sendto(sender.number(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
         reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace epa::tool
