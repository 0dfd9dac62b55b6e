// The keys of a keytab, in memory.
#ifndef EPA_PROVIDERS_KERBEROS_SERVICE_KEYS_H_
#define EPA_PROVIDERS_KERBEROS_SERVICE_KEYS_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "providers/kerberos/key_names.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/service_filter.h"

namespace epa::kerberos {

// Of a file: thousands of keys.
inline constexpr size_t kMaxKeytabSize = size_t{16} << 20;

// Immutable, for several threads.
class ServiceKeys {
 public:
  // Of the octets of a keytab file, at least one key of a wanted service. `name` stands in
  // messages.
  static absl::StatusOr<std::shared_ptr<const ServiceKeys>> Read(krb5_context context,
                                                                 std::span<const uint8_t> octets,
                                                                 const std::string& name,
                                                                 const ServiceFilter& wanted = {});
  ServiceKeys() = default;
  ServiceKeys(const ServiceKeys&) = delete;
  ServiceKeys& operator=(const ServiceKeys&) = delete;
  ~ServiceKeys();

  // The keys of wanted services.
  std::span<const krb5_keytab_entry> entries() const { return entries_; }
  // Of all keys in the file, wanted or not.
  const KeyNames& names() const { return names_; }

 private:
  krb5_error_code ReadEntries(krb5_context context, krb5_keytab file);
  void KeepWanted(const ServiceFilter& wanted);

  std::vector<krb5_keytab_entry> entries_;
  KeyNames names_;
};

// A keytab with these entries that nobody else knows of.
absl::StatusOr<OwnedKeytab> MakeKeytab(krb5_context context,
                                       std::span<const krb5_keytab_entry> entries);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_SERVICE_KEYS_H_
