#include <epa/sspi/epa_sspi.h>
#include <stddef.h>

void Run(EPA_AUTH_DATA data) {
#include "snippet.inc"
}
