#include "tools/epa/decode/decode_token.h"

#include <algorithm>
#include <array>
#include <string>

#include "epa/core/channel_bindings.h"
#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "tools/epa/decode/kerberos.h"
#include "tools/epa/decode/ntlm.h"
#include "tools/epa/decode/smb2.h"
#include "tools/epa/decode/spnego.h"

namespace epa::tool {
namespace {

constexpr std::array<uint8_t, 4> kExtendedMagic = {'C', 'B', 'E', 'X'};
// dwInitiatorAddrType of every structure that Windows makes.
constexpr std::array<uint8_t, 4> kUnspecifiedAddress = {0, 0, 0, 0};

// A negotiation within a negotiation within ...
constexpr int kMaxDepth = 4;

DecodedToken Malformed(std::string_view kind, size_t offset, std::string_view reason) {
  DecodedToken decoded;
  decoded.document["kind"] = kind;
  AddFault(TokenFault{offset, std::string(reason)}, decoded);
  return decoded;
}

bool LooksLikeChannelBindings(std::span<const uint8_t> token) {
  return ByteReader(token).Match(kExtendedMagic) || ByteReader(token).Match(kUnspecifiedAddress);
}

void AddPart(Json& document, const char* key, const std::vector<uint8_t>& part) {
  if (!part.empty()) {
    document[key] = EncodeHex(part);
  }
}

DecodedToken DecodeChannelBindings(std::span<const uint8_t> token) {
  const absl::StatusOr<ParsedSecChannelBindings> parsed =
      ChannelBindings::ParseSecChannelBindings(token);
  if (!parsed.ok()) {
    return Malformed("sec_channel_bindings", 0, std::string(parsed.status().message()));
  }
  const ChannelBindings& bindings = parsed->bindings;
  DecodedToken decoded;
  Json& document = decoded.document;
  document["kind"] = "sec_channel_bindings";
  document["extended"] = parsed->extended_flags.has_value();
  if (parsed->extended_flags.has_value()) {
    document["extended_flags"] = *parsed->extended_flags;
  }
  document["initiator_address_type"] = bindings.fields().initiator_address_type;
  AddPart(document, "initiator_address", bindings.fields().initiator_address);
  document["acceptor_address_type"] = bindings.fields().acceptor_address_type;
  AddPart(document, "acceptor_address", bindings.fields().acceptor_address);
  document["type"] = ChannelBindingTypeName(bindings.type());
  AddPart(document, "application_data", bindings.fields().application_data);
  document["token"] = EncodeHex(bindings.token().octets);
  return decoded;
}

}  // namespace

void AddFault(const std::optional<TokenFault>& fault, DecodedToken& decoded) {
  if (fault.has_value()) {
    decoded.malformed = true;
    decoded.document["error"] = {{"offset", fault->offset}, {"reason", fault->reason}};
  }
}

std::optional<DecodedToken> DecodeMechanismToken(std::span<const uint8_t> token,
                                                 const DecodeOptions& options, int depth) {
  if (LooksLikeNtlm(token)) {
    return DecodeNtlm(token);
  }
  if (LooksLikeKerberos(token)) {
    return DecodeKerberos(token, options);
  }
  if (LooksLikeSpnego(token)) {
    return DecodeSpnego(token, options, depth);
  }
  return std::nullopt;
}

DecodedToken DecodeToken(std::span<const uint8_t> token, const DecodeOptions& options) {
  if (std::optional<DecodedToken> decoded = DecodeMechanismToken(token, options, kMaxDepth)) {
    return *std::move(decoded);
  }
  if (LooksLikeSmb2(token)) {
    return DecodeSmb2(token, options, kMaxDepth);
  }
  if (LooksLikeChannelBindings(token)) {
    return DecodeChannelBindings(token);
  }
  return Malformed("unknown", 0,
                   "neither NTLM, SPNEGO, Kerberos for GSS-API, SMB2 nor SEC_CHANNEL_BINDINGS");
}

}  // namespace epa::tool
