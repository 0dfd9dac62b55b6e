// The packages behind a Negotiate, and which of them an object identifier names.
#ifndef EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_
#define EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "epa/core/security_package.h"

namespace epa::negotiate {

using CredentialsList = std::vector<std::shared_ptr<const Credentials>>;

// An object identifier's content, without tag and length: comparing octets is all that is needed.
inline std::span<const uint8_t> OidContent(std::span<const uint8_t> oid) {
  constexpr size_t kTagAndLength = 2;
  return oid.subspan(std::min(oid.size(), kTagAndLength));
}

// The package's own object identifier with that content; null where it has another mechanism.
inline const std::vector<uint8_t>* FindMechanism(const PackageInfo& package,
                                                 std::span<const uint8_t> oid_content) {
  const auto found = std::ranges::find_if(package.mechanism_oids, [oid_content](const auto& oid) {
    return std::ranges::equal(OidContent(oid), oid_content);
  });
  return found == package.mechanism_oids.end() ? nullptr : &*found;
}

inline bool HasMechanism(const PackageInfo& package, std::span<const uint8_t> oid_content) {
  return FindMechanism(package, oid_content) != nullptr;
}

// The packages to choose from, preferred first, and the lists that offer them. Immutable.
class Packages {
 public:
  explicit Packages(CredentialsList credentials);

  size_t size() const { return credentials_.size(); }
  const Credentials& operator[](size_t package) const { return *credentials_[package]; }
  auto begin() const { return credentials_.begin(); }
  auto end() const { return credentials_.end(); }

  // The DER of the mechanism list (RFC 4178 4.1) of the packages from `first` on.
  std::span<const uint8_t> MechTypesFrom(size_t first) const { return mech_types_from_[first]; }

 private:
  CredentialsList credentials_;
  std::vector<std::vector<uint8_t>> mech_types_from_;
};

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_
