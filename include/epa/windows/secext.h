/* Windows' secext.h. */
#ifndef EPA_WINDOWS_SECEXT_H_
#define EPA_WINDOWS_SECEXT_H_
#include "epa/sspi/secext.h"
#endif /* EPA_WINDOWS_SECEXT_H_ */
