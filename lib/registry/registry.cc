#include "epa/registry/registry.h"

#include <utility>

#include "lib/base/utf16.h"

namespace epa::registry {

void Registry::Delete(const std::string& folded_key) {
  keys_.erase(folded_key);
  const std::string below = folded_key + "\\";
  auto next = keys_.lower_bound(below);
  while (next != keys_.end() && next->first.starts_with(below)) {
    next = keys_.erase(next);
  }
}

void Registry::Import(RegistryFile file) {
  const auto name = std::make_shared<const std::string>(std::move(file.name));
  for (KeyBlock& block : file.blocks) {
    const std::string folded_key = UppercaseUtf8(block.key);
    if (block.deleted) {
      Delete(folded_key);
      continue;
    }
    for (ValueLine& line : block.values) {
      const std::string folded_name = UppercaseUtf8(line.name);
      if (line.deleted) {
        if (const auto values = keys_.find(folded_key); values != keys_.end()) {
          values->second.erase(folded_name);
        }
        continue;
      }
      keys_[folded_key].insert_or_assign(
          folded_name,
          Entry{block.key, std::move(line.name), std::move(line.value), name, line.line});
    }
  }
}

const Registry::Entry* Registry::Find(std::string_view key, std::string_view name) const {
  const auto values = keys_.find(UppercaseUtf8(key));
  if (values == keys_.end()) {
    return nullptr;
  }
  const auto entry = values->second.find(UppercaseUtf8(name));
  return entry == values->second.end() ? nullptr : &entry->second;
}

}  // namespace epa::registry
