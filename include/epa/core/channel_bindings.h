// Channel bindings: what ties a login to the TLS channel it arrives on (RFC 5056, RFC 5929).
#ifndef EPA_CORE_CHANNEL_BINDINGS_H_
#define EPA_CORE_CHANNEL_BINDINGS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#pragma GCC visibility push(default)

namespace epa {

// MD5 over the serialised bindings (RFC 4121 4.1.1.2): the value of MsvAvChannelBindings and of
// the Kerberos checksum's Bnd field. Not a secret, but compared in constant time all the same.
struct ChannelBindingToken {
  std::array<uint8_t, 16> octets{};

  // All zero is what a client sends that knows bindings and has no channel.
  bool IsZero() const;
};

// Not a friend inside the class: those take no visibility, and the shared library exports this one.
bool operator==(const ChannelBindingToken& a, const ChannelBindingToken& b);

enum class ChannelBindingType : uint8_t {
  kServerEndPoint,  // "tls-server-end-point:" + hash of the server's certificate, RFC 5929 4
  kUnique,          // "tls-unique:" + first Finished message, RFC 5929 3
  kExporter,        // "tls-exporter:" + 32 octets of keying material, RFC 9266
  kOther,
};

// "tls-server-end-point", "tls-unique", "tls-exporter", "other".
std::string_view ChannelBindingTypeName(ChannelBindingType type);

// The structure gss_channel_bindings_struct without the pointers. Extended protection leaves both
// addresses empty and their types 0.
struct ChannelBindingFields {
  uint32_t initiator_address_type = 0;
  std::vector<uint8_t> initiator_address;
  uint32_t acceptor_address_type = 0;
  std::vector<uint8_t> acceptor_address;
  std::vector<uint8_t> application_data;
};

// The flag of SEC_CHANNEL_BINDINGS_EX: report, do not refuse.
inline constexpr uint32_t kSecChannelBindingsAuditBindings = 0x1;

struct ParsedSecChannelBindings;

// One channel binding and its token. Immutable.
class ChannelBindings {
 public:
  // `application_data` is the prefix and the value, such as "tls-unique:" and 12 octets.
  // Fails when it is empty: empty bindings have a token of their own that matches no channel, so
  // "no channel" is said by giving no bindings.
  static absl::StatusOr<ChannelBindings> FromApplicationData(
      std::span<const uint8_t> application_data);

  // Any content, addresses included. Fails when all three parts are empty.
  static absl::StatusOr<ChannelBindings> FromFields(ChannelBindingFields fields);

  const ChannelBindingFields& fields() const { return fields_; }
  std::span<const uint8_t> application_data() const { return fields_.application_data; }
  ChannelBindingType type() const;
  const ChannelBindingToken& token() const { return token_; }

  // The API structure SEC_CHANNEL_BINDINGS: 32 octets of little-endian header and the payload.
  std::vector<uint8_t> ToSecChannelBindings() const;
  // SEC_CHANNEL_BINDINGS_EX: magic "CBEX", `flags`, two lengths, then the eight fields.
  std::vector<uint8_t> ToSecChannelBindingsEx(uint32_t flags) const;
  // Reads either form. Offsets of empty parts are ignored; a part that overlaps the header or
  // leaves the buffer is an error.
  static absl::StatusOr<ParsedSecChannelBindings> ParseSecChannelBindings(
      std::span<const uint8_t> buffer);

 private:
  ChannelBindings(ChannelBindingFields fields, const ChannelBindingToken& token);

  ChannelBindingFields fields_;
  ChannelBindingToken token_;
};

struct ParsedSecChannelBindings {
  ChannelBindings bindings;
  // Present for the extended form.
  std::optional<uint32_t> extended_flags;
};

// The octets that are hashed (RFC 4121 4.1.1.2): 20 octets of little-endian lengths and types
// with the parts between them.
std::vector<uint8_t> SerializeForHash(const ChannelBindingFields& fields);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_CHANNEL_BINDINGS_H_
