// Under which names a keytab has a key.
#ifndef EPA_PROVIDERS_KERBEROS_KEY_NAMES_H_
#define EPA_PROVIDERS_KERBEROS_KEY_NAMES_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {

class KeyNames {
 public:
  using List = std::shared_ptr<const std::vector<std::string>>;

  KeyNames() = default;
  explicit KeyNames(std::span<const krb5_keytab_entry> entries);

  // The names, without their realms, of all entries that have a key in common with one of
  // `principal`'s, whatever its version or encryption type: at least those that open a ticket which
  // one of `principal`'s keys opened. Null: `principal` has no entry.
  List Of(const krb5_principal_data& principal) const;

 private:
  absl::flat_hash_map<std::string, List> lists_;  // by the principal with its realm
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_KEY_NAMES_H_
