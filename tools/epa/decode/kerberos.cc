#include "tools/epa/decode/kerberos.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "epa/kerberos/kerberos.h"
#include "lib/asn1/der_reader.h"
#include "lib/asn1/object_identifier.h"
#include "lib/base/byte_reader.h"
#include "tools/epa/decode/kerberos_fields.h"
#include "tools/epa/decode/open_ticket.h"

namespace epa::tool {
namespace {

using asn1::ContextTag;

// RFC 4120 5.10.
constexpr uint8_t kApReq = asn1::ApplicationTag(14);
constexpr uint8_t kApRep = asn1::ApplicationTag(15);
constexpr uint8_t kError = asn1::ApplicationTag(30);

bool IsMessageTag(uint8_t tag) { return tag == kApReq || tag == kApRep || tag == kError; }

// What RFC 4121 4.1 puts before a message; the message itself otherwise.
uint8_t TagOfTokenId(std::span<const uint8_t> token) {
  ByteReader reader(token);
  uint16_t id = 0;
  if (!reader.ReadU16(id)) {
    return 0;
  }
  constexpr std::array<uint8_t, 3> kTags = {kApReq, kApRep, kError};
  return id >= 1 && id <= kTags.size() ? kTags.at(id - 1u) : uint8_t{0};
}

bool IsKerberosOid(std::span<const uint8_t> oid) {
  return std::ranges::any_of(
      kerberos::KerberosPackageInfo().mechanism_oids,
      [oid](const std::vector<uint8_t>& own) { return std::ranges::equal(own, oid); });
}

class KerberosReader {
 public:
  KerberosReader(std::span<const uint8_t> token, DecodedToken& decoded)
      : token_(token), document_(decoded.document) {}

  void Read() {
    const std::optional<DerNode> message = ReadFrame();
    if (!message.has_value()) {
      return;
    }
    DerWalk walk(token_, 0, fault_);
    const auto sequence = walk.Unwrap(*message, asn1::kSequence, "the message");
    if (!sequence.has_value()) {
      return;
    }
    DerWalk fields = walk.Into(*sequence);
    switch (message->tag) {
      case kApReq:
        document_["message"] = "ap-req";
        ReadApReq(fields);
        break;
      case kApRep:
        document_["message"] = "ap-rep";
        ReadApRep(fields);
        break;
      default:
        document_["message"] = "error";
        ReadError(fields);
    }
  }

  const std::optional<TokenFault>& fault() const { return fault_; }
  const SealedRequest& sealed() const { return sealed_; }

 private:
  std::optional<DerNode> ReadFrame() {
    DerWalk walk(token_, 0, fault_);
    std::optional<DerNode> node = walk.Next();
    document_["framed"] = node.has_value() && node->tag == asn1::ApplicationTag(0);
    if (!document_["framed"] || !node.has_value()) {
      return node;
    }
    DerWalk content = walk.Into(*node);
    const auto oid = content.Expect(asn1::kObjectIdentifier, "the mechanism");
    if (!oid.has_value()) {
      return std::nullopt;
    }
    document_["mechanism"] = asn1::DottedOid(oid->content);
    const uint8_t tag = TagOfTokenId(content.rest());
    if (tag == 0) {
      content.Fail(content.offset(), "the token identifier is none of a login");
      return std::nullopt;
    }
    DerWalk message(content.rest().subspan(2), content.offset() + 2, fault_);
    return message.Expect(tag, "the message");
  }

  // RFC 4120 5.5.1.
  void ReadApReq(DerWalk& fields) {
    while (const std::optional<DerNode> field = fields.Next()) {
      if (field->tag == ContextTag(2)) {
        ReadApOptions(fields, *field);
      } else if (field->tag == ContextTag(3)) {
        ReadTicket(fields, *field);
      } else if (field->tag == ContextTag(4)) {
        sealed_.authenticator = ReadEncryptedData(fields, *field, "the authenticator");
        AddNumber(document_, "authenticator_enctype", sealed_.authenticator.type);
      }
    }
    if (!document_.contains("realm") || !sealed_.authenticator.type.has_value()) {
      fields.Fail(fields.offset(), "the AP-REQ lacks a field");
    }
  }

  void ReadApOptions(const DerWalk& walk, const DerNode& field) {
    const auto options = walk.Unwrap(field, asn1::kBitString, "ap-options");
    if (!options.has_value()) {
      return;
    }
    // One octet with the number of unused bits, then 32 bits, the first of them the highest.
    const auto bits = options->content.size() == 5 ? IntegerOf(options->content) : std::nullopt;
    if (!bits.has_value()) {
      walk.Fail(options->content_offset, "ap-options are not 32 bits");
      return;
    }
    const auto value = static_cast<uint32_t>(*bits);
    document_["ap_options"] = HexNumber(value);
    Json names = Json::array();
    if ((value & 0x40000000) != 0) {
      names.push_back("use-session-key");
    }
    if ((value & 0x20000000) != 0) {
      names.push_back("mutual-required");
    }
    document_["ap_option_names"] = std::move(names);
  }

  // RFC 4120 5.3.
  void ReadTicket(const DerWalk& walk, const DerNode& field) {
    const auto ticket = walk.Unwrap(field, asn1::ApplicationTag(1), "the ticket");
    const auto sequence =
        ticket.has_value() ? walk.Unwrap(*ticket, asn1::kSequence, "the ticket") : std::nullopt;
    if (!sequence.has_value()) {
      return;
    }
    DerWalk parts = walk.Into(*sequence);
    while (const std::optional<DerNode> part = parts.Next()) {
      if (part->tag == ContextTag(1)) {
        AddText(document_, "realm", ReadText(parts, *part, "the realm"));
      } else if (part->tag == ContextTag(2)) {
        AddText(document_, "service_name", ReadName(parts, *part));
      } else if (part->tag == ContextTag(3)) {
        sealed_.ticket = ReadEncryptedData(parts, *part, "the ticket's sealed part");
        AddNumber(document_, "enctype", sealed_.ticket.type);
        AddNumber(document_, "kvno", sealed_.ticket.version);
      }
    }
  }

  // RFC 4120 5.5.2.
  void ReadApRep(DerWalk& fields) {
    while (const std::optional<DerNode> field = fields.Next()) {
      if (field->tag == ContextTag(2)) {
        AddNumber(document_, "enctype", ReadEncryptedData(fields, *field, "the sealed part").type);
      }
    }
    if (!document_.contains("enctype")) {
      fields.Fail(fields.offset(), "the AP-REP lacks a field");
    }
  }

  // RFC 4120 5.9.1.
  void ReadError(DerWalk& fields) {
    while (const std::optional<DerNode> field = fields.Next()) {
      switch (field->tag) {
        case ContextTag(4):
          AddText(document_, "server_time", ReadTime(fields, *field));
          break;
        case ContextTag(6):
          AddNumber(document_, "error_code", ReadNumber(fields, *field, "error-code"));
          break;
        case ContextTag(7):
          AddText(document_, "client_realm", ReadText(fields, *field, "crealm"));
          break;
        case ContextTag(8):
          AddText(document_, "client", ReadName(fields, *field));
          break;
        case ContextTag(9):
          AddText(document_, "realm", ReadText(fields, *field, "the realm"));
          break;
        case ContextTag(10):
          AddText(document_, "service_name", ReadName(fields, *field));
          break;
        case ContextTag(11):
          AddText(document_, "text", ReadText(fields, *field, "e-text"));
          break;
        default:
          break;
      }
    }
    if (!document_.contains("error_code")) {
      fields.Fail(fields.offset(), "the KRB-ERROR lacks a field");
    }
  }

  std::span<const uint8_t> token_;
  Json& document_;
  std::optional<TokenFault> fault_;
  SealedRequest sealed_;
};

}  // namespace

bool LooksLikeKerberos(std::span<const uint8_t> token) {
  asn1::DerReader reader(token);
  uint8_t tag = 0;
  size_t length = 0;
  if (!reader.ReadHeader(tag, length)) {
    return false;
  }
  if (tag == asn1::ApplicationTag(0)) {
    asn1::DerElement oid;
    return reader.Read(oid) && IsKerberosOid(oid.encoded);
  }
  return IsMessageTag(tag) && reader.PeekTag() == asn1::kSequence;
}

DecodedToken DecodeKerberos(std::span<const uint8_t> token, const DecodeOptions& options) {
  DecodedToken decoded;
  decoded.document["kind"] = "kerberos";
  KerberosReader reader(token, decoded);
  reader.Read();
  const bool has_ticket = reader.sealed().ticket.type.has_value();
  if (!options.keytab_path.empty() && has_ticket && !reader.fault().has_value()) {
    decoded.opened = OpenTicket(reader.sealed(), options.keytab_path, decoded.document);
  }
  AddFault(reader.fault(), decoded);
  return decoded;
}

}  // namespace epa::tool
