// The AES encryption types: their sizes, and how their keys are derived.
#ifndef EPA_PROVIDERS_KERBEROS_AES_PROFILE_H_
#define EPA_PROVIDERS_KERBEROS_AES_PROFILE_H_

#include <krb5/krb5.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/base/secret.h"
#include "lib/crypto/hmac.h"

namespace epa::kerberos {

// The two families differ in how keys are derived and in what the code in the trailer covers.
enum class AesFamily : uint8_t {
  kRfc3962,  // KRB5KDF; the code covers the plain text
  kRfc8009,  // SP 800-108; the code covers the initial vector and the cipher text
};

// RFC 3961 5.3, RFC 8009 5: the last octet of what a key is derived with.
enum class KeyPurpose : uint8_t { kChecksum = 0x99, kEncryption = 0xAA, kIntegrity = 0x55 };

// What a key of `usage` is derived with: RFC 3961 5.3.
constexpr std::array<uint8_t, 5> DerivationConstant(uint8_t usage, KeyPurpose purpose) {
  return {0, 0, 0, usage, static_cast<uint8_t>(purpose)};
}

struct AesProfile {
  // Of `purpose`, for messages of `usage`. `key` has key_size octets.
  SecretBytes Derive(std::span<const uint8_t> key, uint8_t usage, KeyPurpose purpose) const;

  krb5_enctype type;
  krb5_cksumtype checksum_type;  // that goes with it
  AesFamily family;
  crypto::HmacDigest digest;
  size_t key_size;  // of the cipher, and of the key all are derived from
  size_t hmac_key_size;
  size_t code_size;  // of trailer and checksum
};

// Null for keys of other types, and where OpenSSL lacks what it takes.
const AesProfile* FindAesProfile(const krb5_keyblock& key);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_AES_PROFILE_H_
