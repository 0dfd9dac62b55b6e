#include "providers/kerberos/message_token.h"

#include <algorithm>

namespace epa::kerberos {
namespace {

// RFC 4121 4.2.6.1 and 4.2.6.2.
constexpr std::array<uint8_t, 2> kMicId = {0x04, 0x04};
constexpr std::array<uint8_t, 2> kWrapId = {0x05, 0x04};
constexpr uint8_t kFiller = 0xFF;
constexpr size_t kFlagsOffset = 2;
constexpr size_t kExtraCountOffset = 4;
constexpr size_t kRotationOffset = 6;
constexpr size_t kSequenceOffset = 8;

// RFC 4121 4.2.2.
constexpr uint8_t kSentByAcceptor = 0x01;
constexpr uint8_t kSealed = 0x02;
constexpr uint8_t kAcceptorSubkey = 0x04;

void PutBigEndian(uint64_t value, std::span<uint8_t> out) {
  for (size_t i = out.size(); i > 0; --i) {
    out[i - 1] = static_cast<uint8_t>(value);
    value >>= 8;
  }
}

uint64_t BigEndian(std::span<const uint8_t> octets) {
  uint64_t value = 0;
  for (const uint8_t octet : octets) {
    value = value << 8 | octet;
  }
  return value;
}

uint8_t FlagsOf(const TokenHeader& header) {
  return static_cast<uint8_t>((header.sender == Party::kAcceptor ? kSentByAcceptor : 0) |
                              (header.kind == TokenKind::kSealedWrap ? kSealed : 0) |
                              (header.acceptor_subkey ? kAcceptorSubkey : 0));
}

}  // namespace

TokenHeaderOctets WriteTokenHeader(const TokenHeader& header) {
  TokenHeaderOctets octets;
  octets.fill(kFiller);
  const std::span<uint8_t> out(octets);
  const bool mic = header.kind == TokenKind::kMic;
  std::ranges::copy(mic ? kMicId : kWrapId, out.begin());
  out[kFlagsOffset] = FlagsOf(header);
  if (!mic) {
    PutBigEndian(header.extra_count, out.subspan(kExtraCountOffset, 2));
    PutBigEndian(header.rotation, out.subspan(kRotationOffset, 2));
  }
  PutBigEndian(header.sequence, out.subspan(kSequenceOffset));
  return octets;
}

std::optional<TokenHeader> ReadTokenHeader(std::span<const uint8_t, kTokenHeaderSize> octets) {
  TokenHeader header;
  const uint8_t flags = octets[kFlagsOffset];
  if (std::ranges::equal(octets.first(kWrapId.size()), kWrapId)) {
    header.kind = (flags & kSealed) != 0 ? TokenKind::kSealedWrap : TokenKind::kSignedWrap;
    header.extra_count = static_cast<uint16_t>(BigEndian(octets.subspan(kExtraCountOffset, 2)));
    header.rotation = static_cast<uint16_t>(BigEndian(octets.subspan(kRotationOffset, 2)));
  }
  header.sender = (flags & kSentByAcceptor) != 0 ? Party::kAcceptor : Party::kInitiator;
  header.acceptor_subkey = (flags & kAcceptorSubkey) != 0;
  header.sequence = BigEndian(octets.subspan(kSequenceOffset));
  // Fillers, token ids and flags of any other value do not come out again as they came in.
  if (!std::ranges::equal(WriteTokenHeader(header), octets)) {
    return std::nullopt;
  }
  return header;
}

}  // namespace epa::kerberos
