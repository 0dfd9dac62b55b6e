// Times in answers.
#ifndef EPA_LIB_SSPI_EXPIRY_H_
#define EPA_LIB_SSPI_EXPIRY_H_

#include "epa/base/clock.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

// Null: the caller does not ask.
inline void PutTime(FileTime time, PTimeStamp out) {
  if (out != nullptr) {
    out->QuadPart = static_cast<LONGLONG>(time);
  }
}

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_EXPIRY_H_
