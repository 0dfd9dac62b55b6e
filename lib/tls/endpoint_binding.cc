#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/channel_bindings.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/openssl_library.h"
#include "lib/tls/endpoint_hash.h"
#include "lib/tls/openssl_handles.h"

namespace epa::tls {
namespace {

constexpr std::string_view kPrefix = "tls-server-end-point:";  // RFC 5929 4
constexpr size_t kMaxCertificateSize = (size_t{1} << 24) - 1;  // RFC 8446 4.4.2, cert_data

absl::StatusOr<EndpointBinding> BindCertificate(const X509* certificate,
                                                std::span<const uint8_t> der,
                                                UndefinedHashRule rule) {
  EndpointBinding result{.hash = ChooseEndpointHash(certificate), .bindings = std::nullopt};
  if (!result.hash.defined) {
    switch (rule) {
      case UndefinedHashRule::kFail:
        return absl::FailedPreconditionError("tls-server-end-point: " + result.hash.why);
      case UndefinedHashRule::kUnbound:
        return result;
      case UndefinedHashRule::kSha256:
        result.hash.digest = "SHA256";
        result.hash.why += "; SHA256 is taken in its place";
        break;
    }
  }
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> hash, crypto::Hash(result.hash.digest, der));
  std::vector<uint8_t> application_data(kPrefix.begin(), kPrefix.end());
  application_data.insert(application_data.end(), hash.begin(), hash.end());
  EPA_ASSIGN_OR_RETURN(result.bindings, ChannelBindings::FromApplicationData(application_data));
  return result;
}

OpenSslOctets Encode(const X509* certificate, size_t& size) {
  unsigned char* octets = nullptr;
  const int written = i2d_X509(certificate, &octets);
  size = written > 0 ? static_cast<size_t>(written) : 0;
  return OpenSslOctets(octets);
}

// Parsed in the library's own OpenSSL context.
X509Ptr Decode(std::span<const uint8_t> der) {
  X509* certificate = X509_new_ex(crypto::OpenSslLibrary::Get().context(), nullptr);
  const unsigned char* cursor = der.data();
  if (certificate == nullptr ||
      d2i_X509(&certificate, &cursor, static_cast<long>(der.size())) == nullptr) {
    X509_free(certificate);
    return nullptr;
  }
  return X509Ptr(certificate);
}

}  // namespace

absl::StatusOr<EndpointBinding> EndpointBindingOf(const X509* certificate, UndefinedHashRule rule) {
  const ErrorQueueGuard errors;
  if (certificate == nullptr) {
    return absl::InvalidArgumentError("there is no certificate");
  }
  size_t size = 0;
  const OpenSslOctets der = Encode(certificate, size);
  if (size == 0) {
    return absl::InvalidArgumentError("the certificate cannot be encoded");
  }
  return BindCertificate(certificate, {der.get(), size}, rule);
}

absl::StatusOr<EndpointBinding> EndpointBindingOf(std::span<const uint8_t> certificate_der,
                                                  UndefinedHashRule rule) {
  const ErrorQueueGuard errors;
  if (certificate_der.empty() || certificate_der.size() > kMaxCertificateSize) {
    return absl::InvalidArgumentError("the certificate has no octets or over 2^24 - 1 of them");
  }
  const X509Ptr certificate = Decode(certificate_der);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError("this is not a DER certificate");
  }
  // A lenient encoding or octets behind the certificate: a peer would hash something else.
  size_t size = 0;
  const OpenSslOctets encoded = Encode(certificate.get(), size);
  if (!std::ranges::equal(std::span<const uint8_t>(encoded.get(), size), certificate_der)) {
    return absl::InvalidArgumentError("this is not exactly one certificate in DER");
  }
  return BindCertificate(certificate.get(), certificate_der, rule);
}

}  // namespace epa::tls
