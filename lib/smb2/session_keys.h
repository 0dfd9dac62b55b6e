// The keys of a session, derived from what its login agreed on ([MS-SMB2] 3.1.4.2, 3.3.5.5.3).
#ifndef EPA_LIB_SMB2_SESSION_KEYS_H_
#define EPA_LIB_SMB2_SESSION_KEYS_H_

#include <cstdint>
#include <span>

#include "epa/base/secret.h"
#include "epa/smb2/protocol.h"
#include "lib/smb2/preauth_hash.h"

namespace epa::smb2 {

enum class Sender : uint8_t { kClient, kServer };

// Derives on demand: few sessions need all four.
class SessionKeys {
 public:
  // `session_key`: as the login exported it, of any length. `preauth` counts on 3.1.1 only.
  SessionKeys(Dialect dialect, SecretBytes session_key, const PreauthHash& preauth);

  Secret<16> SigningKey() const;
  Secret<16> ApplicationKey() const;
  // For what `sender` encrypts: 16 octets, or 32 for the AES-256 ciphers. Dialect 3.0 and later.
  SecretBytes CipherKey(Sender sender, Cipher cipher) const;

 private:
  struct Purpose;

  SecretBytes Derive(const Purpose& purpose, std::span<const uint8_t> key, size_t size) const;

  Dialect dialect_;
  SecretBytes full_session_key_;
  // Its first 16 octets, filled up with zeros.
  Secret<16> session_key_;
  PreauthHash preauth_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SESSION_KEYS_H_
