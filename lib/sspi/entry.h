// The border between C and the library.
#ifndef EPA_LIB_SSPI_ENTRY_H_
#define EPA_LIB_SSPI_ENTRY_H_

#include <new>

#include "absl/status/status.h"
#include "epa/core/security_status.h"
#include "epa/sspi/sspi_constants.h"

namespace epa::sspi {

// Runs the body of an exported function. Nothing of ours throws, but memory may run out.
template <typename Body>
SECURITY_STATUS Entry(const Body& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return SEC_E_INSUFFICIENT_MEMORY;
  } catch (...) {
    return SEC_E_INTERNAL_ERROR;
  }
}

constexpr SECURITY_STATUS StatusFrom(SecurityStatus status) {
  return static_cast<SECURITY_STATUS>(status);
}

// A fault of ours, for functions that have no better word for it.
inline SECURITY_STATUS StatusFrom(const absl::Status& fault) {
  if (fault.ok()) {
    return SEC_E_OK;
  }
  return absl::IsUnavailable(fault) ? SEC_E_NO_AUTHENTICATING_AUTHORITY : SEC_E_INTERNAL_ERROR;
}

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_ENTRY_H_
