// Headers of per-message tokens (RFC 4121 4.2.6).
#ifndef EPA_PROVIDERS_KERBEROS_MESSAGE_TOKEN_H_
#define EPA_PROVIDERS_KERBEROS_MESSAGE_TOKEN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace epa::kerberos {

inline constexpr size_t kTokenHeaderSize = 16;
using TokenHeaderOctets = std::array<uint8_t, kTokenHeaderSize>;

enum class TokenKind : uint8_t { kMic, kSignedWrap, kSealedWrap };
enum class Party : uint8_t { kInitiator, kAcceptor };

struct TokenHeader {
  TokenKind kind = TokenKind::kMic;
  Party sender = Party::kInitiator;
  bool acceptor_subkey = false;
  // "EC" and "RRC" of Wrap tokens; zero in a MIC.
  uint16_t extra_count = 0;
  uint16_t rotation = 0;
  uint64_t sequence = 0;

  friend bool operator==(const TokenHeader&, const TokenHeader&) = default;
};

TokenHeaderOctets WriteTokenHeader(const TokenHeader& header);
// Nothing where an octet is not as RFC 4121 4.2.6 writes it; flags that are unknown are none.
std::optional<TokenHeader> ReadTokenHeader(std::span<const uint8_t, kTokenHeaderSize> octets);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_MESSAGE_TOKEN_H_
