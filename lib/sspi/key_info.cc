#include "lib/sspi/key_info.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/sspi/memory.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

// Known by the package, the key's octets and a signature's.
struct Algorithms {
  std::string_view package;
  size_t key_size;
  size_t signature_size;
  std::string_view signature_name;
  ULONG signature;
  std::string_view encryption_name;
  ULONG encryption;
};

// NTLM: KERB_CHECKSUM_HMAC_MD5 and CALG_RC4, as Windows answers. Kerberos: the numbers of RFC 3961
// and its successors (RFC 3962, RFC 6803, RFC 8009); a signature has a header of 16 octets.
constexpr std::array kAlgorithms = {
    Algorithms{"NTLM", 16, 16, "HMAC-MD5", 0xFFFFFF76, "RSADSI RC4", 0x6801},
    Algorithms{"Kerberos", 16, 28, "HMAC-SHA1-96", 15, "AES128-CTS-HMAC-SHA1-96", 17},
    Algorithms{"Kerberos", 32, 28, "HMAC-SHA1-96", 16, "AES256-CTS-HMAC-SHA1-96", 18},
    Algorithms{"Kerberos", 16, 32, "HMAC-SHA256-128", 19, "AES128-CTS-HMAC-SHA256-128", 19},
    Algorithms{"Kerberos", 32, 40, "HMAC-SHA384-192", 20, "AES256-CTS-HMAC-SHA384-192", 20},
};

constexpr size_t kUnprotectedSignatureSize = 16;

const Algorithms* Find(std::string_view package, size_t key_size, size_t signature_size) {
  const auto found = std::ranges::find_if(kAlgorithms, [&](const Algorithms& row) {
    return row.package == package && row.key_size == key_size &&
           row.signature_size == signature_size;
  });
  return found == kAlgorithms.end() ? nullptr : &*found;
}

}  // namespace

template <typename KeyInfo>
SECURITY_STATUS PutKeyInfo(SecurityContext& login, KeyInfo& out) {
  const auto package = login.package_name();
  const auto protection = login.message_protection();
  const auto key = login.ExportSessionKey();
  if (!package.ok() || !key.ok()) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  // NTLM's algorithms are known whether or not anything was agreed on, as on Windows.
  const size_t signature_size =
      protection.ok() ? (*protection)->signature_size() : kUnprotectedSignatureSize;
  const Algorithms* const row = Find(*package, key->size(), signature_size);
  if (row == nullptr) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  out.KeySize = static_cast<ULONG>(key->size() * 8);
  out.SignatureAlgorithm = row->signature;
  out.EncryptAlgorithm = row->encryption;
  SECURITY_STATUS status =
      PutText(row->signature_name, SEC_E_INTERNAL_ERROR, out.sSignatureAlgorithmName);
  if (status == SEC_E_OK) {
    status = PutText(row->encryption_name, SEC_E_INTERNAL_ERROR, out.sEncryptAlgorithmName);
  }
  if (status != SEC_E_OK) {
    FreeBlock(out.sSignatureAlgorithmName);
  }
  return status;
}

template SECURITY_STATUS PutKeyInfo(SecurityContext&, SecPkgContext_KeyInfoA&);
template SECURITY_STATUS PutKeyInfo(SecurityContext&, SecPkgContext_KeyInfoW&);

}  // namespace epa::sspi
