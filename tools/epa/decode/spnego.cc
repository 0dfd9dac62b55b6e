#include "tools/epa/decode/spnego.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/object_identifier.h"
#include "lib/base/hex.h"
#include "providers/negotiate/neg_token.h"
#include "tools/epa/decode/der_walk.h"

namespace epa::tool {
namespace {

using asn1::ContextTag;

constexpr uint8_t kInitTag = ContextTag(0);
constexpr uint8_t kRespTag = ContextTag(1);
// RFC 4178 4.2.2.
constexpr std::array<std::string_view, 4> kStateNames = {"accept-completed", "accept-incomplete",
                                                         "reject", "request-mic"};

// Fills a document from one token.
class SpnegoReader {
 public:
  SpnegoReader(std::span<const uint8_t> token, DecodedToken& decoded)
      : token_(token), document_(decoded.document) {}

  void Read() {
    DerWalk walk(token_, 0, fault_);
    std::optional<DerNode> choice = walk.Next();
    const bool framed = choice.has_value() && choice->tag == asn1::ApplicationTag(0);
    if (framed) {
      DerWalk content = walk.Into(*choice);
      (void)content.Next();  // the object identifier, which LooksLikeSpnego has seen
      choice = content.Next();
    }
    const bool init = choice.has_value() && choice->tag == kInitTag;
    const bool resp = choice.has_value() && choice->tag == kRespTag;
    if (init || resp) {
      document_["token"] = init ? "init" : "resp";
    }
    document_["framed"] = framed;
    if (!init && !resp) {
      walk.Fail(walk.offset(), "neither a NegTokenInit nor a NegTokenResp");
      return;
    }
    const auto members = walk.Unwrap(*choice, asn1::kSequence, "the token's sequence");
    if (members.has_value()) {
      DerWalk fields = walk.Into(*members);
      init ? ReadInit(fields) : ReadResp(fields);
    }
    CheckStrictly(init);
  }

  const std::optional<TokenFault>& fault() const { return fault_; }
  // The mechanism's token.
  const std::optional<DerNode>& mechanism_token() const { return mechanism_token_; }

 private:
  void ReadInit(DerWalk& fields) {
    while (const std::optional<DerNode> field = fields.Next()) {
      switch (field->tag) {
        case ContextTag(0):
          ReadMechTypes(fields, *field);
          break;
        case ContextTag(1):
          ReadFlags(fields, *field);
          break;
        case ContextTag(2):
          ReadToken(fields, *field, "mech_token", "mechToken");
          break;
        case ContextTag(3):
          ReadMicOrHints(fields, *field);
          break;
        case ContextTag(4):
          ReadMic(fields, *field);
          break;
        default:
          fields.Fail(field->offset, "NegTokenInit has no such member");
      }
    }
  }

  void ReadResp(DerWalk& fields) {
    while (const std::optional<DerNode> field = fields.Next()) {
      switch (field->tag) {
        case ContextTag(0):
          ReadState(fields, *field);
          break;
        case ContextTag(1):
          if (const auto oid = fields.Unwrap(*field, asn1::kObjectIdentifier, "supportedMech")) {
            document_["supported_mech"] = asn1::DottedOid(oid->content);
          }
          break;
        case ContextTag(2):
          ReadToken(fields, *field, "response_token", "responseToken");
          break;
        case ContextTag(3):
          ReadMic(fields, *field);
          break;
        default:
          fields.Fail(field->offset, "NegTokenResp has no such member");
      }
    }
  }

  void ReadMechTypes(const DerWalk& walk, const DerNode& field) {
    const auto sequence = walk.Unwrap(field, asn1::kSequence, "mechTypes");
    if (!sequence.has_value()) {
      return;
    }
    Json list = Json::array();
    DerWalk types = walk.Into(*sequence);
    while (!types.rest().empty()) {
      const auto oid = types.Expect(asn1::kObjectIdentifier, "a mechanism");
      if (!oid.has_value()) {
        break;
      }
      list.push_back(asn1::DottedOid(oid->content));
    }
    if (list.empty()) {
      walk.Fail(sequence->offset, "mechTypes is empty");
    }
    document_["mech_types"] = std::move(list);
  }

  void ReadFlags(const DerWalk& walk, const DerNode& field) {
    // The first octet counts the unused bits (X.690 8.6.2).
    if (const auto flags = walk.Unwrap(field, asn1::kBitString, "reqFlags")) {
      document_["req_flags"] = EncodeHex(flags->content);
    }
  }

  void ReadToken(const DerWalk& walk, const DerNode& field, const char* key,
                 std::string_view name) {
    mechanism_token_ = walk.Unwrap(field, asn1::kOctetString, name);
    if (mechanism_token_.has_value()) {
      document_[key] = EncodeHex(mechanism_token_->content);
    }
  }

  void ReadState(const DerWalk& walk, const DerNode& field) {
    const auto state = walk.Unwrap(field, asn1::kEnumerated, "negState");
    if (!state.has_value()) {
      return;
    }
    const auto value = IntegerOf(state->content);
    if (!value.has_value() || *value < 0 || *value >= static_cast<int64_t>(kStateNames.size())) {
      walk.Fail(state->content_offset, "negState has no such value");
      return;
    }
    document_["neg_state"] = kStateNames.at(static_cast<size_t>(*value));
  }

  void ReadMic(const DerWalk& walk, const DerNode& field) {
    if (const auto mic = walk.Unwrap(field, asn1::kOctetString, "mechListMIC")) {
      document_["mech_list_mic"] = EncodeHex(mic->content);
    }
  }

  // [MS-SPNG] 2.2.1: negHints stand where RFC 4178 has the MIC.
  void ReadMicOrHints(const DerWalk& walk, const DerNode& field) {
    if (field.content.empty() || field.content.front() != asn1::kSequence) {
      ReadMic(walk, field);
      return;
    }
    document_["token"] = "init2";
    const auto hints = walk.Unwrap(field, asn1::kSequence, "negHints");
    if (!hints.has_value()) {
      return;
    }
    DerWalk members = walk.Into(*hints);
    while (const std::optional<DerNode> member = members.Next()) {
      if (member->tag != ContextTag(0)) {
        continue;
      }
      if (const auto name = members.Unwrap(*member, asn1::kGeneralString, "hintName")) {
        document_["hint_name"] = std::string(name->content.begin(), name->content.end());
      }
    }
  }

  // What the library would say of a token in which nothing was found here.
  void CheckStrictly(bool init) {
    const absl::Status status = init ? negotiate::ParseNegTokenInit(token_).status()
                                     : negotiate::ParseNegTokenResp(token_).status();
    if (!status.ok()) {
      DerWalk(token_, 0, fault_).Fail(0, std::string(status.message()));
    }
  }

  std::span<const uint8_t> token_;
  Json& document_;
  std::optional<TokenFault> fault_;
  std::optional<DerNode> mechanism_token_;
};

}  // namespace

bool LooksLikeSpnego(std::span<const uint8_t> token) {
  asn1::DerReader reader(token);
  uint8_t tag = 0;
  size_t length = 0;
  if (!reader.ReadHeader(tag, length)) {
    return false;
  }
  if (tag == asn1::ApplicationTag(0)) {
    asn1::DerElement oid;
    return reader.Read(oid) && negotiate::IsSpnego(oid);
  }
  return (tag == kInitTag || tag == kRespTag) && reader.PeekTag() == asn1::kSequence;
}

DecodedToken DecodeSpnego(std::span<const uint8_t> token, const DecodeOptions& options, int depth) {
  DecodedToken decoded;
  decoded.document["kind"] = "spnego";
  SpnegoReader reader(token, decoded);
  reader.Read();
  std::optional<TokenFault> fault = reader.fault();
  if (reader.mechanism_token().has_value() && depth > 0) {
    const DerNode& mechanism = *reader.mechanism_token();
    std::optional<DecodedToken> inner = DecodeMechanismToken(mechanism.content, options, depth - 1);
    if (inner.has_value()) {
      if (inner->malformed && !fault.has_value()) {
        const Json& error = inner->document.at("error");
        fault = {mechanism.content_offset + error.at("offset").get<size_t>(), error.at("reason")};
      }
      decoded.opened = std::move(inner->opened);
      decoded.document["inner"] = std::move(inner->document);
    }
  }
  AddFault(fault, decoded);
  return decoded;
}

}  // namespace epa::tool
