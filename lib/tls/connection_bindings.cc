#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel_bindings.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/status_macros.h"
#include "lib/tls/connection_certificates.h"
#include "lib/tls/openssl_handles.h"

namespace epa::tls {
namespace {

constexpr std::string_view kUniquePrefix = "tls-unique:";      // RFC 5929 3
constexpr std::string_view kExporterPrefix = "tls-exporter:";  // RFC 9266 2
constexpr std::string_view kExporterLabel = "EXPORTER-Channel-Binding";
constexpr size_t kExporterSize = 32;
// RFC 5246 7.4.9: verify_data has 12 octets unless the cipher suite says otherwise; SSL 3 has 36.
constexpr size_t kMaxFinishedSize = EVP_MAX_MD_SIZE;

bool IsTls12OrOlder(const SSL* ssl) {
  const int version = SSL_version(ssl);
  return version == TLS1_VERSION || version == TLS1_1_VERSION || version == TLS1_2_VERSION;
}

// Without it two connections can be made to share a master secret (RFC 7627 1).
absl::Status RequireExtendedMasterSecret(SSL* ssl, std::string_view type) {
  if (SSL_get_extms_support(ssl) != 1) {
    return absl::FailedPreconditionError(
        std::string(type) + " the connection has no extended master secret (RFC 7627)");
  }
  return absl::OkStatus();
}

absl::StatusOr<ChannelBindings> MakeBindings(std::string_view prefix,
                                             std::span<const uint8_t> value) {
  std::vector<uint8_t> application_data(prefix.begin(), prefix.end());
  application_data.insert(application_data.end(), value.begin(), value.end());
  return ChannelBindings::FromApplicationData(application_data);
}

}  // namespace

absl::StatusOr<ChannelBindings> TlsUnique(SSL* ssl) {
  const ErrorQueueGuard errors;
  EPA_RETURN_IF_ERROR(RequireFinishedHandshake(ssl));
  // RFC 8446 C.5: TLS 1.3 does not define tls-unique.
  if (!IsTls12OrOlder(ssl)) {
    return absl::FailedPreconditionError(std::string(kUniquePrefix) + " not defined for " +
                                         SSL_get_version(ssl));
  }
  EPA_RETURN_IF_ERROR(RequireExtendedMasterSecret(ssl, kUniquePrefix));

  // RFC 5929 3.1: the first Finished of the latest handshake. The client's comes first, on a
  // resumed session the server's.
  const bool client_first = SSL_session_reused(ssl) == 0;
  const bool own_first = client_first != (SSL_is_server(ssl) == 1);
  std::array<uint8_t, kMaxFinishedSize> finished{};
  const size_t size = own_first ? SSL_get_finished(ssl, finished.data(), finished.size())
                                : SSL_get_peer_finished(ssl, finished.data(), finished.size());
  if (size == 0 || size > finished.size()) {
    return absl::FailedPreconditionError(std::string(kUniquePrefix) +
                                         " the connection has no Finished message");
  }
  return MakeBindings(kUniquePrefix, std::span<const uint8_t>(finished).first(size));
}

absl::StatusOr<ChannelBindings> TlsExporter(SSL* ssl) {
  const ErrorQueueGuard errors;
  EPA_RETURN_IF_ERROR(RequireFinishedHandshake(ssl));
  if (SSL_version(ssl) != TLS1_3_VERSION) {
    EPA_RETURN_IF_ERROR(RequireExtendedMasterSecret(ssl, kExporterPrefix));
  }
  // TLS 1.3 knows no difference between an empty context and none (RFC 8446 7.5). TLS 1.2 does
  // (RFC 5705 4), and there the other implementations of RFC 9266 give none.
  std::array<uint8_t, kExporterSize> material{};
  if (SSL_export_keying_material(ssl, material.data(), material.size(), kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 0) != 1) {
    return absl::FailedPreconditionError(std::string(kExporterPrefix) +
                                         " OpenSSL exports no keying material");
  }
  return MakeBindings(kExporterPrefix, material);
}

}  // namespace epa::tls
