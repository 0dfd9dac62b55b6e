// The packages behind a Negotiate, and which of them an object identifier names.
#ifndef EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_
#define EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_

#include <algorithm>
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

inline bool HasMechanism(const PackageInfo& package, std::span<const uint8_t> oid_content) {
  return std::ranges::any_of(package.mechanism_oids, [oid_content](const auto& oid) {
    return std::ranges::equal(OidContent(oid), oid_content);
  });
}

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_MECHANISMS_H_
