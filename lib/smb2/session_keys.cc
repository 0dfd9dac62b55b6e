#include "lib/smb2/session_keys.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "lib/crypto/key_derivation.h"

namespace epa::smb2 {
namespace {

using std::string_view_literals::operator""sv;

std::span<const uint8_t> Octets(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

// Labels and contexts end with a zero octet, which counts ([MS-SMB2] 3.2.5.3.1, 3.3.5.5.3).
struct SessionKeys::Purpose {
  std::string_view label;           // 3.0 and 3.0.2
  std::string_view context;         // likewise
  std::string_view label_of_3_1_1;  // whose context is the preauth hash
};

SessionKeys::SessionKeys(Dialect dialect, SecretBytes session_key, const PreauthHash& preauth)
    : dialect_(dialect), full_session_key_(std::move(session_key)), preauth_(preauth) {
  const auto full = full_session_key_.Expose();
  std::copy_n(full.begin(), std::min(full.size(), session_key_.Expose().size()),
              session_key_.ExposeMutable().begin());
}

SecretBytes SessionKeys::Derive(const Purpose& purpose, std::span<const uint8_t> key,
                                size_t size) const {
  if (dialect_ == Dialect::k311) {
    return crypto::DeriveKey(crypto::HmacDigest::kSha256, key, Octets(purpose.label_of_3_1_1),
                             preauth_.value(), size);
  }
  return crypto::DeriveKey(crypto::HmacDigest::kSha256, key, Octets(purpose.label),
                           Octets(purpose.context), size);
}

Secret<16> SessionKeys::SigningKey() const {
  static constexpr Purpose kSigning = {"SMB2AESCMAC\0"sv, "SmbSign\0"sv, "SMBSigningKey\0"sv};
  if (dialect_ < Dialect::k300) {
    return session_key_;
  }
  return Secret<16>(Derive(kSigning, session_key_.Expose(), 16).Expose().first<16>());
}

Secret<16> SessionKeys::ApplicationKey() const {
  static constexpr Purpose kApplication = {"SMB2APP\0"sv, "SmbRpc\0"sv, "SMBAppKey\0"sv};
  if (dialect_ < Dialect::k300) {
    return session_key_;
  }
  return Secret<16>(Derive(kApplication, session_key_.Expose(), 16).Expose().first<16>());
}

SecretBytes SessionKeys::CipherKey(Sender sender, Cipher cipher) const {
  static constexpr Purpose kClientToServer = {"SMB2AESCCM\0"sv, "ServerIn \0"sv,
                                              "SMBC2SCipherKey\0"sv};
  static constexpr Purpose kServerToClient = {"SMB2AESCCM\0"sv, "ServerOut\0"sv,
                                              "SMBS2CCipherKey\0"sv};
  const Purpose& purpose = sender == Sender::kClient ? kClientToServer : kServerToClient;
  const bool long_key = cipher == Cipher::kAes256Ccm || cipher == Cipher::kAes256Gcm;
  return long_key ? Derive(purpose, full_session_key_.Expose(), 32)
                  : Derive(purpose, session_key_.Expose(), 16);
}

}  // namespace epa::smb2
