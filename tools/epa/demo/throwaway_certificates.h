// Certificates for a demonstration: made on the spot, good for a day and for loopback only.
#ifndef EPA_TOOLS_EPA_DEMO_THROWAWAY_CERTIFICATES_H_
#define EPA_TOOLS_EPA_DEMO_THROWAWAY_CERTIFICATES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/epa/common/openssl_handles.h"

namespace epa::tool {

// A certificate authority that lives as long as this object.
class ThrowawayAuthority {
 public:
  static absl::StatusOr<ThrowawayAuthority> Create();

  // Writes a new key and a certificate for localhost and 127.0.0.1, signed with SHA-256.
  // `name` is the certificate's common name.
  absl::Status Issue(const std::string& name, const std::string& certificate_file,
                     const std::string& key_file) const;
  absl::Status WriteCertificate(const std::string& file) const;

 private:
  ThrowawayAuthority(PkeyPtr key, X509Ptr certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  PkeyPtr key_;
  X509Ptr certificate_;
};

// The first certificate of a PEM file.
absl::StatusOr<X509Ptr> LoadCertificate(const std::string& file);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_THROWAWAY_CERTIFICATES_H_
