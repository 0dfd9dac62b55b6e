#include "epa/core/negotiation_record.h"

namespace epa {

std::string_view PassedOverReasonName(PassedOverReason reason) {
  switch (reason) {
    case PassedOverReason::kNotOffered:
      return "not_offered";
    case PassedOverReason::kOfferedLater:
      return "offered_later";
    case PassedOverReason::kNotSupported:
      return "not_supported";
    case PassedOverReason::kNotNegotiated:
      return "not_negotiated";
  }
  return "not_offered";
}

}  // namespace epa
