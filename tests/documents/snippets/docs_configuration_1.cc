#include "epa/core/security_context.h"
#include "epa/service/service.h"

void Run() {
#include "snippet.inc"
}
