// What the three NTLM messages share: signature, type, payload fields, version, text.
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_HEADER_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "providers/ntlm/messages/message_fault.h"

namespace epa::ntlm {

// [MS-NLMP] 2.2: "NTLMSSP" and NUL.
inline constexpr std::array<uint8_t, 8> kSignature = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};

enum class MessageType : uint32_t {
  kNegotiate = 1,
  kChallenge = 2,
  kAuthenticate = 3,
};

// The type of what begins with the signature; nothing when it is not one of the three.
std::optional<MessageType> PeekMessageType(std::span<const uint8_t> octets);

// [MS-NLMP] 2.2.2.10. Zero in all parts is what clients send that have nothing to say.
struct Version {
  uint8_t major = 0;
  uint8_t minor = 0;
  uint16_t build = 0;
  uint8_t revision = 0;
  friend bool operator==(const Version&, const Version&) = default;
};
inline constexpr size_t kVersionSize = 8;
// NTLMSSP_REVISION_W2K3, [MS-NLMP] 2.2.2.10.
inline constexpr uint8_t kNtlmRevision = 15;
// Windows 10; nothing depends on it.
inline constexpr Version kOurVersion{10, 0, 19041, kNtlmRevision};

// Names are UTF-16LE when NTLMSSP_NEGOTIATE_UNICODE is set ([MS-NLMP] 2.2.2.5), else in a code
// page that is not said: only its ASCII is understood. Nothing when the text is not well-formed.
std::optional<std::string> NameToUtf8(std::span<const uint8_t> name, uint32_t flags);
std::optional<std::string> OemToUtf8(std::span<const uint8_t> name);

// Len, MaxLen and BufferOffset of a payload field.
struct PayloadField {
  uint16_t length = 0;
  uint32_t offset = 0;
};
inline constexpr size_t kPayloadFieldSize = 8;

[[nodiscard]] bool ReadMessageStart(MessageType type, ByteReader& reader);
[[nodiscard]] bool ReadPayloadField(ByteReader& reader, PayloadField& out);
[[nodiscard]] bool ReadVersion(ByteReader& reader, Version& out);
// The octets of `field`, which must lie between `header_end` and the end of `message`. The offset
// of an empty field means nothing and is ignored.
[[nodiscard]] bool ResolvePayload(std::span<const uint8_t> message, size_t header_end,
                                  const PayloadField& field, std::span<const uint8_t>& out);

inline constexpr size_t kMaxPayloadFieldLength = 0xFFFF;
void WriteMessageStart(MessageType type, ByteWriter& out);
// Moves `payload_offset` past the field. `length` is at most kMaxPayloadFieldLength.
void WritePayloadField(size_t length, size_t& payload_offset, ByteWriter& out);
void WriteVersion(const Version& version, ByteWriter& out);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_MESSAGE_HEADER_H_
