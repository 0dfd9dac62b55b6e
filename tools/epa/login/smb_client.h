// One SMB connection of a client over TCP: logs in, and looks at one share.
#ifndef EPA_TOOLS_EPA_LOGIN_SMB_CLIENT_H_
#define EPA_TOOLS_EPA_LOGIN_SMB_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/smb2/client_connection.h"
#include "tools/epa/common/address.h"
#include "tools/epa/smb_share/smb_directory.h"
#include "tools/epa/smb_share/smb_messages.h"

namespace epa::tool {

// Blocks, for 15 seconds at most for each answer. Fails with Unavailable where the server cannot
// be reached or goes away, and with PermissionDenied where it refuses.
class SmbClient {
 public:
  virtual ~SmbClient() = default;

  // Connects and logs in. A login that is refused, by the server or by our own policy, is not an
  // error: connection().refusal() says why.
  static absl::StatusOr<std::unique_ptr<SmbClient>> LogIn(const SmbAddress& address,
                                                          smb2::ClientOptions options);

  virtual const smb2::ClientConnection& connection() const = 0;

  // The rest needs a session.
  virtual absl::StatusOr<TreeConnectResponse> ConnectTree() = 0;
  // The entries of the share's own directory. ResourceExhausted where there are more than `most`: a
  // hostile server could go on for ever.
  virtual absl::StatusOr<std::vector<DirectoryEntry>> List(size_t most) = 0;
  // The content of a file, piece by piece, until `take` wants no more.
  virtual absl::Status Get(std::string_view name,
                           const std::function<bool(std::span<const uint8_t>)>& take) = 0;
  virtual absl::Status LogOff() = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_SMB_CLIENT_H_
