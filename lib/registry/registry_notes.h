// What an administrator should know of the files that a registry was made of.
#ifndef EPA_LIB_REGISTRY_REGISTRY_NOTES_H_
#define EPA_LIB_REGISTRY_REGISTRY_NOTES_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/registry/windows_settings.h"

namespace epa::registry {

// About lines that cannot be read, and about those of `unused` that have a setting's name.
// InvalidArgument for a line that cannot be read and names a setting, below its key or below one
// that cannot be read either: nobody knows what it was to say.
absl::StatusOr<std::vector<RegistryNote>> NotesOn(const Registry& registry,
                                                  std::span<const UnusedValue> unused);

}  // namespace epa::registry

#endif  // EPA_LIB_REGISTRY_REGISTRY_NOTES_H_
