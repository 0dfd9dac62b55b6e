#include "providers/ntlm/ntlmv2.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"
#include "lib/crypto/digest.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 3.4.5.2 and 3.4.5.3; the terminating NUL is part of each.
constexpr char kSignClientToServer[] = "session key to client-to-server signing key magic constant";
constexpr char kSignServerToClient[] = "session key to server-to-client signing key magic constant";
constexpr char kSealClientToServer[] = "session key to client-to-server sealing key magic constant";
constexpr char kSealServerToClient[] = "session key to server-to-client sealing key magic constant";

Secret<16> Md5WithMagic(std::span<const uint8_t> key, std::string_view magic_with_nul) {
  const std::span<const uint8_t> magic(reinterpret_cast<const uint8_t*>(magic_with_nul.data()),
                                       magic_with_nul.size());
  auto digest = crypto::Md5({key, magic});
  const Secret<16> result{std::span<const uint8_t, 16>(digest)};
  WipeMemory(digest);
  return result;
}

// [MS-NLMP] 3.4.5.3: how much of the session key goes into a sealing key.
size_t SealKeyStrength(uint32_t flags) {
  return (flags & kNegotiate128) != 0 ? 16 : (flags & kNegotiate56) != 0 ? 7 : 5;
}

}  // namespace

Secret<16> NtowfV2(const NtHash& hash, std::span<const uint8_t> user,
                   std::span<const uint8_t> domain) {
  Utf16Name upper_user(user.begin(), user.end());
  UppercaseUtf16Le({upper_user.data(), upper_user.size()});
  return NtowfV2OfUpper(hash, upper_user, domain);
}

Secret<16> NtowfV2OfUpper(const NtHash& hash, std::span<const uint8_t> upper_user,
                          std::span<const uint8_t> domain) {
  return crypto::HmacMd5(hash.Expose(), {upper_user, domain});
}

Secret<16> NtProof(const Secret<16>& ntowf, std::span<const uint8_t, 8> server_challenge,
                   std::span<const uint8_t> temp) {
  return crypto::HmacMd5(ntowf.Expose(), {server_challenge, temp});
}

Secret<16> SessionBaseKey(const Secret<16>& ntowf, std::span<const uint8_t, 16> proof) {
  return crypto::HmacMd5(ntowf.Expose(), {proof});
}

Secret<16> SignKey(const Secret<16>& exported_session_key, Direction direction) {
  const auto& magic =
      direction == Direction::kClientToServer ? kSignClientToServer : kSignServerToClient;
  return Md5WithMagic(exported_session_key.Expose(), std::string_view(magic, sizeof(magic)));
}

Secret<16> SealKey(uint32_t flags, const Secret<16>& exported_session_key, Direction direction) {
  const auto& magic =
      direction == Direction::kClientToServer ? kSealClientToServer : kSealServerToClient;
  return Md5WithMagic(exported_session_key.Expose().first(SealKeyStrength(flags)),
                      std::string_view(magic, sizeof(magic)));
}

Secret<16> Mic(const Secret<16>& exported_session_key, std::span<const uint8_t> negotiate,
               std::span<const uint8_t> challenge, std::span<const uint8_t> authenticate,
               size_t mic_offset) {
  static constexpr std::array<uint8_t, kMicSize> kZeros{};
  return crypto::HmacMd5(exported_session_key.Expose(),
                         {negotiate, challenge, authenticate.first(mic_offset), kZeros,
                          authenticate.subspan(mic_offset + kMicSize)});
}

}  // namespace epa::ntlm
