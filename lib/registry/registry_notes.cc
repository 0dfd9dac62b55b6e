#include "lib/registry/registry_notes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/registry/key_path.h"
#include "lib/registry/setting_table.h"

namespace epa::registry {
namespace {

// A name with every key below which it is read.
using KnownNames = std::map<std::string, std::vector<std::string_view>, std::less<>>;

KnownNames AllKnownNames() {
  KnownNames known;
  const auto add = [&known](const Path& path) {
    if (!path.name.empty()) {
      known[UppercaseUtf8(path.name)].push_back(path.key);
    }
  };
  const WindowsSettings none;
  add(kWinRmPolicyStatus);
  (void)VisitSettings(none, [&](const Path& policy, const Path& local, auto, const auto&) {
    add(local);
    add(policy);
    return absl::OkStatus();
  });
  return known;
}

bool IsNameCharacter(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

// Whether upper-case `text` has `name` as a word.
bool HasWord(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || !IsNameCharacter(text[at - 1])) &&
        (end == text.size() || !IsNameCharacter(text[end]))) {
      return true;
    }
  }
  return false;
}

// Comments of people who know them from other files.
bool IsHashComment(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  return first != std::string_view::npos && text[first] == '#';
}

absl::Status CheckDropped(const Registry::Dropped& dropped, const KnownNames& known) {
  if (IsHashComment(dropped.line.text)) {
    return absl::OkStatus();
  }
  const std::string text = UppercaseUtf8(dropped.line.text);
  const auto key = CanonicalKeyPath(dropped.line.key);
  for (const auto& [name, keys] : known) {
    const bool may_be_ours =
        !key.has_value() || std::any_of(keys.begin(), keys.end(), [&key](std::string_view one) {
          return CanonicalKeyPath(one) == key;
        });
    if (may_be_ours && HasWord(text, name)) {
      return absl::InvalidArgumentError(*dropped.file + ":" + std::to_string(dropped.line.line) +
                                        ": " + dropped.line.why + ": " + dropped.line.text);
    }
  }
  return absl::OkStatus();
}

// What is left of a line in a message about it.
std::string Shortened(const std::string& text) {
  constexpr size_t kLongest = 160;
  const std::string line = text.substr(0, text.find_first_of("\r\n"));
  return line.size() == text.size() && line.size() <= kLongest ? line
                                                               : line.substr(0, kLongest) + "...";
}

RegistryNote NoteOf(const Registry::Dropped& dropped) {
  return {dropped.file, dropped.line.line,
          "not read, " + dropped.line.why + ": " + Shortened(dropped.line.text)};
}

// Nothing for a name that is no setting's.
std::optional<RegistryNote> NoteOf(const UnusedValue& unused, const KnownNames& known) {
  const auto found = known.find(UppercaseUtf8(unused.name));
  if (found == known.end()) {
    return std::nullopt;
  }
  std::string text = unused.name + " is not read below " + Shortened(unused.key) + ", but below ";
  for (const std::string_view key : found->second) {
    text += (key == found->second.front() ? "" : " and ") + std::string(key);
  }
  return RegistryNote{unused.file, unused.line, std::move(text)};
}

}  // namespace

absl::StatusOr<std::vector<RegistryNote>> NotesOn(const Registry& registry,
                                                  std::span<const UnusedValue> unused) {
  const KnownNames known = AllKnownNames();
  std::vector<RegistryNote> notes;
  for (const Registry::Dropped& dropped : registry.dropped()) {
    EPA_RETURN_IF_ERROR(CheckDropped(dropped, known));
    notes.push_back(NoteOf(dropped));
  }
  for (const UnusedValue& value : unused) {
    if (auto note = NoteOf(value, known); note.has_value()) {
      notes.push_back(*std::move(note));
    }
  }
  return notes;
}

}  // namespace epa::registry
