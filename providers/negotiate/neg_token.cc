#include "providers/negotiate/neg_token.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/asn1/der_writer.h"
#include "lib/base/status_macros.h"
#include "providers/negotiate/mechanisms.h"

namespace epa::negotiate {
namespace {

using asn1::ContextTag;
using asn1::DerElement;
using asn1::DerReader;
using asn1::DerWriter;
using asn1::ReadOnlyElement;

// [MS-SPNG] 2.2.1.
constexpr std::string_view kHintName = "not_defined_in_RFC4178@please_ignore";

absl::Status Malformed(std::string_view what, std::string_view wrong = {}) {
  return absl::InvalidArgumentError(std::string(what).append(wrong));
}

bool EndsWithinSubidentifier(Octets oid) { return oid.empty() || (oid.back() & 0x80) != 0; }

// [APPLICATION 0] { SPNEGO, inner } (RFC 2743 3.1), or the inner token alone.
bool Unframe(Octets token, Octets& inner, bool& framed) {
  framed = !token.empty() && token.front() == asn1::ApplicationTag(0);
  if (!framed) {
    inner = token;
    return true;
  }
  Octets content;
  if (!ReadOnlyElement(token, asn1::ApplicationTag(0), content)) {
    return false;
  }
  DerReader reader(content);
  DerElement oid;
  DerElement choice;
  if (!reader.Read(oid) || !IsSpnego(oid) || !reader.Read(choice) || !reader.at_end()) {
    return false;
  }
  inner = choice.encoded;
  return true;
}

// To read, where it is there: [number] around one element of type `tag`.
struct OptionalMember {
  uint8_t number;
  uint8_t tag;
  std::string_view name;
  std::optional<Octets>& out;
};

absl::Status ReadMembers(DerReader& reader, std::initializer_list<OptionalMember> members) {
  for (const OptionalMember& member : members) {
    if (reader.PeekTag() != ContextTag(member.number)) {
      continue;
    }
    Octets wrapped;
    if (!reader.ReadTag(ContextTag(member.number), wrapped)) {
      return Malformed(member.name, " is not DER");
    }
    if (!ReadOnlyElement(wrapped, member.tag, member.out.emplace())) {
      return Malformed(member.name, " has the wrong type");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadMechTypes(DerReader& reader, NegTokenInit& out) {
  std::optional<Octets> wrapped;
  DerElement sequence;
  if (!reader.ReadOptionalTag(ContextTag(0), wrapped) || !wrapped.has_value()) {
    return Malformed("mechTypes is missing");
  }
  DerReader outer(*wrapped);
  if (!outer.Read(sequence) || sequence.tag != asn1::kSequence || !outer.at_end()) {
    return Malformed("mechTypes is not a sequence");
  }
  out.mech_types_der = sequence.encoded;
  DerReader list(sequence.content);
  while (!list.at_end()) {
    DerElement oid;
    if (!list.Read(oid) || oid.tag != asn1::kObjectIdentifier ||
        EndsWithinSubidentifier(oid.content)) {
      return Malformed("a mechanism is not an object identifier");
    }
    if (out.mech_types.size() == kMaxMechanisms) {
      return Malformed("more than 32 mechanisms");
    }
    out.mech_types.push_back(oid.content);
  }
  return out.mech_types.empty() ? Malformed("mechTypes is empty") : absl::OkStatus();
}

absl::Status ReadHints(Octets content, NegTokenInit& out) {
  DerReader hints(content);
  std::optional<Octets> address;
  EPA_RETURN_IF_ERROR(ReadMembers(hints, {{0, asn1::kGeneralString, "hintName", out.hint_name},
                                          {1, asn1::kOctetString, "hintAddress", address}}));
  return hints.at_end() ? absl::OkStatus() : Malformed("negHints has an unknown member");
}

// [3]: mechListMIC of NegTokenInit, or negHints of NegTokenInit2, whose MIC is then [4].
absl::Status ReadHintsOrMic(DerReader& reader, NegTokenInit& out) {
  const OptionalMember mic = {4, asn1::kOctetString, "mechListMIC", out.mech_list_mic};
  std::optional<Octets> wrapped;
  if (!reader.ReadOptionalTag(ContextTag(3), wrapped)) {
    return Malformed("negHints is not DER");
  }
  if (!wrapped.has_value()) {
    return ReadMembers(reader, {mic});
  }
  Octets content;
  if (ReadOnlyElement(*wrapped, asn1::kOctetString, content)) {
    out.mech_list_mic = content;
    return absl::OkStatus();
  }
  if (!ReadOnlyElement(*wrapped, asn1::kSequence, content)) {
    return Malformed("[3] is neither a mechListMIC nor negHints");
  }
  EPA_RETURN_IF_ERROR(ReadHints(content, out));
  return ReadMembers(reader, {mic});
}

// The same to write; left out when its content is empty.
struct Member {
  uint8_t number;
  uint8_t tag;
  Octets content;
};

size_t MemberSize(const Member& member) {
  return member.content.empty() ? 0 : asn1::ElementSize(asn1::ElementSize(member.content.size()));
}

void WriteMember(const Member& member, DerWriter& writer) {
  if (!member.content.empty()) {
    writer.Header(ContextTag(member.number), asn1::ElementSize(member.content.size()));
    writer.Element(member.tag, member.content);
  }
}

// [APPLICATION 0] { SPNEGO, NegTokenInit } (RFC 2743 3.1) with the list and one more member.
std::vector<uint8_t> WriteInit(Octets mech_types_der, const Member& member) {
  const size_t members_size = asn1::ElementSize(mech_types_der.size()) + MemberSize(member);
  const size_t choice_size = asn1::ElementSize(members_size);
  const size_t content_size = kSpnegoOid.size() + asn1::ElementSize(choice_size);
  std::vector<uint8_t> token(asn1::ElementSize(content_size));
  DerWriter writer(token);
  writer.Header(asn1::ApplicationTag(0), content_size);
  writer.Encoded(kSpnegoOid);
  writer.Header(ContextTag(0), choice_size);
  writer.Header(asn1::kSequence, members_size);
  writer.Element(ContextTag(0), mech_types_der);
  WriteMember(member, writer);
  return token;
}

}  // namespace

bool IsSpnego(const DerElement& oid) {
  return oid.tag == asn1::kObjectIdentifier &&
         std::ranges::equal(oid.content, OidContent(kSpnegoOid));
}

absl::StatusOr<NegTokenInit> ParseNegTokenInit(Octets token) {
  NegTokenInit init;
  Octets inner;
  Octets choice;
  Octets members;
  if (!Unframe(token, inner, init.framed) || !ReadOnlyElement(inner, ContextTag(0), choice) ||
      !ReadOnlyElement(choice, asn1::kSequence, members)) {
    return Malformed("not a NegTokenInit");
  }
  DerReader reader(members);
  EPA_RETURN_IF_ERROR(ReadMechTypes(reader, init));
  EPA_RETURN_IF_ERROR(ReadMembers(reader, {{1, asn1::kBitString, "reqFlags", init.req_flags},
                                           {2, asn1::kOctetString, "mechToken", init.mech_token}}));
  EPA_RETURN_IF_ERROR(ReadHintsOrMic(reader, init));
  if (!reader.at_end()) {
    return Malformed("NegTokenInit has an unknown member");
  }
  return init;
}

absl::StatusOr<NegTokenResp> ParseNegTokenResp(Octets token) {
  Octets choice;
  Octets members;
  if (!ReadOnlyElement(token, ContextTag(1), choice) ||
      !ReadOnlyElement(choice, asn1::kSequence, members)) {
    return Malformed("not a NegTokenResp");
  }
  NegTokenResp resp;
  DerReader reader(members);
  std::optional<Octets> state;
  std::optional<Octets> mech;
  EPA_RETURN_IF_ERROR(
      ReadMembers(reader, {{0, asn1::kEnumerated, "negState", state},
                           {1, asn1::kObjectIdentifier, "supportedMech", mech},
                           {2, asn1::kOctetString, "responseToken", resp.response_token},
                           {3, asn1::kOctetString, "mechListMIC", resp.mech_list_mic}}));
  if (!reader.at_end()) {
    return Malformed("NegTokenResp has an unknown member");
  }
  if (state.has_value()) {
    if (state->size() != 1 || state->front() > static_cast<uint8_t>(NegState::kRequestMic)) {
      return Malformed("negState has no such value");
    }
    resp.state = static_cast<NegState>(state->front());
  }
  if (mech.has_value()) {
    if (EndsWithinSubidentifier(*mech)) {
      return Malformed("supportedMech is not an object identifier");
    }
    resp.supported_mech = mech;
  }
  if (resp.mech_list_mic.has_value() && resp.response_token.has_value() &&
      std::ranges::equal(*resp.mech_list_mic, *resp.response_token)) {
    resp.mech_list_mic.reset();
  }
  return resp;
}

std::vector<uint8_t> WriteNegTokenInit(Octets mech_types_der, Octets mech_token) {
  return WriteInit(mech_types_der, {2, asn1::kOctetString, mech_token});
}

std::vector<uint8_t> WriteNegTokenInit2(Octets mech_types_der) {
  const std::vector<uint8_t> name(kHintName.begin(), kHintName.end());
  const Member hint_name = {0, asn1::kGeneralString, name};
  std::vector<uint8_t> hints(MemberSize(hint_name));
  DerWriter writer(hints);
  WriteMember(hint_name, writer);
  return WriteInit(mech_types_der, {3, asn1::kSequence, hints});
}

std::vector<uint8_t> WriteNegTokenResp(const NegTokenResp& resp) {
  const std::array<uint8_t, 1> state = {static_cast<uint8_t>(resp.state.value_or(NegState()))};
  const std::array<Member, 4> members = {
      {{0, asn1::kEnumerated, resp.state.has_value() ? Octets(state) : Octets()},
       {1, asn1::kObjectIdentifier, resp.supported_mech.value_or(Octets())},
       {2, asn1::kOctetString, resp.response_token.value_or(Octets())},
       {3, asn1::kOctetString, resp.mech_list_mic.value_or(Octets())}}};
  size_t members_size = 0;
  for (const Member& member : members) {
    members_size += MemberSize(member);
  }
  const size_t choice_size = asn1::ElementSize(members_size);
  std::vector<uint8_t> token(asn1::ElementSize(choice_size));
  DerWriter writer(token);
  writer.Header(ContextTag(1), choice_size);
  writer.Header(asn1::kSequence, members_size);
  for (const Member& member : members) {
    WriteMember(member, writer);
  }
  return token;
}

std::vector<uint8_t> MechTypeListOf(std::span<const std::vector<uint8_t>> oids) {
  std::vector<uint8_t> list;
  for (const std::vector<uint8_t>& oid : oids) {
    list.insert(list.end(), oid.begin(), oid.end());
  }
  return asn1::Element(asn1::kSequence, list);
}

}  // namespace epa::negotiate
