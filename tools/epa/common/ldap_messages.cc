#include "tools/epa/common/ldap_messages.h"

#include <algorithm>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "lib/base/ascii.h"
#include "lib/base/endian.h"

namespace epa::tool {
namespace {

using asn1::DerReader;
using asn1::Element;
using Octets = std::span<const uint8_t>;

// RFC 4511 Appendix B.
constexpr uint8_t kBoolean = 0x01;
constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kSet = 0x31;
constexpr uint8_t kUnbind = 0x42;
constexpr uint8_t kAbandon = 0x50;
constexpr uint8_t kBind = 0x60;
constexpr uint8_t kSearch = 0x63;
constexpr uint8_t kSearchEntry = 0x64;
constexpr uint8_t kSearchDone = 0x65;
constexpr uint8_t kExtended = 0x77;
constexpr uint8_t kExtendedResponse = 0x78;
constexpr uint8_t kRequestName = 0x80;
constexpr uint8_t kResponseName = 0x8A;
constexpr uint8_t kResponseValue = 0x8B;
// Identifier, one octet of length, four more.
constexpr size_t kLongestHeader = 6;

Octets OctetsOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string_view TextOf(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
std::vector<uint8_t> Text(uint8_t tag, std::string_view text) {
  return Element(tag, OctetsOf(text));
}
void Append(std::vector<uint8_t>& out, Octets octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

std::vector<uint8_t> Number(uint8_t tag, int32_t value) {
  const auto octets = BigEndian(static_cast<uint32_t>(value));
  size_t first = 0;
  while (first + 1 < octets.size() && octets[first] == 0 && octets[first + 1] < 0x80) {
    ++first;
  }
  return Element(tag, std::span(octets).subspan(first));
}

bool ReadNumber(DerReader& reader, uint8_t tag, int32_t& out) {
  Octets content;
  if (!reader.ReadTag(tag, content) || content.empty() || content.size() > 4 ||
      content.front() >= 0x80) {
    return false;
  }
  out = static_cast<int32_t>(GetBigEndian(content));
  return true;
}

std::vector<uint8_t> Message(int32_t message_id, uint8_t tag, Octets content) {
  std::vector<uint8_t> sequence = Number(kInteger, message_id);
  Append(sequence, Element(tag, content));
  return Element(asn1::kSequence, sequence);
}

std::vector<uint8_t> ResultContent(LdapCode code, std::string_view diagnostic) {
  std::vector<uint8_t> content = Number(asn1::kEnumerated, static_cast<int32_t>(code));
  Append(content, Text(asn1::kOctetString, ""));
  Append(content, Text(asn1::kOctetString, diagnostic));
  return content;
}

LdapRequest::Kind KindOf(uint8_t tag) {
  switch (tag) {
    case kBind:
      return LdapRequest::Kind::kBind;
    case kUnbind:
      return LdapRequest::Kind::kUnbind;
    case kAbandon:
      return LdapRequest::Kind::kAbandon;
    case kSearch:
      return LdapRequest::Kind::kSearch;
    case kExtended:
      return LdapRequest::Kind::kExtended;
    default:
      return LdapRequest::Kind::kOther;
  }
}

bool ReadAttributes(Octets content, LdapRequest& request) {
  DerReader reader(content);
  Octets name;
  while (!reader.at_end()) {
    if (!reader.ReadTag(asn1::kOctetString, name)) {
      return false;
    }
    request.attributes.push_back(TextOf(name));
  }
  return true;
}

// RFC 4511 4.5.1; limits, the filter and whether types alone are asked for do not count.
bool ReadSearch(DerReader& reader, LdapRequest& request) {
  Octets name;
  int32_t scope = 0;
  Octets ignored;
  asn1::DerElement filter;
  Octets attributes;
  if (!reader.ReadTag(asn1::kOctetString, name) || !ReadNumber(reader, asn1::kEnumerated, scope) ||
      !reader.ReadTag(asn1::kEnumerated, ignored) || !reader.ReadTag(kInteger, ignored) ||
      !reader.ReadTag(kInteger, ignored) || !reader.ReadTag(kBoolean, ignored) ||
      !reader.Read(filter) || !reader.ReadTag(asn1::kSequence, attributes) || !reader.at_end()) {
    return false;
  }
  request.name = TextOf(name);
  request.base_search = scope == 0;
  return ReadAttributes(attributes, request);
}

bool ReadOperation(Octets content, LdapRequest& request) {
  DerReader reader(content);
  if (request.kind == LdapRequest::Kind::kSearch) {
    return ReadSearch(reader, request);
  }
  Octets name;
  if (request.kind == LdapRequest::Kind::kExtended && !reader.ReadTag(kRequestName, name)) {
    return false;
  }
  request.name = TextOf(name);
  return true;
}

// What answers an operation (RFC 4511 Appendix B): the next application tag, but for a search.
uint8_t ResponseTagOf(const LdapRequest& request) {
  return request.kind == LdapRequest::Kind::kSearch
             ? kSearchDone
             : static_cast<uint8_t>(0x60 | ((request.tag & 0x1F) + 1));
}

}  // namespace

bool LdapRequest::Wants(std::string_view attribute) const {
  return attributes.empty() || std::ranges::any_of(attributes, [&](std::string_view one) {
           return one == "*" || one == "+" || EqualsIgnoringAsciiCase(one, attribute);
         });
}

std::optional<size_t> LdapMessageSize(Octets octets) {
  DerReader reader(octets);
  uint8_t tag = 0;
  size_t length = 0;
  if (!octets.empty() && octets.front() != asn1::kSequence) {
    return 0;
  }
  if (!reader.ReadHeader(tag, length)) {
    return octets.size() < kLongestHeader ? std::nullopt : std::optional<size_t>(0);
  }
  return octets.size() - reader.rest().size() + length;
}

std::optional<LdapRequest> ParseLdapRequest(Octets message) {
  Octets sequence;
  if (!asn1::ReadOnlyElement(message, asn1::kSequence, sequence)) {
    return std::nullopt;
  }
  DerReader reader(sequence);
  LdapRequest request;
  asn1::DerElement operation;
  if (!ReadNumber(reader, kInteger, request.message_id) || request.message_id == 0 ||
      !reader.Read(operation)) {
    return std::nullopt;
  }
  request.tag = operation.tag;
  request.kind = KindOf(operation.tag);
  return ReadOperation(operation.content, request) ? std::optional(request) : std::nullopt;
}

std::vector<uint8_t> LdapResultTo(const LdapRequest& request, LdapCode code,
                                  std::string_view diagnostic) {
  return Message(request.message_id, ResponseTagOf(request), ResultContent(code, diagnostic));
}

std::vector<uint8_t> LdapEntry(int32_t message_id, std::span<const LdapAttribute> attributes) {
  std::vector<uint8_t> list;
  for (const LdapAttribute& attribute : attributes) {
    std::vector<uint8_t> values;
    for (const std::string_view value : attribute.values) {
      Append(values, Text(asn1::kOctetString, value));
    }
    std::vector<uint8_t> content = Text(asn1::kOctetString, attribute.name);
    Append(content, Element(kSet, values));
    Append(list, Element(asn1::kSequence, content));
  }
  std::vector<uint8_t> content = Text(asn1::kOctetString, "");
  Append(content, Element(asn1::kSequence, list));
  return Message(message_id, kSearchEntry, content);
}

std::vector<uint8_t> LdapExtendedRequest(int32_t message_id, std::string_view oid) {
  return Message(message_id, kExtended, Text(kRequestName, oid));
}

std::vector<uint8_t> LdapExtendedResponse(int32_t message_id, std::string_view oid,
                                          std::optional<std::string_view> value) {
  std::vector<uint8_t> content = ResultContent(LdapCode::kSuccess, "");
  if (!oid.empty()) {
    Append(content, Text(kResponseName, oid));
  }
  if (value.has_value()) {
    Append(content, Text(kResponseValue, *value));
  }
  return Message(message_id, kExtendedResponse, content);
}

std::optional<LdapExtendedResult> ParseLdapExtendedResponse(Octets message, int32_t message_id) {
  Octets sequence;
  if (!asn1::ReadOnlyElement(message, asn1::kSequence, sequence)) {
    return std::nullopt;
  }
  DerReader envelope(sequence);
  int32_t id = 0;
  Octets content;
  if (!ReadNumber(envelope, kInteger, id) || id != message_id ||
      !envelope.ReadTag(kExtendedResponse, content)) {
    return std::nullopt;
  }
  DerReader reader(content);
  LdapExtendedResult result;
  Octets matched;
  Octets diagnostic;
  std::optional<Octets> referral;
  std::optional<Octets> name;
  std::optional<Octets> value;
  if (!ReadNumber(reader, asn1::kEnumerated, result.code) ||
      !reader.ReadTag(asn1::kOctetString, matched) ||
      !reader.ReadTag(asn1::kOctetString, diagnostic) ||
      !reader.ReadOptionalTag(asn1::ContextTag(3), referral) ||
      !reader.ReadOptionalTag(kResponseName, name) ||
      !reader.ReadOptionalTag(kResponseValue, value)) {
    return std::nullopt;
  }
  result.diagnostic = TextOf(diagnostic);
  result.value = TextOf(value.value_or(Octets()));
  return result;
}

}  // namespace epa::tool
