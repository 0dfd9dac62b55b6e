// The frame around Kerberos messages in GSS-API (RFC 2743 3.1, RFC 4121 4.1).
#ifndef EPA_PROVIDERS_KERBEROS_GSS_FRAMING_H_
#define EPA_PROVIDERS_KERBEROS_GSS_FRAMING_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace epa::kerberos {

enum class MessageKind : uint8_t { kApReq, kApRep, kError };

// Which frame a message came in, and its answer goes out in.
enum class Frame : uint8_t {
  kKerberos,   // with 1.2.840.113554.1.2.2
  kMicrosoft,  // with 1.2.840.48018.1.2.2
  kNone,       // the Kerberos message alone
};

struct FramedMessage {
  Frame frame = Frame::kKerberos;
  MessageKind kind = MessageKind::kApReq;
  // The message from its application tag on; lies in the token.
  std::span<const uint8_t> message;
};

absl::StatusOr<FramedMessage> ReadFramedMessage(std::span<const uint8_t> token);
std::vector<uint8_t> WriteFramedMessage(Frame frame, MessageKind kind,
                                        std::span<const uint8_t> message);

// Whether a token begins as one of ours does, by its frame or its tag alone.
bool LooksLikeKerberos(std::span<const uint8_t> token);

// The service a ticket says it is for; lies in the AP-REQ. Nothing protects these names: they serve
// to look up a key, and to say what was asked for.
struct TicketNames {
  std::span<const std::string_view> service() const { return {components.data(), count}; }

  std::string_view realm;
  // Service principals have two, now and then three.
  std::array<std::string_view, 8> components;
  size_t count = 0;
};

// From an AP-REQ (RFC 4120 5.5.1). A name with a NUL is malformed.
absl::StatusOr<TicketNames> ReadTicketNames(std::span<const uint8_t> ap_req);

// The ticket's encrypted part (RFC 4120 5.3); lies in the AP-REQ.
struct SealedTicket {
  int32_t encryption_type = 0;
  std::span<const uint8_t> cipher;
};

absl::StatusOr<SealedTicket> ReadSealedTicket(std::span<const uint8_t> ap_req);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_GSS_FRAMING_H_
