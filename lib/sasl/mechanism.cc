#include "epa/sasl/mechanism.h"

#include "lib/base/ascii.h"

namespace epa::sasl {

std::string_view MechanismName(MechanismType mechanism) {
  switch (mechanism) {
    case MechanismType::kGssapi:
      return "GSSAPI";
    case MechanismType::kGssSpnego:
      return "GSS-SPNEGO";
    case MechanismType::kNtlm:
      return "NTLM";
  }
  return "";
}

std::optional<MechanismType> ParseMechanism(std::string_view name) {
  for (const MechanismType mechanism : kMechanismTypes) {
    if (EqualsIgnoringAsciiCase(name, MechanismName(mechanism))) {
      return mechanism;
    }
  }
  return std::nullopt;
}

std::string_view LayerName(Layer layer) {
  switch (layer) {
    case Layer::kNone:
      return "none";
    case Layer::kIntegrity:
      return "integrity";
    case Layer::kConfidentiality:
      return "confidentiality";
  }
  return "";
}

}  // namespace epa::sasl
