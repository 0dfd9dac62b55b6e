// Digests and HMACs by OpenSSL, without a fetch per call. They leave nothing of what they hashed.
#ifndef EPA_LIB_CRYPTO_DIGEST_H_
#define EPA_LIB_CRYPTO_DIGEST_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"

namespace epa::crypto {

using Parts = std::initializer_list<std::span<const uint8_t>>;

// Each hashes the concatenation of `parts`. They need what OpenSslLibrary::RequireMd5 or
// RequireNtlm checked before; without it they end the process.
std::array<uint8_t, 16> Md5(Parts parts);
Secret<16> Md4(Parts parts);
Secret<16> HmacMd5(std::span<const uint8_t> key, Parts parts);

// The same for what OpenSslLibrary::RequireSmb checked before.
std::array<uint8_t, 64> Sha512(Parts parts);
Secret<32> HmacSha256(std::span<const uint8_t> key, Parts parts);

// Any digest by its OpenSSL name. NotFound for an unknown one.
absl::StatusOr<std::vector<uint8_t>> Hash(std::string_view digest_name,
                                          std::span<const uint8_t> octets);

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_DIGEST_H_
