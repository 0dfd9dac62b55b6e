// Windows time as RFC 3339 text.
#ifndef EPA_LIB_AUDIT_JSON_RFC3339_H_
#define EPA_LIB_AUDIT_JSON_RFC3339_H_

#include <string>

#include "epa/base/clock.h"

namespace epa {

// UTC with microseconds, such as "2024-02-29T23:59:59.123456Z". Times after the year 9999, which
// RFC 3339 cannot write, give its last microsecond.
std::string FormatRfc3339(FileTime time);

}  // namespace epa

#endif  // EPA_LIB_AUDIT_JSON_RFC3339_H_
