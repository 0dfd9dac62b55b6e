#include "lib/smb2/outgoing.h"

#include <algorithm>

#include "epa/smb2/framing.h"

namespace epa::smb2 {

std::span<const uint8_t> AppendFrame(Header header, std::span<const uint8_t> body,
                                     Protection protection, SessionSecurity* security,
                                     std::vector<uint8_t>& out) {
  const size_t start = out.size() + kFrameHeaderSize;
  const size_t before_header = protection == Protection::kEncrypt ? kTransformHeaderSize : 0;
  const size_t size = before_header + kHeaderSize + body.size();
  out.resize(start + size);
  // [MS-SMB2] 2.1: big-endian, after an octet of zeros.
  out[start - 3] = static_cast<uint8_t>(size >> 16);
  out[start - 2] = static_cast<uint8_t>(size >> 8);
  out[start - 1] = static_cast<uint8_t>(size);
  const std::span<uint8_t> whole = std::span(out).subspan(start);
  const std::span<uint8_t> message = whole.subspan(before_header);
  if (protection == Protection::kSign) {
    header.flags |= kFlagSigned;
  }
  WriteHeader(header, message.first<kHeaderSize>());
  std::copy(body.begin(), body.end(), message.begin() + kHeaderSize);
  switch (protection) {
    case Protection::kNone:
      break;
    case Protection::kSign:
      security->signer().Sign(message);
      break;
    case Protection::kEncrypt:
      security->sealer().Seal(whole);
      break;
  }
  return whole;
}

}  // namespace epa::smb2
