#include "lib/sasl/ldap_messages.h"

#include <array>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "lib/base/endian.h"

namespace epa::sasl {
namespace {

using asn1::DerReader;
using Octets = std::span<const uint8_t>;

// RFC 4511 4.2, Appendix B; [MS-ADTS] 5.1.1.1.3 for Sicily's.
constexpr uint8_t kBoolean = 0x01;
constexpr uint8_t kInteger = 0x02;
constexpr uint8_t kBindRequest = 0x60;
constexpr uint8_t kBindResponse = 0x61;
constexpr uint8_t kControls = 0xA0;
constexpr uint8_t kSimple = 0x80;
constexpr uint8_t kSasl = 0xA3;
constexpr uint8_t kReferral = 0xA3;
constexpr uint8_t kServerCredentials = 0x87;
constexpr uint8_t kSicilyDiscovery = 0x89;
constexpr uint8_t kSicilyNegotiate = 0x8A;
constexpr uint8_t kSicilyResponse = 0x8B;

std::string_view TextOf(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Octets OctetsOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// 0 to 2^31-1 (RFC 4511 4.1.1), with leading zeros or without.
bool ReadNumber(DerReader& reader, uint8_t tag, int32_t& out) {
  constexpr size_t kMost = 4;
  Octets content;
  if (!reader.ReadTag(tag, content) || content.empty() || content.size() > kMost ||
      content.front() >= 0x80) {
    return false;
  }
  out = static_cast<int32_t>(GetBigEndian(content));
  return true;
}

// Message ID and the operation, whose content is returned; what follows it is left in `reader`.
bool ReadEnvelope(Octets message, uint8_t operation, int32_t& message_id, DerReader& rest,
                  Octets& content) {
  Octets sequence;
  if (!asn1::ReadOnlyElement(message, asn1::kSequence, sequence)) {
    return false;
  }
  rest = DerReader(sequence);
  return ReadNumber(rest, kInteger, message_id) && rest.ReadTag(operation, content);
}

bool ReadControl(Octets content, bool& critical) {
  DerReader control(content);
  Octets ignored;
  std::optional<Octets> criticality;
  std::optional<Octets> value;
  if (!control.ReadTag(asn1::kOctetString, ignored) ||
      !control.ReadOptionalTag(kBoolean, criticality) ||
      !control.ReadOptionalTag(asn1::kOctetString, value) || !control.at_end() ||
      (criticality.has_value() && criticality->size() != 1)) {
    return false;
  }
  critical = critical || (criticality.has_value() && criticality->front() != 0);
  return true;
}

bool ReadControls(DerReader& rest, bool& critical) {
  std::optional<Octets> controls;
  if (!rest.ReadOptionalTag(kControls, controls) || !rest.at_end()) {
    return false;
  }
  DerReader list(controls.value_or(Octets()));
  while (!list.at_end()) {
    Octets control;
    if (!list.ReadTag(asn1::kSequence, control) || !ReadControl(control, critical)) {
      return false;
    }
  }
  return true;
}

bool ReadSasl(Octets content, LdapBindRequest& out) {
  DerReader reader(content);
  Octets mechanism;
  if (!reader.ReadTag(asn1::kOctetString, mechanism) ||
      !reader.ReadOptionalTag(asn1::kOctetString, out.credentials) || !reader.at_end()) {
    return false;
  }
  out.mechanism = TextOf(mechanism);
  return true;
}

bool ReadChoice(DerReader& reader, LdapBindRequest& out) {
  using Kind = LdapBindRequest::Kind;
  asn1::DerElement choice;
  if (!reader.Read(choice) || !reader.at_end()) {
    return false;
  }
  out.credentials = choice.content;
  switch (choice.tag) {
    case kSimple:
      out.kind = Kind::kSimple;
      break;
    case kSasl:
      out.kind = Kind::kSasl;
      out.credentials.reset();
      return ReadSasl(choice.content, out);
    case kSicilyDiscovery:
      out.kind = Kind::kSicilyDiscovery;
      break;
    case kSicilyNegotiate:
      out.kind = Kind::kSicilyNegotiate;
      break;
    case kSicilyResponse:
      out.kind = Kind::kSicilyResponse;
      break;
    default:
      out.kind = Kind::kUnknown;
  }
  return true;
}

// The shortest content of a number that is not negative.
std::vector<uint8_t> Number(uint8_t tag, int32_t value) {
  const auto octets = BigEndian(static_cast<uint32_t>(value));
  size_t first = 0;
  while (first + 1 < octets.size() && octets[first] == 0 && octets[first + 1] < 0x80) {
    ++first;
  }
  return asn1::Element(tag, std::span(octets).subspan(first));
}

void Append(std::vector<uint8_t>& out, Octets octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

std::vector<uint8_t> Choice(const LdapBindRequest& request) {
  if (request.kind == LdapBindRequest::Kind::kSicilyNegotiate) {
    return asn1::Element(kSicilyNegotiate, request.credentials.value_or(Octets()));
  }
  if (request.kind == LdapBindRequest::Kind::kSicilyResponse) {
    return asn1::Element(kSicilyResponse, request.credentials.value_or(Octets()));
  }
  std::vector<uint8_t> sasl = asn1::Element(asn1::kOctetString, OctetsOf(request.mechanism));
  if (request.credentials.has_value()) {
    Append(sasl, asn1::Element(asn1::kOctetString, *request.credentials));
  }
  return asn1::Element(kSasl, sasl);
}

std::vector<uint8_t> Envelope(int32_t message_id, uint8_t operation, Octets content) {
  std::vector<uint8_t> sequence = Number(kInteger, message_id);
  Append(sequence, asn1::Element(operation, content));
  return asn1::Element(asn1::kSequence, sequence);
}

}  // namespace

std::optional<LdapBindRequest> ParseBindRequest(Octets message) {
  LdapBindRequest request;
  DerReader rest{Octets()};
  Octets content;
  if (!ReadEnvelope(message, kBindRequest, request.message_id, rest, content) ||
      request.message_id == 0) {
    return std::nullopt;
  }
  DerReader reader(content);
  Octets name;
  if (!ReadNumber(reader, kInteger, request.version) || !reader.ReadTag(asn1::kOctetString, name) ||
      !ReadChoice(reader, request) || !ReadControls(rest, request.critical_control)) {
    return std::nullopt;
  }
  request.name = TextOf(name);
  return request;
}

std::vector<uint8_t> EncodeBindRequest(const LdapBindRequest& request) {
  std::vector<uint8_t> content = Number(kInteger, request.version);
  Append(content, asn1::Element(asn1::kOctetString, OctetsOf(request.name)));
  Append(content, Choice(request));
  return Envelope(request.message_id, kBindRequest, content);
}

bool HasBindRequest(Octets message) {
  int32_t message_id = 0;
  DerReader rest{Octets()};
  Octets content;
  return ReadEnvelope(message, kBindRequest, message_id, rest, content);
}

std::vector<uint8_t> EncodeBindResponse(const LdapBindResponse& response) {
  std::vector<uint8_t> content = Number(asn1::kEnumerated, static_cast<int32_t>(response.result));
  const Octets credentials = response.credentials.value_or(Octets());
  Append(content, asn1::Element(asn1::kOctetString, response.sicily ? credentials : Octets()));
  Append(content, asn1::Element(asn1::kOctetString, OctetsOf(response.diagnostic)));
  if (response.credentials.has_value() && !response.sicily) {
    Append(content, asn1::Element(kServerCredentials, credentials));
  }
  return Envelope(response.message_id, kBindResponse, content);
}

std::optional<LdapBindResponse> ParseBindResponse(Octets message, bool sicily) {
  LdapBindResponse response;
  DerReader rest{Octets()};
  Octets content;
  bool critical = false;
  if (!ReadEnvelope(message, kBindResponse, response.message_id, rest, content) ||
      !ReadControls(rest, critical)) {
    return std::nullopt;
  }
  DerReader reader(content);
  int32_t result = 0;
  Octets matched;
  Octets diagnostic;
  std::optional<Octets> referral;
  if (!ReadNumber(reader, asn1::kEnumerated, result) ||
      !reader.ReadTag(asn1::kOctetString, matched) ||
      !reader.ReadTag(asn1::kOctetString, diagnostic) ||
      !reader.ReadOptionalTag(kReferral, referral) ||
      !reader.ReadOptionalTag(kServerCredentials, response.credentials) || !reader.at_end()) {
    return std::nullopt;
  }
  response.result = static_cast<LdapResult>(result);
  response.diagnostic = TextOf(diagnostic);
  response.sicily = sicily;
  if (sicily) {
    response.credentials = matched;
  }
  return response;
}

}  // namespace epa::sasl
