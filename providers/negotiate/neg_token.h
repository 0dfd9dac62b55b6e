// NegTokenInit, NegTokenInit2 and NegTokenResp (RFC 4178 4.2, [MS-SPNG] 2.2.1).
#ifndef EPA_PROVIDERS_NEGOTIATE_NEG_TOKEN_H_
#define EPA_PROVIDERS_NEGOTIATE_NEG_TOKEN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "lib/asn1/der_reader.h"

namespace epa::negotiate {

using Octets = std::span<const uint8_t>;

// 1.3.6.1.5.5.2, as DER.
inline constexpr std::array<uint8_t, 8> kSpnegoOid = {0x06, 0x06, 0x2b, 0x06,
                                                      0x01, 0x05, 0x05, 0x02};

// More mechanisms than any peer names.
inline constexpr size_t kMaxMechanisms = 32;

// RFC 4178 4.2.2.
enum class NegState : uint8_t {
  kAcceptCompleted = 0,
  kAcceptIncomplete = 1,
  kReject = 2,
  kRequestMic = 3,
};

// Views into the token. `mech_types` and `supported_mech` are the contents of object identifiers.
struct NegTokenInit {
  bool framed = false;    // within [APPLICATION 0] (RFC 2743 3.1)
  Octets mech_types_der;  // the SEQUENCE as sent, which the mechListMIC covers
  absl::InlinedVector<Octets, 4> mech_types;
  std::optional<Octets> req_flags;  // not protected, never acted upon
  std::optional<Octets> mech_token;
  std::optional<Octets> hint_name;
  std::optional<Octets> mech_list_mic;
};

struct NegTokenResp {
  std::optional<NegState> state;
  std::optional<Octets> supported_mech;
  std::optional<Octets> response_token;
  std::optional<Octets> mech_list_mic;
};

// Whether an element is SPNEGO's object identifier.
bool IsSpnego(const asn1::DerElement& oid);

// [3] is a mechListMIC or, in NegTokenInit2, negHints: its inner tag says which. Fails on an empty
// or missing mechanism list, and on anything that lib/asn1 does not read.
absl::StatusOr<NegTokenInit> ParseNegTokenInit(Octets token);
// A MIC that repeats the response token is dropped, as Windows 2000 sends it.
absl::StatusOr<NegTokenResp> ParseNegTokenResp(Octets token);

// `mech_types_der` as MechTypeListOf makes it; an empty `mech_token` is left out.
std::vector<uint8_t> WriteNegTokenInit(Octets mech_types_der, Octets mech_token);
// With the hint a server sends that speaks first.
std::vector<uint8_t> WriteNegTokenInit2(Octets mech_types_der);
// Empty views are left out.
std::vector<uint8_t> WriteNegTokenResp(const NegTokenResp& resp);

std::vector<uint8_t> MechTypeListOf(std::span<const std::vector<uint8_t>> oids);

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_NEG_TOKEN_H_
