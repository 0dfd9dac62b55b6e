/* Windows' sspi.h. */
#ifndef EPA_WINDOWS_SSPI_H_
#define EPA_WINDOWS_SSPI_H_
#include "epa/sspi/sspi.h"
#endif /* EPA_WINDOWS_SSPI_H_ */
