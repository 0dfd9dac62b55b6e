// The service manager that started this program, such as systemd: what it gave, and what it is
// told.
#ifndef EPA_TOOLS_EPA_SERVE_SERVICE_MANAGER_H_
#define EPA_TOOLS_EPA_SERVE_SERVICE_MANAGER_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace epa::tool {

// A listening socket that was passed on (sd_listen_fds(3)); no value where none was. Two and more
// are an error. The variables that say so are taken out of the environment.
absl::StatusOr<std::optional<int>> TakePassedSocket();

// Tells a manager that listens (sd_notify(3)); whoever does not is not waited for.
class ServiceManager {
 public:
  // From NOTIFY_SOCKET. Nobody is told anything without it.
  static ServiceManager FromEnvironment();
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

  void Ready() const { Notify("READY=1"); }
  // Settings are read again; ends with Ready.
  void Reloading() const;
  void Stopping() const { Notify("STOPPING=1"); }
  // One line for people.
  void Status(std::string_view text) const { Notify("STATUS=" + std::string(text)); }

 private:
  void Notify(std::string_view message) const;

  const std::string socket_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVICE_MANAGER_H_
