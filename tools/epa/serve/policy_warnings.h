// What an operator should know of a policy.
#ifndef EPA_TOOLS_EPA_SERVE_POLICY_WARNINGS_H_
#define EPA_TOOLS_EPA_SERVE_POLICY_WARNINGS_H_

#include <string>
#include <vector>

#include "epa/core/extended_protection.h"

namespace epa::tool {

// Whom it lets in who is not bound: a sentence each.
std::vector<std::string> PolicyWarnings(const ExtendedProtectionPolicy& policy);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_POLICY_WARNINGS_H_
