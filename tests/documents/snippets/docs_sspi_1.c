#include <epa/sspi/epa_sspi.h>
#include <stddef.h>

void Run(struct ssl_st* ssl) {
#include "snippet.inc"
}
