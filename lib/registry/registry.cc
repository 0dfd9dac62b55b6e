#include "epa/registry/registry.h"

#include <optional>
#include <utility>

#include "lib/base/upper_case.h"
#include "lib/registry/key_path.h"

namespace epa::registry {

void Registry::Delete(const std::string& key) {
  keys_.erase(key);
  const std::string below = key + "\\";
  auto next = keys_.lower_bound(below);
  while (next != keys_.end() && next->first.starts_with(below)) {
    next = keys_.erase(next);
  }
}

void Registry::Import(RegistryFile file) {
  const auto name = std::make_shared<const std::string>(std::move(file.name));
  for (DroppedLine& line : file.dropped) {
    dropped_.push_back({std::move(line), name});
  }
  for (KeyBlock& block : file.blocks) {
    const std::optional<std::string> key = CanonicalKeyPath(block.key);
    if (!key.has_value()) {  // a file's keys have root keys
      continue;
    }
    if (block.deleted) {
      Delete(*key);
      continue;
    }
    for (ValueLine& line : block.values) {
      const std::string folded_name = UppercaseUtf8(line.name);
      if (line.deleted) {
        if (const auto values = keys_.find(*key); values != keys_.end()) {
          values->second.erase(folded_name);
        }
        continue;
      }
      keys_[*key].insert_or_assign(folded_name, Entry{block.key, std::move(line.name),
                                                      std::move(line.value), name, line.line});
    }
  }
}

const Registry::Entry* Registry::Find(std::string_view key, std::string_view name) const {
  const std::optional<std::string> path = CanonicalKeyPath(key);
  const auto values = path.has_value() ? keys_.find(*path) : keys_.end();
  if (values == keys_.end()) {
    return nullptr;
  }
  const auto entry = values->second.find(UppercaseUtf8(name));
  return entry == values->second.end() ? nullptr : &entry->second;
}

}  // namespace epa::registry
