// A service's keys: read into memory once, and again when their file changes.
#ifndef EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_
#define EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/memory_file.h"

namespace epa::kerberos {

class KeytabSource {
 public:
  static KeytabSource FromFile(std::string path);
  static absl::StatusOr<KeytabSource> FromOctets(const SecretBytes& octets);

  // Makes `workspace.keytab` hold the keys as they are now. Each workspace has its own copy, so
  // that threads do not wait for each other. NotFound when the source cannot be read; the
  // workspace then has no keys.
  absl::Status Refresh(Workspace& workspace) const;

 private:
  KeytabSource(std::string path, std::optional<MemoryFile> octets)
      : path_(std::move(path)), octets_(std::move(octets)) {}

  std::string path_;
  std::optional<MemoryFile> octets_;  // lies behind `path_`
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_KEYTAB_SOURCE_H_
