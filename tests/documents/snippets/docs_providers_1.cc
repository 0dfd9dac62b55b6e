#include "epa/sspi/epa_sspi.h"
#include "epa/sspi/plugin.h"

void Run(EPA_AUTH_DATA identity) {
#include "snippet.inc"
}
