#include "epa/smb2/protocol.h"

namespace epa::smb2 {
std::string_view DialectName(Dialect dialect) {
  switch (dialect) {
    case Dialect::k202:
      return "2.0.2";
    case Dialect::k210:
      return "2.1";
    case Dialect::k300:
      return "3.0";
    case Dialect::k302:
      return "3.0.2";
    case Dialect::k311:
      return "3.1.1";
  }
  return "unknown";
}

std::string_view CipherName(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAes128Ccm:
      return "AES-128-CCM";
    case Cipher::kAes128Gcm:
      return "AES-128-GCM";
    case Cipher::kAes256Ccm:
      return "AES-256-CCM";
    case Cipher::kAes256Gcm:
      return "AES-256-GCM";
  }
  return "unknown";
}

std::string_view SigningAlgorithmName(SigningAlgorithm algorithm) {
  switch (algorithm) {
    case SigningAlgorithm::kHmacSha256:
      return "HMAC-SHA256";
    case SigningAlgorithm::kAesCmac:
      return "AES-CMAC";
    case SigningAlgorithm::kAesGmac:
      return "AES-GMAC";
  }
  return "unknown";
}

}  // namespace epa::smb2
