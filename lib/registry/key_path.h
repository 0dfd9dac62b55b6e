// The paths of registry keys, as the registry compares them.
#ifndef EPA_LIB_REGISTRY_KEY_PATH_H_
#define EPA_LIB_REGISTRY_KEY_PATH_H_

#include <optional>
#include <string>
#include <string_view>

namespace epa::registry {

// One spelling for all that name the same key: upper case, the root key's full name, one backslash
// between two parts and none at the end, and CurrentControlSet for ControlSet001, of which it is
// the other name on a machine that has never been started with another. No value where the first
// part is no root key.
std::optional<std::string> CanonicalKeyPath(std::string_view path);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_KEY_PATH_H_
