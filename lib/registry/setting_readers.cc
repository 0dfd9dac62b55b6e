#include "lib/registry/setting_readers.h"

#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/ascii.h"

namespace epa::registry {
namespace {

using Entry = Registry::Entry;

absl::Status Wrong(const Entry& entry, const std::string& why) {
  return absl::InvalidArgumentError(*entry.file + ":" + std::to_string(entry.line) + ": " +
                                    entry.name + ": " + why);
}

absl::Status WrongType(const Entry& entry, ValueType expected) {
  const std::string name = ValueTypeName(expected);
  return Wrong(entry, entry.value.type == expected
                          ? "a damaged " + name
                          : ValueTypeName(entry.value.type) + " where " + name + " is expected");
}

template <typename Data>
const Data* DataOf(const Entry& entry, ValueType type) {
  return entry.value.type == type ? std::get_if<Data>(&entry.value.data) : nullptr;
}

absl::StatusOr<uint32_t> NumberOf(const Entry& entry) {
  const auto* number = DataOf<uint64_t>(entry, ValueType::kDword);
  if (number == nullptr) {
    return WrongType(entry, ValueType::kDword);
  }
  return static_cast<uint32_t>(*number);
}

absl::Status OutOfRange(const Entry& entry, uint32_t number, std::string_view expected) {
  return Wrong(entry, NumberText(number) + ": expected " + std::string(expected));
}

}  // namespace

std::string NumberText(uint32_t number) {
  return number < 10 ? std::to_string(number)
                     : absl::StrCat("0x", absl::Hex(number, absl::kZeroPad8));
}

absl::StatusOr<uint32_t> ReadUpTo(const Entry& entry, uint32_t most) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if (number > most) {
    return OutOfRange(entry, number, "0 to " + std::to_string(most));
  }
  return number;
}

absl::StatusOr<uint32_t> ReadSuppression(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if (number != 0 && number != 1 && number != 3) {
    return OutOfRange(entry, number, "0, 1 or 3");
  }
  return number;
}

absl::StatusOr<uint32_t> ReadSessionSecurity(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(entry));
  if ((number & ~(kIntegrity | kConfidentiality | kSessionSecurity | kKeys128Bit)) != 0) {
    return OutOfRange(entry, number, "no bits but 0x10, 0x20, 0x00080000 and 0x20000000");
  }
  return number;
}

absl::StatusOr<uint32_t> ReadLmLevel(const Entry& entry) { return ReadUpTo(entry, 5); }

absl::StatusOr<bool> ReadSwitch(const Entry& entry) {
  EPA_ASSIGN_OR_RETURN(const uint32_t number, ReadUpTo(entry, 1));
  return number == 1;
}

absl::StatusOr<std::vector<std::string>> ReadList(const Entry& entry) {
  const auto* list = DataOf<std::vector<std::string>>(entry, ValueType::kMultiString);
  if (list == nullptr) {
    return WrongType(entry, ValueType::kMultiString);
  }
  return *list;
}

absl::StatusOr<CbtHardeningLevel> ReadHardeningLevel(const Entry& entry) {
  const auto* text = DataOf<std::string>(entry, ValueType::kString);
  if (text == nullptr) {
    return WrongType(entry, ValueType::kString);
  }
  for (const auto& [name, level] : kHardeningLevels) {
    if (EqualsIgnoringAsciiCase(*text, name)) {
      return level;
    }
  }
  return Wrong(entry, "\"" + *text + "\": expected None, Relaxed or Strict");
}

}  // namespace epa::registry
