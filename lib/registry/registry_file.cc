#include "epa/registry/registry_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/status_macros.h"
#include "lib/registry/line_scanner.h"
#include "lib/registry/text_decoding.h"
#include "lib/registry/value_reader.h"

namespace epa::registry {
namespace {

constexpr std::string_view kVersion5 = "Windows Registry Editor Version 5.00";
constexpr std::string_view kVersion4 = "REGEDIT4";
constexpr std::array<std::string_view, 5> kRootKeys = {"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER",
                                                       "HKEY_USERS", "HKEY_CLASSES_ROOT",
                                                       "HKEY_CURRENT_CONFIG"};
constexpr std::string_view kBlanks = " \t";
// Generous: 512 levels of 255 characters are possible, nobody has them.
constexpr size_t kMaxNameOctets = size_t{64} << 10;

absl::Status CheckName(std::string_view name) {
  if (name.size() > kMaxNameOctets) {
    return absl::InvalidArgumentError("a name longer than 64 KiB");
  }
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return absl::InvalidArgumentError("a control character in a name");
  }
  return absl::OkStatus();
}

bool IsBlankOrComment(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos || text[first] == ';';
}

absl::Status CheckRoot(std::string_view key) {
  const std::string_view root = key.substr(0, key.find('\\'));
  for (const std::string_view known : kRootKeys) {
    if (EqualsIgnoringAsciiCase(root, known)) {
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("\"" + std::string(root) +
                                    "\" is no root key such as HKEY_LOCAL_MACHINE");
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : scanner_(text) {
    file_.name = std::string(name);
  }

  absl::StatusOr<RegistryFile> Parse() {
    absl::Status status = ReadHeader();
    while (status.ok() && !scanner_.at_end()) {
      status = ReadLine();
    }
    if (!status.ok()) {
      return absl::Status(status.code(), file_.name + ":" + std::to_string(line_) + ": " +
                                             std::string(status.message()));
    }
    return std::move(file_);
  }

 private:
  absl::Status ReadHeader() {
    scanner_.SkipBlanks();
    if (scanner_.TakeText(kVersion4)) {
      hex_text_ = HexText::kUtf8;
    } else if (!scanner_.TakeText(kVersion5)) {
      return absl::InvalidArgumentError("neither \"" + std::string(kVersion5) + "\" nor \"" +
                                        std::string(kVersion4) + "\"");
    }
    return scanner_.TakeLineEnd();
  }

  absl::Status ReadLine() {
    line_ = scanner_.line();
    if (!scanner_.AtLineEnd()) {
      if (++lines_ > kMaxRegistryLines) {
        return absl::InvalidArgumentError("more than " + std::to_string(kMaxRegistryLines) +
                                          " keys and values");
      }
      EPA_RETURN_IF_ERROR(scanner_.Take('[') ? ReadKey() : ReadValueLine());
    }
    return scanner_.TakeLineEnd();
  }

  // A key may contain brackets: the one that ends it has nothing but blanks or a comment after it.
  absl::Status ReadKey() {
    KeyBlock block;
    block.line = line_;
    block.deleted = scanner_.Take('-');
    const std::string_view rest = scanner_.RestOfLine();
    for (size_t end = rest.find(']'); end != std::string_view::npos;
         end = rest.find(']', end + 1)) {
      if (IsBlankOrComment(rest.substr(end + 1))) {
        block.key = std::string(rest.substr(0, end));
        scanner_.Skip(end + 1);
        EPA_RETURN_IF_ERROR(CheckName(block.key));
        EPA_RETURN_IF_ERROR(CheckRoot(block.key));
        file_.blocks.push_back(std::move(block));
        return absl::OkStatus();
      }
    }
    return absl::InvalidArgumentError("the closing bracket of the key is missing");
  }

  absl::Status ReadValueLine() {
    ValueLine value;
    value.line = line_;
    if (!scanner_.Take('@')) {
      if (!scanner_.NextIs('"')) {
        return absl::InvalidArgumentError(
            "expected a [key], a \"name\"=value, a comment or nothing");
      }
      EPA_ASSIGN_OR_RETURN(value.name, scanner_.TakeQuoted());
      EPA_RETURN_IF_ERROR(CheckName(value.name));
    }
    if (file_.blocks.empty() || file_.blocks.back().deleted) {
      return absl::InvalidArgumentError("a value that belongs to no key");
    }
    scanner_.SkipBlanks();
    if (!scanner_.Take('=')) {
      return absl::InvalidArgumentError("expected '=' after the value's name");
    }
    scanner_.SkipBlanks();
    value.deleted = scanner_.Take('-');
    if (!value.deleted) {
      absl::StatusOr<RegistryValue> read = ReadValue(scanner_, hex_text_);
      if (!read.ok()) {
        return absl::Status(read.status().code(), (value.name.empty() ? "@" : value.name) + ": " +
                                                      std::string(read.status().message()));
      }
      value.value = *std::move(read);
    }
    file_.blocks.back().values.push_back(std::move(value));
    return absl::OkStatus();
  }

  LineScanner scanner_;
  RegistryFile file_;
  HexText hex_text_ = HexText::kUtf16Le;
  size_t line_ = 1;  // where the key or value began
  size_t lines_ = 0;
};

absl::Status FileError(const std::string& path, int error) {
  const std::string text = path + ": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

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
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) {
    return FileError(path, errno);
  }
  std::vector<uint8_t> octets;
  std::array<uint8_t, 16384> piece{};
  ssize_t size = 0;
  do {
    size = read(file.number(), piece.data(), piece.size());
    octets.insert(octets.end(), piece.begin(), piece.begin() + std::max<ssize_t>(size, 0));
  } while (octets.size() <= kMaxRegistryFileSize && (size > 0 || (size < 0 && errno == EINTR)));
  return size < 0 ? FileError(path, errno) : ParseRegistryFile(octets, path);
}

}  // namespace epa::registry
