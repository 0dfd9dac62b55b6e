// What tells one process from another, for those whom other people's programs load. Inline, for
// libraries that go without the run-time library of C++.
#ifndef EPA_MODULES_PROCESS_NAMES_H_
#define EPA_MODULES_PROCESS_NAMES_H_

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <string_view>

namespace epa::process {

// EPA_CONF names another file than epa.conf; a set-uid program does not hear of it.
inline const char* ConfigurationPath() {
  const char* const path = secure_getenv("EPA_CONF");
  return path != nullptr && *path != '\0' ? path : EPA_CONFIGURATION_PATH;
}

// EPA_SERVICE names the process's section, such as "http intranet". Null: it does not.
inline const char* ServiceOfEnvironment() {
  const char* const name = secure_getenv("EPA_SERVICE");
  return name != nullptr && *name != '\0' ? name : nullptr;
}

// Whether `executable` is this process's program: by its path, or its name alone.
inline bool IsThisProcess(std::string_view executable) {
  const bool by_path = executable.starts_with('/');
  if (!by_path && executable == program_invocation_short_name) {
    return true;
  }
  char buffer[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", buffer, sizeof(buffer));
  if (size <= 0 || static_cast<size_t>(size) >= sizeof(buffer)) {
    return false;
  }
  std::string_view path(buffer, static_cast<size_t>(size));
  if (!by_path) {
    path.remove_prefix(path.rfind('/') + 1);
  }
  return executable == path;
}

}  // namespace epa::process

#endif  // EPA_MODULES_PROCESS_NAMES_H_
