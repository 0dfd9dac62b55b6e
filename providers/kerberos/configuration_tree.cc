#include "providers/kerberos/configuration_tree.h"

#include <krb5/krb5.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "epa/base/secret.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/memory_file.h"

namespace epa::kerberos {
namespace {

constexpr std::string_view kSystemConfiguration = "/etc/krb5.conf";

// They come first, so they win. Resolving the user's host name through DNS would let whoever
// controls DNS choose the service (CVE-2026-20929).
constexpr std::array<const char*, 3> kAlwaysOff = {"dns_canonicalize_hostname", "rdns",
                                                   "client_aware_channel_bindings"};

// A list of strings that libkrb5's profile functions made.
using OwnedList = std::unique_ptr<char*, decltype(&profile_free_list)>;

template <auto kGet>
std::vector<std::string> ListOf(profile_t profile, const std::vector<std::string>& path) {
  std::vector<const char*> names;
  for (const std::string& name : path) {
    names.push_back(name.c_str());
  }
  names.push_back(nullptr);
  char** found = nullptr;
  std::vector<std::string> list;
  if (kGet(profile, names.data(), &found) == 0) {
    const OwnedList owner(found, profile_free_list);
    for (; *found != nullptr; ++found) {
      list.emplace_back(*found);
    }
  }
  return list;
}

// What the profile has below `path`, its files put together as libkrb5 does.
ConfigurationSection Walk(profile_t profile, std::vector<std::string>& path) {
  ConfigurationSection section;
  for (const std::string& name : ListOf<profile_get_relation_names>(profile, path)) {
    path.push_back(name);
    section.relations.emplace(name, ListOf<profile_get_values>(profile, path));
    path.pop_back();
  }
  for (const std::string& name : ListOf<profile_get_subsection_names>(profile, path)) {
    if (!section.sections.contains(name)) {
      path.push_back(name);
      section.sections.emplace(name, Walk(profile, path));
      path.pop_back();
    }
  }
  return section;
}

std::string NameOf(const Configuration& configuration) {
  return configuration.contents.empty() ? configuration.path : "given as text";
}

// The files' texts. A path of several leaves out those that do not exist, as libkrb5 does.
absl::StatusOr<std::vector<SecretBytes>> TextsOf(const Configuration& configuration) {
  std::vector<SecretBytes> texts;
  if (!configuration.contents.empty()) {
    texts.push_back(SecretBytes::FromText(configuration.contents));
    return texts;
  }
  absl::Status missing;
  const std::string path =
      configuration.path.empty() ? std::string(kSystemConfiguration) : configuration.path;
  for (const std::string& file : std::vector<std::string>(absl::StrSplit(path, ':'))) {
    absl::StatusOr<FileContent> content = ReadRegularFile(file);
    if (content.ok()) {
      texts.push_back(std::move(content->octets));
    } else if (absl::IsNotFound(content.status())) {
      missing = content.status();
    } else {
      return content.status();
    }
  }
  // A machine without a configuration of its own is usual, and DNS may know the rest.
  if (texts.empty() && !configuration.path.empty()) {
    return missing;
  }
  return texts;
}

absl::StatusOr<ConfigurationSection> Parse(const Configuration& configuration) {
  const absl::StatusOr<std::vector<SecretBytes>> texts = TextsOf(configuration);
  if (!texts.ok()) {
    return absl::InvalidArgumentError("the Kerberos configuration " +
                                      std::string(texts.status().message()));
  }
  if (texts->empty()) {
    return ConfigurationSection();
  }
  std::vector<MemoryFile> files;
  std::vector<std::string> paths;
  for (const SecretBytes& text : *texts) {
    EPA_ASSIGN_OR_RETURN(MemoryFile file, MemoryFile::Create(text.Expose()));
    paths.push_back(file.path());
    files.push_back(std::move(file));
  }
  profile_t profile = nullptr;
  const auto code =
      static_cast<krb5_error_code>(profile_init_path(absl::StrJoin(paths, ":").c_str(), &profile));
  if (code != 0) {
    return absl::InvalidArgumentError("the Kerberos configuration " + NameOf(configuration) + ": " +
                                      ErrorText(nullptr, code));
  }
  const ProfileOwner owner(profile);
  std::vector<std::string> root;
  return Walk(profile, root);
}

// The functions below are libkrb5's view of a tree. Strings and lists go out as malloc() makes
// them and come back to be freed.

using Handle = std::shared_ptr<const ConfigurationTree>;

const ConfigurationSection* FindSection(void* handle, std::span<const char* const> path) {
  const ConfigurationSection* section = &(*static_cast<Handle*>(handle))->root();
  for (const char* const name : path) {
    const auto found = section->sections.find(std::string_view(name));
    if (found == section->sections.end()) {
      return nullptr;
    }
    section = &found->second;
  }
  return section;
}

std::span<const char* const> PathOf(const char* const* names) {
  size_t size = 0;
  while (names[size] != nullptr) {
    ++size;
  }
  return {names, size};
}

// Null where there is none.
const std::vector<std::string>* FindValues(void* handle, std::span<const char* const> path) {
  const ConfigurationSection* const section =
      path.empty() ? nullptr : FindSection(handle, path.first(path.size() - 1));
  if (section == nullptr) {
    return nullptr;
  }
  const auto found = section->relations.find(std::string_view(path.back()));
  return found == section->relations.end() ? nullptr : &found->second;
}

void FreeValues(void* /*handle*/, char** values) {
  for (char** value = values; value != nullptr && *value != nullptr; ++value) {
    std::free(*value);
  }
  std::free(values);
}

long GetValues(void* handle, const char* const* names, char*** out) {
  const std::vector<std::string>* const found = FindValues(handle, PathOf(names));
  if (found == nullptr) {
    return PROF_NO_RELATION;  // as of files, which do not tell a missing section from it
  }
  auto** const values = static_cast<char**>(std::calloc(found->size() + 1, sizeof(char*)));
  for (size_t i = 0; values != nullptr && i < found->size(); ++i) {
    values[i] = strdup((*found)[i].c_str());
    if (values[i] == nullptr) {
      FreeValues(handle, values);
      return ENOMEM;
    }
  }
  *out = values;
  return values == nullptr ? ENOMEM : 0;
}

void CleanUp(void* handle) { delete static_cast<Handle*>(handle); }

long Copy(void* handle, void** out) {
  *out = new Handle(*static_cast<const Handle*>(handle));
  return 0;
}

struct Iterator {
  struct Item {
    std::string name;
    std::optional<std::string> value;  // none: a section
  };
  std::vector<Item> items;
  size_t next = 0;
};

void AddValues(const std::string& name, const std::vector<std::string>& values, Iterator& out) {
  for (const std::string& value : values) {
    out.items.push_back({name, value});
  }
}

long CreateIterator(void* handle, const char* const* names, int flags, void** out) {
  const bool wants_relations = (flags & PROFILE_ITER_SECTIONS_ONLY) == 0;
  const bool wants_sections = (flags & PROFILE_ITER_RELATIONS_ONLY) == 0;
  const auto path = PathOf(names);
  const ConfigurationSection* const section = FindSection(handle, path);
  auto iterator = std::make_unique<Iterator>();
  if ((flags & PROFILE_ITER_LIST_SECTION) != 0) {
    if (section != nullptr && wants_relations) {
      for (const auto& [name, values] : section->relations) {
        AddValues(name, values, *iterator);
      }
    }
    if (section != nullptr && wants_sections) {
      for (const auto& [name, unused] : section->sections) {
        iterator->items.push_back({name, std::nullopt});
      }
    }
  } else {
    const std::vector<std::string>* const values = FindValues(handle, path);
    if (values != nullptr && wants_relations) {
      AddValues(path.back(), *values, *iterator);
    }
    if (section != nullptr && wants_sections && !path.empty()) {
      iterator->items.push_back({path.back(), std::nullopt});
    }
  }
  *out = iterator.release();
  return 0;
}

long Next(void* /*handle*/, void* opaque, char** name, char** value) {
  auto& iterator = *static_cast<Iterator*>(opaque);
  *name = nullptr;
  *value = nullptr;
  if (iterator.next == iterator.items.size()) {
    return 0;
  }
  const Iterator::Item& item = iterator.items[iterator.next++];
  *name = strdup(item.name.c_str());
  *value = item.value.has_value() ? strdup(item.value->c_str()) : nullptr;
  return *name == nullptr || (item.value.has_value() && *value == nullptr) ? ENOMEM : 0;
}

void FreeIterator(void* /*handle*/, void* iterator) { delete static_cast<Iterator*>(iterator); }

void FreeString(void* /*handle*/, char* text) { std::free(text); }

}  // namespace

absl::StatusOr<std::shared_ptr<const ConfigurationTree>> ConfigurationTree::Read(
    const Configuration& configuration) {
  if (!configuration.path.empty() && !configuration.contents.empty()) {
    return absl::InvalidArgumentError("give the configuration's path or its contents, not both");
  }
  auto tree = std::make_shared<ConfigurationTree>();
  EPA_ASSIGN_OR_RETURN(tree->root_, Parse(configuration));
  for (const char* const setting : kAlwaysOff) {
    auto& values = tree->root_.sections["libdefaults"].relations[setting];
    values.insert(values.begin(), "false");
  }
  return tree;
}

profile_t ConfigurationTree::MakeProfile(std::shared_ptr<const ConfigurationTree> tree) {
  profile_vtable functions = {};
  functions.minor_ver = 1;
  functions.get_values = GetValues;
  functions.free_values = FreeValues;
  functions.cleanup = CleanUp;
  functions.copy = Copy;
  functions.iterator_create = CreateIterator;
  functions.iterator = Next;
  functions.iterator_free = FreeIterator;
  functions.free_string = FreeString;
  auto handle = std::make_unique<Handle>(std::move(tree));
  profile_t profile = nullptr;
  if (profile_init_vtable(&functions, handle.get(), &profile) != 0) {
    return nullptr;
  }
  (void)handle.release();
  return profile;
}

}  // namespace epa::kerberos
