// A security package of one's own: a badge with a name on it, sealed with a key that both know.
#ifndef BADGE_H_
#define BADGE_H_

#include <memory>
#include <string>

#include "epa/core/security_package.h"

// For either role.
std::shared_ptr<const epa::Credentials> CreateBadgeCredentials(std::string user, std::string key);

#endif  // BADGE_H_
