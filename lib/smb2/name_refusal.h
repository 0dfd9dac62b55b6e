// Which refusals are about the server's name.
#ifndef EPA_LIB_SMB2_NAME_REFUSAL_H_
#define EPA_LIB_SMB2_NAME_REFUSAL_H_

#include "epa/core/reason.h"

namespace epa::smb2 {

inline bool IsNameRefusal(Reason reason) {
  return reason == Reason::kServiceNameMissing || reason == Reason::kServiceNameEmpty ||
         reason == Reason::kServiceNameUntrusted || reason == Reason::kServiceNameMismatch ||
         reason == Reason::kServiceNameNotVouchedFor || reason == Reason::kServiceKeyShared;
}

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_NAME_REFUSAL_H_
