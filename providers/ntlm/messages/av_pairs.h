// AV_PAIR lists ([MS-NLMP] 2.2.2.1): the target information of a CHALLENGE and the tail of an
// NTLMv2 response.
#ifndef EPA_PROVIDERS_NTLM_MESSAGES_AV_PAIRS_H_
#define EPA_PROVIDERS_NTLM_MESSAGES_AV_PAIRS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "lib/base/byte_writer.h"
#include "providers/ntlm/messages/message_fault.h"

namespace epa::ntlm {

// Values outside the list are legal on the wire and are kept.
enum class AvId : uint16_t {
  kEol = 0,
  kNbComputerName = 1,
  kNbDomainName = 2,
  kDnsComputerName = 3,
  kDnsDomainName = 4,
  kDnsTreeName = 5,
  kFlags = 6,
  kTimestamp = 7,
  kSingleHost = 8,
  kTargetName = 9,
  kChannelBindings = 10,
};

// "MsvAvNbComputerName"; empty for an unknown one.
std::string_view AvIdName(AvId id);
// Values of these are UTF-16LE.
bool IsTextAvId(AvId id);

struct AvPair {
  AvId id = AvId::kEol;
  std::span<const uint8_t> value;
};

// Single_Host_Data, [MS-NLMP] 2.2.2.2.
struct SingleHost {
  std::span<const uint8_t, 8> custom_data;
  std::span<const uint8_t, 32> machine_id;
};

// At most this many pairs before the end; there are ten known ids, each may occur once.
inline constexpr size_t kMaxAvPairs = 16;
// Octets of a pair's id and length.
inline constexpr size_t kAvPairHeaderSize = 4;

// What may follow the end marker.
enum class AvTrailer : uint8_t {
  kNothing,  // target information
  // Padding of an NTLMv2 response: Windows sends 8, 4 or 0 zero octets, others 12; up to 16.
  kZeros,
};

// A checked list. Views into the octets it was read from; no heap.
class AvPairs {
 public:
  // In the order sent, without the end marker.
  std::span<const AvPair> pairs() const { return std::span(pairs_).first(count_); }
  // Null when there is none.
  const AvPair* Find(AvId id) const;

  std::optional<uint32_t> flags() const;
  std::optional<uint64_t> timestamp() const;  // FILETIME
  std::optional<std::span<const uint8_t>> target_name() const;
  std::optional<std::span<const uint8_t, 16>> channel_bindings() const;
  std::optional<SingleHost> single_host() const;

 private:
  friend std::optional<MessageFault> ReadAvPairs(std::span<const uint8_t> octets, AvTrailer trailer,
                                                 AvPairs& out);
  std::array<AvPair, kMaxAvPairs> pairs_;
  size_t count_ = 0;
};

// The end marker is mandatory; only target information (kNothing) may have no octets at all.
// Lengths are exact: Flags 4, Timestamp 8, SingleHost 48, ChannelBindings 16, text even. An id
// occurs once.
[[nodiscard]] std::optional<MessageFault> ReadAvPairs(std::span<const uint8_t> octets,
                                                      AvTrailer trailer, AvPairs& out);
absl::StatusOr<AvPairs> ParseAvPairs(std::span<const uint8_t> octets, AvTrailer trailer);

// `value` has at most 65535 octets, else nothing is written and the result is false.
[[nodiscard]] bool WriteAvPair(AvId id, std::span<const uint8_t> value, ByteWriter& out);
void WriteAvFlags(uint32_t flags, ByteWriter& out);
void WriteAvTimestamp(uint64_t file_time, ByteWriter& out);
// Without custom data.
void WriteAvSingleHost(std::span<const uint8_t, 32> machine_id, ByteWriter& out);
void WriteAvEol(ByteWriter& out);

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_MESSAGES_AV_PAIRS_H_
