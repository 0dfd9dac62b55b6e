#include "providers/kerberos/aes_profile.h"

#include <array>

#include "lib/crypto/key_derivation.h"
#include "lib/crypto/openssl_library.h"

namespace epa::kerberos {
namespace {

using crypto::HmacDigest;

// RFC 3962 6; RFC 8009 5.
constexpr std::array<AesProfile, 4> kProfiles = {{
    {ENCTYPE_AES128_CTS_HMAC_SHA1_96, CKSUMTYPE_HMAC_SHA1_96_AES128, AesFamily::kRfc3962,
     HmacDigest::kSha1, 16, 16, 12},
    {ENCTYPE_AES256_CTS_HMAC_SHA1_96, CKSUMTYPE_HMAC_SHA1_96_AES256, AesFamily::kRfc3962,
     HmacDigest::kSha1, 32, 32, 12},
    {ENCTYPE_AES128_CTS_HMAC_SHA256_128, CKSUMTYPE_HMAC_SHA256_128_AES128, AesFamily::kRfc8009,
     HmacDigest::kSha256, 16, 16, 16},
    {ENCTYPE_AES256_CTS_HMAC_SHA384_192, CKSUMTYPE_HMAC_SHA384_192_AES256, AesFamily::kRfc8009,
     HmacDigest::kSha384, 32, 24, 24},
}};

}  // namespace

SecretBytes AesProfile::Derive(std::span<const uint8_t> key, uint8_t usage,
                               KeyPurpose purpose) const {
  const auto constant = DerivationConstant(usage, purpose);
  return family == AesFamily::kRfc3962
             ? crypto::KerberosDerivation(constant).Derive(key)
             : crypto::DeriveKey(digest, key, constant, {},
                                 purpose == KeyPurpose::kEncryption ? key_size : hmac_key_size);
}

const AesProfile* FindAesProfile(const krb5_keyblock& key) {
  for (const AesProfile& profile : kProfiles) {
    if (profile.type == key.enctype && profile.key_size == key.length &&
        crypto::OpenSslLibrary::Get().has_kerberos()) {
      return &profile;
    }
  }
  return nullptr;
}

}  // namespace epa::kerberos
