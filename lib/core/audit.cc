#include "epa/core/audit.h"

namespace epa {

std::string_view AuditOutcomeName(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kAccepted:
      return "accepted";
    case AuditOutcome::kRefused:
      return "refused";
    case AuditOutcome::kFault:
      return "fault";
    case AuditOutcome::kAbandoned:
      return "abandoned";
    case AuditOutcome::kNoticed:
      return "noticed";
  }
  return "fault";
}

}  // namespace epa
