// What protects the messages of one session that has a key, for either role.
#ifndef EPA_LIB_SMB2_SESSION_SECURITY_H_
#define EPA_LIB_SMB2_SESSION_SECURITY_H_

#include <cstdint>
#include <optional>
#include <span>

#include "epa/base/secret.h"
#include "epa/smb2/protocol.h"
#include "lib/smb2/message_cipher.h"
#include "lib/smb2/message_signer.h"
#include "lib/smb2/preauth_hash.h"
#include "lib/smb2/session_keys.h"

namespace epa::smb2 {

// What both sides negotiated for the connection.
struct Agreement {
  Dialect dialect = Dialect::k202;
  SigningAlgorithm signing = SigningAlgorithm::kHmacSha256;
  // No value: the connection cannot encrypt.
  std::optional<Cipher> cipher;
  // The other side's SecurityMode of NEGOTIATE asks for it.
  bool peer_requires_signing = false;
  PreauthHash preauth;  // 3.1.1
};

// The signing algorithm of a dialect that negotiates none ([MS-SMB2] 3.1.4.1).
SigningAlgorithm DefaultSigning(Dialect dialect);

class SessionSecurity {
 public:
  // `preauth`: the session's, up to its last SESSION_SETUP request.
  SessionSecurity(const Agreement& agreement, Sender self, SecretBytes session_key,
                  const PreauthHash& preauth, uint64_t session_id);

  MessageSigner& signer() { return signer_; }
  bool can_encrypt() const { return cipher_.has_value(); }
  // Where can_encrypt(). Made on first use: most sessions never encrypt.
  MessageCipher& sealer();
  MessageCipher& opener();
  Secret<16> ApplicationKey() const { return keys_.ApplicationKey(); }

 private:
  SessionKeys keys_;
  MessageSigner signer_;
  Sender self_;
  std::optional<Cipher> cipher_;
  uint64_t session_id_;
  std::optional<MessageCipher> sealer_;
  std::optional<MessageCipher> opener_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SESSION_SECURITY_H_
