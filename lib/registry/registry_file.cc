#include "epa/registry/registry_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "lib/registry/key_path.h"
#include "lib/registry/lines.h"
#include "lib/registry/text_decoding.h"
#include "lib/registry/value_reader.h"

namespace epa::registry {
namespace {

constexpr std::string_view kVersion5 = "Windows Registry Editor Version 5.00";
constexpr std::string_view kVersion4 = "REGEDIT4";
constexpr std::string_view kBlanks = " \t";
// Generous: 512 levels of 255 characters are possible, nobody has them.
constexpr size_t kMaxNameOctets = size_t{64} << 10;

absl::Status CheckSize(std::string_view name) {
  return name.size() > kMaxNameOctets ? absl::InvalidArgumentError("a name longer than 64 KiB")
                                      : absl::OkStatus();
}

absl::Status CheckRoot(std::string_view key) {
  return CanonicalKeyPath(key).has_value()
             ? absl::OkStatus()
             : absl::InvalidArgumentError("\"" + std::string(key.substr(0, key.find('\\'))) +
                                          "\" is no root key such as HKEY_LOCAL_MACHINE");
}

// Whether a comment begins behind a bracket of `key`: then people end it there, and the registry
// editor at the last bracket of the line.
bool HasCommentInside(std::string_view key) {
  for (size_t at = key.find(']'); at != std::string_view::npos; at = key.find(']', at + 1)) {
    const size_t next = key.find_first_not_of(kBlanks, at + 1);
    if (next != std::string_view::npos && key[next] == ';') {
      return true;
    }
  }
  return false;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : lines_(text), before_(text) {
    file_.name = std::string(name);
  }

  absl::StatusOr<RegistryFile> Parse() {
    absl::Status status = ReadHeader();
    while (status.ok() && !lines_.at_end()) {
      status = ReadLine();
    }
    if (!status.ok()) {
      return absl::Status(status.code(), file_.name + ":" + std::to_string(before_.number()) +
                                             ": " + std::string(status.message()));
    }
    return std::move(file_);
  }

 private:
  // The one line that is read or nothing is.
  absl::Status ReadHeader() {
    std::string_view line = lines_.at_end() ? std::string_view() : lines_.Next();
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
    if (line == kVersion4) {
      hex_text_ = HexText::kAnsi;
    } else if (line != kVersion5) {
      return absl::InvalidArgumentError("neither \"" + std::string(kVersion5) + "\" nor \"" +
                                        std::string(kVersion4) + "\"");
    }
    return absl::OkStatus();
  }

  absl::Status ReadLine() {
    before_ = lines_;
    const std::string_view line = lines_.Next();
    LineCursor cursor(line);
    if (cursor.AtEnd()) {
      return absl::OkStatus();
    }
    if (++count_ > kMaxRegistryLines) {
      return absl::InvalidArgumentError("more than " + std::to_string(kMaxRegistryLines) +
                                        " keys and values");
    }
    if (line.find('\0') != std::string_view::npos) {
      Drop("a NUL character");
    } else if (cursor.Take('[')) {
      ReadKey(cursor);
    } else if (const absl::Status status = ReadValueLine(cursor); !status.ok()) {
      Drop(std::string(status.message()));
    }
    return absl::OkStatus();
  }

  void ReadKey(LineCursor& cursor) {
    KeyBlock block;
    block.line = before_.number();
    block.deleted = cursor.Take('-');
    place_ = Place::kNowhere;
    if (const absl::Status status = ReadKeyName(cursor, block.key); !status.ok()) {
      Drop(std::string(status.message()));
      return;
    }
    place_ = block.deleted ? Place::kDeletedKey : Place::kKey;
    file_.blocks.push_back(std::move(block));
    if (!cursor.AtEnd()) {
      Drop("text after the key, which is read without it");
    }
  }

  // A key may contain brackets: the last one of the line ends it.
  static absl::Status ReadKeyName(LineCursor& cursor, std::string& key) {
    const size_t end = cursor.rest().rfind(']');
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("the closing bracket of the key is missing");
    }
    key = std::string(cursor.rest().substr(0, end));
    cursor.Skip(end + 1);
    if (HasCommentInside(key)) {
      return absl::InvalidArgumentError("a bracket in the comment after the key");
    }
    EPA_RETURN_IF_ERROR(CheckSize(key));
    return CheckRoot(key);
  }

  absl::Status ReadValueLine(LineCursor& cursor) {
    ValueLine value;
    value.line = before_.number();
    if (!cursor.Take('@')) {
      if (!cursor.NextIs('"')) {
        return absl::InvalidArgumentError(
            "expected a [key], a \"name\"=value, a comment or nothing");
      }
      EPA_ASSIGN_OR_RETURN(value.name, TakeQuotedName(cursor));
      EPA_RETURN_IF_ERROR(CheckSize(value.name));
    }
    cursor.SkipBlanks();
    if (!cursor.Take('=')) {
      return absl::InvalidArgumentError("expected '=' after the value's name");
    }
    cursor.SkipBlanks();
    value.deleted = cursor.Take('-');
    if (value.deleted) {
      EPA_RETURN_IF_ERROR(cursor.ExpectEnd());
    } else {
      EPA_ASSIGN_OR_RETURN(value.value, ReadValue(cursor, lines_, hex_text_));
    }
    if (place_ != Place::kKey) {
      return absl::InvalidArgumentError("a value that belongs to no key");
    }
    file_.blocks.back().values.push_back(std::move(value));
    return absl::OkStatus();
  }

  // From the line being read to where reading goes on.
  void Drop(std::string why) {
    const std::string key = place_ == Place::kNowhere ? "" : file_.blocks.back().key;
    const std::string_view text = before_.TextUpTo(lines_);
    file_.dropped.push_back({before_.number(), key, std::string(text), std::move(why)});
    if (HoldsKey(text)) {
      place_ = Place::kNowhere;
    }
  }

  // Whether a value that could not be read went on over a key's line.
  static bool HoldsKey(std::string_view text) {
    Lines lines(text);
    (void)lines.Next();
    while (!lines.at_end()) {
      LineCursor cursor(lines.Next());
      cursor.SkipBlanks();
      if (cursor.NextIs('[')) {
        return true;
      }
    }
    return false;
  }

  // What values that follow belong to.
  enum class Place : uint8_t { kNowhere, kKey, kDeletedKey };

  Lines lines_;
  Lines before_;  // the line being read
  RegistryFile file_;
  HexText hex_text_ = HexText::kUtf16Le;
  Place place_ = Place::kNowhere;
  size_t count_ = 0;
};

absl::Status TooLarge(std::string_view name) {
  return absl::InvalidArgumentError(std::string(name) + ": larger than 16 MiB");
}

}  // namespace

std::string ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kNone:
      return "REG_NONE";
    case ValueType::kString:
      return "REG_SZ";
    case ValueType::kExpandableString:
      return "REG_EXPAND_SZ";
    case ValueType::kBinary:
      return "REG_BINARY";
    case ValueType::kDword:
      return "REG_DWORD";
    case ValueType::kMultiString:
      return "REG_MULTI_SZ";
    case ValueType::kQword:
      return "REG_QWORD";
  }
  std::array<char, 24> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "type 0x%x", static_cast<uint32_t>(type));
  return std::string(text.data(), static_cast<size_t>(size));
}

absl::StatusOr<RegistryFile> ParseRegistryFile(std::span<const uint8_t> octets,
                                               std::string_view name) {
  if (octets.size() > kMaxRegistryFileSize) {
    return TooLarge(name);
  }
  const absl::StatusOr<std::string> text = DecodeText(octets);
  if (!text.ok()) {
    return absl::Status(text.status().code(),
                        std::string(name) + ": " + std::string(text.status().message()));
  }
  return Parser(*text, name).Parse();
}

absl::StatusOr<RegistryFile> ReadRegistryFile(const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const FileContent content, ReadRegularFile(path, kMaxRegistryFileSize));
  return ParseRegistryFile(content.octets.Expose(), path);
}

}  // namespace epa::registry
