// What the library's results are in GSS-API.
#ifndef EPA_MODULES_GSS_STATUS_H_
#define EPA_MODULES_GSS_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "epa/core/reason.h"
#include "modules/gss/engine.h"

namespace epa::gss {

inline OM_uint32 MinorOf(Reason reason) { return kMinorBase + static_cast<OM_uint32>(reason); }
std::string TextOfMinor(OM_uint32 minor);

// Of a refusal.
OM_uint32 MajorOf(Reason reason);
// Of a fault of ours: GSS_S_FAILURE, unless the caller is at fault.
OM_uint32 MajorOf(const absl::Status& status);

// Into the system's log, for the operator.
void Log(const std::string& text);

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_STATUS_H_
