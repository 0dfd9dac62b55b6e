#include "absl/status/status.h"
#include "lib/winbind/client.h"

namespace epa::winbind {

absl::StatusOr<ClientFactory> LibwbclientFactory() {
  return absl::UnavailableError("winbind: this library was built without libwbclient-dev");
}

}  // namespace epa::winbind
