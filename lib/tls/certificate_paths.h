// Which files of certificates there are.
#ifndef EPA_LIB_TLS_CERTIFICATE_PATHS_H_
#define EPA_LIB_TLS_CERTIFICATE_PATHS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::tls {

struct CertificatePath {
  std::string path;
  bool in_folder = false;  // then it may hold something else

  friend bool operator==(const CertificatePath&, const CertificatePath&) = default;
};

// Files as they are named, whether or not they are there; a folder's files named *.pem, *.crt,
// *.cer or *.der, without those that begin with a dot, by name. Fails where a folder cannot be
// read, has none, or has hundreds of them.
absl::StatusOr<std::vector<CertificatePath>> FindCertificates(std::span<const std::string> paths);

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_CERTIFICATE_PATHS_H_
