// Times in answers.
#ifndef EPA_LIB_SSPI_EXPIRY_H_
#define EPA_LIB_SSPI_EXPIRY_H_

#include <limits>

#include "epa/sspi/sspi.h"

namespace epa::sspi {

// How Windows says that something does not end. Null: the caller does not ask.
inline void PutNever(PTimeStamp expiry) {
  if (expiry != nullptr) {
    expiry->QuadPart = std::numeric_limits<LONGLONG>::max();
  }
}

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_EXPIRY_H_
