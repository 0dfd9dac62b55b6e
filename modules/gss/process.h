// For the small libraries: whether this process is anybody's, and the engine.
#ifndef EPA_MODULES_GSS_PROCESS_H_
#define EPA_MODULES_GSS_PROCESS_H_

#include "modules/gss/engine.h"

namespace epa::gss {

// Whether the configuration may name this process. A quick look at lines, so that all others need
// not load the engine, which knows. A file that cannot be read or was cut off may name any.
bool MayBeConfigured();

// Null where it cannot be loaded. Stays loaded.
const Engine* LoadEngine();

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_PROCESS_H_
