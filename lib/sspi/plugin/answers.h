// What a plug-in's answers mean here.
#ifndef EPA_LIB_SSPI_PLUGIN_ANSWERS_H_
#define EPA_LIB_SSPI_PLUGIN_ANSWERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_package.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

// Of SEC_CHANNEL_BINDINGS_RESULT. Flags that contradict each other, are unknown or say nothing are
// kNotChecked, and so is a match with a channel that has no binding.
BindingEvidence EvidenceOfResult(ULONG flags, bool bindings_given);

// A failure of a step: the peer's, which is a result, or the plug-in's, which is an error.
absl::StatusOr<MechanismResult> ResultOfFailure(SECURITY_STATUS status, BindingEvidence binding);

// A failure of a call that has no peer.
absl::Status FaultOf(SECURITY_STATUS status, std::string_view function);

// Text of a plug-in; nothing where it is not UTF-16 or not terminated within 1024 characters.
std::optional<std::string> BoundedTextOf(const SEC_WCHAR* text);
// Terminated. Fails on text that is not UTF-8.
absl::StatusOr<std::vector<SEC_WCHAR>> WideTextOf(std::string_view text);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PLUGIN_ANSWERS_H_
