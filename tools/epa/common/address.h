// Addresses and URLs given on the command line.
#ifndef EPA_TOOLS_EPA_COMMON_ADDRESS_H_
#define EPA_TOOLS_EPA_COMMON_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace epa::tool {

struct HostPort {
  // Lower case, in A-labels where it has letters beyond ASCII; without brackets for an IPv6
  // literal.
  std::string host;
  uint16_t port = 0;

  std::string ToString() const;
};

// A server's: "HOST:PORT", "[V6]:PORT"; with a `default_port` also "HOST" and "[V6]".
absl::StatusOr<HostPort> ParseHostPort(std::string_view text,
                                       std::optional<uint16_t> default_port = std::nullopt);

// Where to listen: "HOST:PORT", "[V6]:PORT". Port 0 is any free one.
absl::StatusOr<HostPort> ParseListenAddress(std::string_view text);

struct Url {
  bool tls = true;
  HostPort server;
  std::string target = "/";  // path and query

  // As in a Host header: without the scheme's own port.
  std::string Authority() const;
  std::string ToString() const;
};

// Whether the text begins as one, so that it is no file's name.
bool IsUrl(std::string_view text);

// "https://HOST[:PORT][/PATH]" or "http://...". User names, fragments, white space and control
// characters are errors.
absl::StatusOr<Url> ParseUrl(std::string_view text);

// What SMB's users call a share.
struct SmbAddress {
  HostPort server;
  std::string share;

  // Without SMB's own port.
  std::string ToString() const;
};

// "//HOST[:PORT]/SHARE".
absl::StatusOr<SmbAddress> ParseSmbAddress(std::string_view text);

// A decimal number within limits. `what` appears in the message.
absl::StatusOr<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most,
                                     std::string_view what);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_ADDRESS_H_
