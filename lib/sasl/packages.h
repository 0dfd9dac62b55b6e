// Which package a mechanism carries.
#ifndef EPA_LIB_SASL_PACKAGES_H_
#define EPA_LIB_SASL_PACKAGES_H_

#include <memory>

#include "absl/status/status.h"
#include "epa/core/security_package.h"
#include "epa/sasl/mechanism.h"

namespace epa::sasl {

// InvalidArgument for credentials of another package. Null is of none.
absl::Status CheckPackage(MechanismType mechanism, const std::shared_ptr<const Credentials>& of);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_PACKAGES_H_
