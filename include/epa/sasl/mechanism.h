// The SASL mechanisms that carry Windows authentication.
#ifndef EPA_SASL_MECHANISM_H_
#define EPA_SASL_MECHANISM_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#pragma GCC visibility push(default)

namespace epa::sasl {

enum class MechanismType : uint8_t {
  kGssapi,     // RFC 4752: Kerberos, then a negotiation of the security layer
  kGssSpnego,  // [MS-ADTS] 5.1.1.1.2: Negotiate; the context's own flags say the layer
  kNtlm,       // [MS-SMTPNTLM], [MS-POP3], [MS-OXIMAP]: NTLM's messages, bare
};
// Preferred first: the order in which they are offered.
inline constexpr std::array kMechanismTypes = {MechanismType::kGssapi, MechanismType::kGssSpnego,
                                               MechanismType::kNtlm};

// "GSSAPI", "GSS-SPNEGO", "NTLM".
std::string_view MechanismName(MechanismType mechanism);
// Without regard to case, as mail commands are.
std::optional<MechanismType> ParseMechanism(std::string_view name);

// What protects messages after the login. The values are those of RFC 4752 3.3.
enum class Layer : uint8_t {
  kNone = 1,
  kIntegrity = 2,
  kConfidentiality = 4,
};
std::string_view LayerName(Layer layer);  // "none", "integrity", "confidentiality"

}  // namespace epa::sasl

#pragma GCC visibility pop

#endif  // EPA_SASL_MECHANISM_H_
