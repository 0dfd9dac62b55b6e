// What a registry holds after files were imported into it.
#ifndef EPA_REGISTRY_REGISTRY_H_
#define EPA_REGISTRY_REGISTRY_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "epa/registry/registry_file.h"

#pragma GCC visibility push(default)

namespace epa::registry {

// An empty registry into which files are imported, later ones over earlier ones. Keys and names
// compare as the registry compares them: without regard to case, HKLM is HKEY_LOCAL_MACHINE,
// backslashes at the end and several for one do not count, and ControlSet001 is CurrentControlSet.
// Used by one owner at a time.
class Registry {
 public:
  struct Entry {
    std::string key;  // as the file spells it
    std::string name;
    RegistryValue value;
    std::shared_ptr<const std::string> file;
    size_t line = 0;
  };

  // What a file says and nobody can read.
  struct Dropped {
    DroppedLine line;
    std::shared_ptr<const std::string> file;
  };

  // A deleted key takes everything below it along, as far as earlier files and lines set it.
  void Import(RegistryFile file);

  // Null where there is none. Valid until the next Import.
  const Entry* Find(std::string_view key, std::string_view name) const;

  // In the order of the files and lines.
  const std::vector<Dropped>& dropped() const { return dropped_; }

  // Calls `visit(entry)` for every value, ordered by key and name.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [key, values] : keys_) {
      for (const auto& [name, entry] : values) {
        visit(entry);
      }
    }
  }

 private:
  using Values = std::map<std::string, Entry, std::less<>>;

  void Delete(const std::string& key);

  std::map<std::string, Values, std::less<>> keys_;  // by canonical path and upper-case name
  std::vector<Dropped> dropped_;
};

}  // namespace epa::registry

#pragma GCC visibility pop

#endif  // EPA_REGISTRY_REGISTRY_H_
