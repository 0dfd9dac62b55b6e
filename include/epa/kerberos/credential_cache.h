// A client's Kerberos tickets in a file, for programs that take a credential cache.
#ifndef EPA_KERBEROS_CREDENTIAL_CACHE_H_
#define EPA_KERBEROS_CREDENTIAL_CACHE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa::kerberos {

// The file is there as long as this object. Immutable.
class CredentialCacheFile {
 public:
  // The tickets of a client's Kerberos credentials, such as those that a user delegated
  // (AuthorizationData), in a new file of `folder` that only this process's user may read and whose
  // name says nothing of them. InvalidArgument for other credentials; Internal where the file
  // cannot be written. Blocks as long as writing to that folder does.
  static absl::StatusOr<std::unique_ptr<const CredentialCacheFile>> Create(
      const Credentials& credentials, const std::string& folder);
  CredentialCacheFile(const CredentialCacheFile&) = delete;
  CredentialCacheFile& operator=(const CredentialCacheFile&) = delete;
  ~CredentialCacheFile();

  // "FILE:/run/epa/epa-x4Tz9a", as KRB5CCNAME has it.
  std::string name() const { return "FILE:" + path_; }

 private:
  explicit CredentialCacheFile(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

}  // namespace epa::kerberos

#pragma GCC visibility pop

#endif  // EPA_KERBEROS_CREDENTIAL_CACHE_H_
