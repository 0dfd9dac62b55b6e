// What stands in for pAuthData where a program gives none.
#ifndef EPA_LIB_SSPI_DEFAULT_AUTH_DATA_H_
#define EPA_LIB_SSPI_DEFAULT_AUTH_DATA_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/sspi/auth_data.h"

namespace epa::sspi {

struct DefaultAuthData {
  AuthData client;
  AuthData server;
};

// What epa_SetDefaultAuthData was given for a role, else what the configuration file says. The file
// is read on each call: an administrator's change holds for the next handle. No file is an empty
// one; InvalidArgument for one that cannot be understood.
absl::StatusOr<DefaultAuthData> ReadDefaultAuthData();

// The configuration file.
struct DefaultFile {
  DefaultAuthData data;
  std::vector<std::string> packages;  // paths of plug-ins
};
// `name` is for faults, which say the line.
absl::StatusOr<DefaultFile> ParseDefaultFile(std::string_view text, std::string_view name);
absl::StatusOr<DefaultFile> ReadDefaultFile(const std::string& path);
// The one of this process.
absl::StatusOr<DefaultFile> ReadDefaultFile();

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_DEFAULT_AUTH_DATA_H_
