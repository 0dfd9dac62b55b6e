#include "tools/epa/decode/kerberos_fields.h"

#include <array>
#include <cstdio>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "providers/kerberos/principal_text.h"

namespace epa::tool {
namespace {

using asn1::ContextTag;

constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kGeneralizedTime = 0x18;

std::string TextOf(std::span<const uint8_t> octets) { return {octets.begin(), octets.end()}; }

}  // namespace

std::optional<int64_t> ReadNumber(const DerWalk& walk, const DerNode& field,
                                  std::string_view name) {
  const auto node = walk.Unwrap(field, kInteger, name);
  return node.has_value() ? IntegerOf(node->content) : std::nullopt;
}

std::optional<std::string> ReadText(const DerWalk& walk, const DerNode& field,
                                    std::string_view name) {
  const auto node = walk.Unwrap(field, asn1::kGeneralString, name);
  return node.has_value() ? std::optional(TextOf(node->content)) : std::nullopt;
}

std::optional<std::string> ReadTime(const DerWalk& walk, const DerNode& field) {
  const auto node = walk.Unwrap(field, kGeneralizedTime, "a time");
  if (!node.has_value()) {
    return std::nullopt;
  }
  const std::string text = TextOf(node->content);
  constexpr size_t kSize = std::string_view("20261122030051Z").size();
  if (text.size() != kSize) {
    walk.Fail(node->content_offset, "a time is malformed");
    return std::nullopt;
  }
  return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) + "T" +
         text.substr(8, 2) + ":" + text.substr(10, 2) + ":" + text.substr(12);
}

std::optional<std::string> ReadName(const DerWalk& walk, const DerNode& field) {
  const auto name = walk.Unwrap(field, asn1::kSequence, "a principal's name");
  if (!name.has_value()) {
    return std::nullopt;
  }
  DerWalk members = walk.Into(*name);
  (void)members.Expect(ContextTag(0), "a name's type");
  const auto wrapped = members.Expect(ContextTag(1), "a name's parts");
  const auto strings = wrapped.has_value()
                           ? members.Unwrap(*wrapped, asn1::kSequence, "a name's parts")
                           : std::nullopt;
  if (!strings.has_value()) {
    return std::nullopt;
  }
  std::vector<std::string_view> components;
  DerWalk parts = members.Into(*strings);
  while (!parts.rest().empty()) {
    const auto part = parts.Expect(asn1::kGeneralString, "a name's part");
    if (!part.has_value()) {
      break;
    }
    components.emplace_back(reinterpret_cast<const char*>(part->content.data()),
                            part->content.size());
  }
  return kerberos::PrincipalText(components);
}

SealedPart ReadEncryptedData(const DerWalk& walk, const DerNode& field, std::string_view name) {
  SealedPart sealed;
  const auto sequence = walk.Unwrap(field, asn1::kSequence, name);
  if (!sequence.has_value()) {
    return sealed;
  }
  DerWalk members = walk.Into(*sequence);
  while (const std::optional<DerNode> member = members.Next()) {
    if (member->tag == ContextTag(0)) {
      sealed.type = ReadNumber(members, *member, "an encryption type");
    } else if (member->tag == ContextTag(1)) {
      sealed.version = ReadNumber(members, *member, "a key version");
    } else if (member->tag == ContextTag(2)) {
      const auto cipher = members.Unwrap(*member, asn1::kOctetString, name);
      sealed.cipher = cipher.has_value() ? cipher->content : std::span<const uint8_t>();
    }
  }
  return sealed;
}

void AddNumber(Json& document, const char* key, std::optional<int64_t> value) {
  if (value.has_value()) {
    document[key] = *value;
  }
}

void AddText(Json& document, const char* key, const std::optional<std::string>& value) {
  if (value.has_value()) {
    document[key] = *value;
  }
}

std::string HexNumber(uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

}  // namespace epa::tool
