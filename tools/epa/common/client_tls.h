// The TLS settings of a client.
#ifndef EPA_TOOLS_EPA_COMMON_CLIENT_TLS_H_
#define EPA_TOOLS_EPA_COMMON_CLIENT_TLS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/epa/common/openssl_handles.h"

namespace epa::tool {

// TLS 1.2 and later; certificates are checked against `ca_file` (empty: the system's).
// InvalidArgument: `ca_file` cannot be read.
absl::StatusOr<SslCtxPtr> ClientTlsContext(const std::string& ca_file);

// Names the server the certificate has to be for, and the protocol to be spoken (ALPN; empty:
// none). False where `host` cannot be a server's name.
bool ExpectServer(SSL* ssl, const std::string& host, std::string_view application_protocol);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_CLIENT_TLS_H_
