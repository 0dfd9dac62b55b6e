#include "providers/kerberos/gss_framing.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/status/status.h"
#include "epa/kerberos/kerberos.h"
#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"

namespace epa::kerberos {
namespace {

// InitialContextToken, RFC 2743 3.1.
constexpr uint8_t kInitialContextToken = asn1::ApplicationTag(0);

struct KindRow {
  MessageKind kind;
  std::array<uint8_t, 2> token_id;  // RFC 4121 4.1
  uint8_t tag;                      // RFC 4120 5.10
};
constexpr std::array<KindRow, 3> kKinds = {{
    {MessageKind::kApReq, {0x01, 0x00}, 0x6E},
    {MessageKind::kApRep, {0x02, 0x00}, 0x6F},
    {MessageKind::kError, {0x03, 0x00}, 0x7E},
}};

const std::vector<uint8_t>& OidOf(Frame frame) {
  return KerberosPackageInfo().mechanism_oids[frame == Frame::kMicrosoft ? 1 : 0];
}

std::optional<Frame> FrameOf(std::span<const uint8_t> oid_content) {
  for (const Frame frame : {Frame::kKerberos, Frame::kMicrosoft}) {
    asn1::DerElement oid;
    if (asn1::DerReader(OidOf(frame)).Read(oid) && std::ranges::equal(oid_content, oid.content)) {
      return frame;
    }
  }
  return std::nullopt;
}

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(std::string(what));
}

// KerberosString, RFC 4120 5.2.1: a NUL would cut it short for whoever reads C strings.
bool ReadKerberosString(std::span<const uint8_t> octets, std::string_view& text) {
  text = {reinterpret_cast<const char*>(octets.data()), octets.size()};
  return text.find('\0') == std::string_view::npos;
}

// PrincipalName, RFC 4120 5.2.2.
bool ReadPrincipalName(std::span<const uint8_t> octets, TicketNames& names) {
  asn1::DerReader name(octets);
  std::span<const uint8_t> type, wrapped, strings;
  if (!name.ReadTag(asn1::ContextTag(0), type) || !name.ReadTag(asn1::ContextTag(1), wrapped) ||
      !name.at_end() || !asn1::ReadOnlyElement(wrapped, asn1::kSequence, strings)) {
    return false;
  }
  asn1::DerReader reader(strings);
  while (!reader.at_end() && names.count < names.components.size()) {
    std::span<const uint8_t> component;
    if (!reader.ReadTag(asn1::kGeneralString, component) ||
        !ReadKerberosString(component, names.components[names.count++])) {
      return false;
    }
  }
  return reader.at_end() && names.count != 0;
}

// The content of the ticket in an AP-REQ (RFC 4120 5.5.1).
absl::Status ReadTicketFields(std::span<const uint8_t> ap_req, std::span<const uint8_t>& out) {
  std::span<const uint8_t> request, fields, ignored, ticket;
  if (!asn1::ReadOnlyElement(ap_req, asn1::ApplicationTag(14), request) ||
      !asn1::ReadOnlyElement(request, asn1::kSequence, fields)) {
    return Malformed("the AP-REQ is not one DER element");
  }
  asn1::DerReader reader(fields);
  if (!reader.ReadField(0, asn1::kInteger, ignored) ||
      !reader.ReadField(1, asn1::kInteger, ignored) ||
      !reader.ReadField(2, asn1::kBitString, ignored) ||
      !reader.ReadField(3, asn1::ApplicationTag(1), ticket) ||
      !asn1::ReadOnlyElement(ticket, asn1::kSequence, out)) {
    return Malformed("the AP-REQ lacks a field");
  }
  return absl::OkStatus();
}

// Version, realm and service of a ticket (RFC 4120 5.3).
bool ReadTicketHead(asn1::DerReader& reader, std::span<const uint8_t>& realm,
                    std::span<const uint8_t>& service) {
  std::span<const uint8_t> version;
  return reader.ReadField(0, asn1::kInteger, version) &&
         reader.ReadField(1, asn1::kGeneralString, realm) &&
         reader.ReadField(2, asn1::kSequence, service);
}

}  // namespace

absl::StatusOr<FramedMessage> ReadFramedMessage(std::span<const uint8_t> token) {
  FramedMessage framed;
  std::span<const uint8_t> message = token;
  std::optional<std::array<uint8_t, 2>> token_id;
  if (!token.empty() && token.front() == kInitialContextToken) {
    std::span<const uint8_t> content;
    asn1::DerElement oid;
    if (!asn1::ReadOnlyElement(token, kInitialContextToken, content)) {
      return Malformed("offset 0: the frame's length is not the token's");
    }
    asn1::DerReader reader(content);
    if (!reader.Read(oid) || oid.tag != asn1::kObjectIdentifier) {
      return Malformed("the frame names no mechanism");
    }
    const auto frame = FrameOf(oid.content);
    if (!frame.has_value()) {
      return Malformed("the frame names another mechanism");
    }
    framed.frame = *frame;
    ByteReader rest(content.subspan(oid.encoded.size()));
    std::array<uint8_t, 2> id{};
    if (!rest.ReadArray(std::span<uint8_t, 2>(id))) {
      return Malformed("the frame ends before its token identifier");
    }
    token_id = id;
    message = rest.rest();
  } else {
    framed.frame = Frame::kNone;
  }
  for (const KindRow& row : kKinds) {
    if (!message.empty() && message.front() == row.tag &&
        (!token_id.has_value() || *token_id == row.token_id)) {
      framed.kind = row.kind;
      framed.message = message;
      return framed;
    }
  }
  return Malformed("not a Kerberos message of a login");
}

std::vector<uint8_t> WriteFramedMessage(Frame frame, MessageKind kind,
                                        std::span<const uint8_t> message) {
  if (frame == Frame::kNone) {
    return {message.begin(), message.end()};
  }
  const std::vector<uint8_t>& oid = OidOf(frame);
  std::vector<uint8_t> content;
  content.reserve(oid.size() + 2 + message.size());
  content.insert(content.end(), oid.begin(), oid.end());
  const auto row = std::ranges::find(kKinds, kind, &KindRow::kind);
  content.insert(content.end(), row->token_id.begin(), row->token_id.end());
  content.insert(content.end(), message.begin(), message.end());
  return asn1::Element(kInitialContextToken, content);
}

bool LooksLikeKerberos(std::span<const uint8_t> token) {
  const auto framed = ReadFramedMessage(token);
  return framed.ok() && framed->kind == MessageKind::kApReq;
}

absl::StatusOr<TicketNames> ReadTicketNames(std::span<const uint8_t> ap_req) {
  std::span<const uint8_t> fields, realm, service;
  EPA_RETURN_IF_ERROR(ReadTicketFields(ap_req, fields));
  asn1::DerReader reader(fields);
  TicketNames names;
  if (!ReadTicketHead(reader, realm, service) || !ReadKerberosString(realm, names.realm) ||
      !ReadPrincipalName(service, names)) {
    return Malformed("the ticket's names are malformed");
  }
  return names;
}

absl::StatusOr<SealedTicket> ReadSealedTicket(std::span<const uint8_t> ap_req) {
  std::span<const uint8_t> fields, ignored, sealed, type;
  EPA_RETURN_IF_ERROR(ReadTicketFields(ap_req, fields));
  asn1::DerReader reader(fields);
  SealedTicket ticket;
  if (!ReadTicketHead(reader, ignored, ignored) || !reader.ReadField(3, asn1::kSequence, sealed)) {
    return Malformed("the ticket lacks a field");
  }
  // EncryptedData, RFC 4120 5.2.9.
  asn1::DerReader data(sealed);
  std::optional<std::span<const uint8_t>> version;
  if (!data.ReadField(0, asn1::kInteger, type) || !asn1::ReadInt32(type, ticket.encryption_type) ||
      !data.ReadOptionalTag(asn1::ContextTag(1), version) ||
      !data.ReadField(2, asn1::kOctetString, ticket.cipher)) {
    return Malformed("the ticket's encrypted part is malformed");
  }
  return ticket;
}

}  // namespace epa::kerberos
