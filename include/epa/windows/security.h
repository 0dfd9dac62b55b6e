/* Windows' security.h. */
#ifndef EPA_WINDOWS_SECURITY_H_
#define EPA_WINDOWS_SECURITY_H_
#include "epa/sspi/secext.h"
#include "epa/sspi/sspi.h"
#endif /* EPA_WINDOWS_SECURITY_H_ */
