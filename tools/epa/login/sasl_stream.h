// A client's connection that may become TLS on the way.
#ifndef EPA_TOOLS_EPA_LOGIN_SASL_STREAM_H_
#define EPA_TOOLS_EPA_LOGIN_SASL_STREAM_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/openssl_handles.h"

namespace epa::tool {

// Blocks, with patience. One owner at a time.
class SaslStream {
 public:
  // `name`: what messages call the server. Certificates are checked against `ca_file` (empty: the
  // system's). InvalidArgument: it cannot be read.
  static absl::StatusOr<std::unique_ptr<SaslStream>> Create(const HostPort& server,
                                                            const std::string& name,
                                                            const std::string& ca_file);
  ~SaslStream();

  // Unavailable: the server cannot be reached.
  absl::Status Connect();
  // As ClientStream::Open: PermissionDenied where the certificate is not trusted.
  absl::Status StartTls(std::string_view application_protocol);
  // At least one octet of `room`. Unavailable: there is none to come.
  absl::StatusOr<size_t> Read(std::span<uint8_t> room);
  absl::Status Write(std::span<const uint8_t> octets);
  absl::Status Write(std::string_view text);
  // Null before TLS.
  SSL* ssl();

 private:
  class Impl;
  explicit SaslStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_LOGIN_SASL_STREAM_H_
