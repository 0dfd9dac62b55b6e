#include "providers/kerberos/request_fields.h"

#include <chrono>
#include <optional>

#include "lib/asn1/der_reader.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {
namespace {

using asn1::DerReader;
using Octets = std::span<const uint8_t>;
using OptionalOctets = std::optional<Octets>;

constexpr uint8_t kGeneralizedTime = 0x18;
constexpr int32_t kVersion5 = 5;
constexpr int32_t kApReqType = 14;

krb5_octet* Contents(Octets octets) { return const_cast<krb5_octet*>(octets.data()); }

bool ReadNumber(Octets content, int32_t& out) { return asn1::ReadInt32(content, out); }

// KerberosFlags, RFC 4120 5.2.8: at least 32 bits, of which the first 32 count.
bool ReadFlags(Octets content, krb5_flags& out) {
  constexpr size_t kSize = 5;
  if (content.size() != kSize || content.front() != 0) {
    return false;
  }
  uint32_t bits = 0;
  for (const uint8_t octet : content.subspan(1)) {
    bits = bits << 8 | octet;
  }
  out = static_cast<krb5_flags>(bits);
  return true;
}

// KerberosTime, RFC 4120 5.2.3: "19850613210627Z".
bool ReadTime(Octets content, krb5_timestamp& out) {
  constexpr size_t kSize = 15;
  if (content.size() != kSize || content.back() != 'Z') {
    return false;
  }
  std::array<int, 7> pairs{};
  for (size_t i = 0; i < kSize - 1; ++i) {
    if (content[i] < '0' || content[i] > '9') {
      return false;
    }
    pairs[i / 2] = 10 * pairs[i / 2] + (content[i] - '0');
  }
  const auto [century, year, month, day, hour, minute, second] = pairs;
  const std::chrono::year_month_day date(std::chrono::year(100 * century + year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  const std::chrono::seconds time = std::chrono::sys_days(date).time_since_epoch() +
                                    std::chrono::hours(hour) + std::chrono::minutes(minute) +
                                    std::chrono::seconds(second);
  // libkrb5 has times until 2106 in 32 bits.
  if (time.count() < 0 || time.count() > UINT32_MAX) {
    return false;
  }
  out = static_cast<krb5_timestamp>(static_cast<uint32_t>(time.count()));
  return true;
}

// Realm and PrincipalName, RFC 4120 5.2.2.
bool ReadPrincipal(Octets realm, Octets name, PrincipalFields& out) {
  Octets type, components;
  DerReader fields(name);
  if (!fields.ReadField(0, asn1::kInteger, type) || !ReadNumber(type, out.principal.type) ||
      !fields.ReadField(1, asn1::kSequence, components) || !fields.at_end()) {
    return false;
  }
  DerReader reader(components);
  size_t count = 0;
  for (Octets component; !reader.at_end(); out.components[count++] = ViewOf(component)) {
    if (count == out.components.size() || !reader.ReadTag(asn1::kGeneralString, component)) {
      return false;
    }
  }
  out.principal.realm = ViewOf(realm);
  out.principal.data = out.components.data();
  out.principal.length = static_cast<krb5_int32>(count);
  return count != 0;
}

// A number and octets: EncryptionKey, Checksum (RFC 4120 5.2.9), an element of AuthorizationData.
bool ReadPair(Octets content, int32_t& number, Octets& octets) {
  Octets type;
  DerReader fields(content);
  return fields.ReadField(0, asn1::kInteger, type) && ReadNumber(type, number) &&
         fields.ReadField(1, asn1::kOctetString, octets) && fields.at_end();
}

bool ReadKey(Octets content, krb5_keyblock& out) {
  Octets octets;
  if (!ReadPair(content, out.enctype, octets)) {
    return false;
  }
  out.length = static_cast<unsigned int>(octets.size());
  out.contents = Contents(octets);
  return true;
}

bool ReadChecksumField(Octets content, krb5_checksum& out) {
  Octets octets;
  if (!ReadPair(content, out.checksum_type, octets)) {
    return false;
  }
  out.length = static_cast<unsigned int>(octets.size());
  out.contents = Contents(octets);
  return true;
}

// AuthorizationData, RFC 4120 5.2.6.
bool ReadAuthorization(Octets content, AuthorizationFields& out) {
  DerReader reader(content);
  size_t count = 0;
  for (Octets element, octets; !reader.at_end(); ++count) {
    if (count == out.elements.size() || !reader.ReadTag(asn1::kSequence, element)) {
      return false;
    }
    krb5_authdata& data = out.elements[count];
    if (!ReadPair(element, data.ad_type, octets)) {
      return false;
    }
    data.length = static_cast<unsigned int>(octets.size());
    data.contents = Contents(octets);
    out.list[count] = &data;
  }
  return true;
}

// A field that may be absent: no value then, and false only where something else is in its place.
bool ReadOptionalField(DerReader& reader, uint8_t number, uint8_t tag, OptionalOctets& content) {
  content.reset();
  if (reader.PeekTag() != asn1::ContextTag(number)) {
    return true;
  }
  return reader.ReadField(number, tag, content.emplace());
}

bool ReadOptionalTime(DerReader& reader, uint8_t number, krb5_timestamp& out) {
  OptionalOctets content;
  return ReadOptionalField(reader, number, kGeneralizedTime, content) &&
         (!content.has_value() || ReadTime(*content, out));
}

bool ReadOptionalAuthorization(DerReader& reader, uint8_t number, AuthorizationFields& fields,
                               krb5_authdata**& out) {
  OptionalOctets content;
  if (!ReadOptionalField(reader, number, asn1::kSequence, content) ||
      (content.has_value() && !ReadAuthorization(*content, fields))) {
    return false;
  }
  out = content.has_value() ? fields.list.data() : nullptr;
  return true;
}

// EncryptedData, RFC 4120 5.2.9.
bool ReadSealed(Octets content, krb5_kvno& version, SealedTicket& out) {
  Octets type;
  OptionalOctets number;
  int32_t read = 0;
  DerReader fields(content);
  if (!fields.ReadField(0, asn1::kInteger, type) || !ReadNumber(type, out.encryption_type) ||
      !ReadOptionalField(fields, 1, asn1::kInteger, number) ||
      (number.has_value() && (!ReadNumber(*number, read) || read < 0)) ||
      !fields.ReadField(2, asn1::kOctetString, out.cipher) || !fields.at_end()) {
    return false;
  }
  version = static_cast<krb5_kvno>(read);
  return true;
}

bool ReadTicket(Octets content, RequestFields& out) {
  Octets fields, version, ignored, sealed;
  int32_t number = 0;
  if (!asn1::ReadOnlyElement(content, asn1::kSequence, fields)) {
    return false;
  }
  DerReader reader(fields);
  return reader.ReadField(0, asn1::kInteger, version) && ReadNumber(version, number) &&
         number == kVersion5 && reader.ReadField(1, asn1::kGeneralString, ignored) &&
         reader.ReadField(2, asn1::kSequence, ignored) &&
         reader.ReadField(3, asn1::kSequence, sealed) && reader.at_end() &&
         ReadSealed(sealed, out.ticket_version, out.ticket);
}

// The fields within the two elements around them.
bool ReadApplication(Octets octets, uint8_t number, Octets& fields) {
  Octets content;
  return asn1::ReadOnlyElement(octets, asn1::ApplicationTag(number), content) &&
         asn1::ReadOnlyElement(content, asn1::kSequence, fields);
}

// Transited encoding, times and addresses: [4] to [9] of an EncTicketPart.
bool ReadTicketMiddle(DerReader& reader, krb5_enc_tkt_part& out) {
  Octets transited, route, authenticated, end;
  OptionalOctets addresses;
  int32_t type = 0;
  if (!reader.ReadField(4, asn1::kSequence, transited) || !ReadPair(transited, type, route) ||
      !reader.ReadField(5, kGeneralizedTime, authenticated) ||
      !ReadTime(authenticated, out.times.authtime) ||
      !ReadOptionalTime(reader, 6, out.times.starttime) ||
      !reader.ReadField(7, kGeneralizedTime, end) || !ReadTime(end, out.times.endtime) ||
      !ReadOptionalTime(reader, 8, out.times.renew_till) ||
      !ReadOptionalField(reader, 9, asn1::kSequence, addresses)) {
    return false;
  }
  out.transited.tr_type = static_cast<krb5_octet>(type);
  out.transited.tr_contents = ViewOf(route);
  return true;
}

}  // namespace

bool ReadRequestFields(Octets ap_req, RequestFields& out) {
  Octets fields, version, type, options, ticket, authenticator;
  int32_t number = 0;
  krb5_kvno ignored = 0;
  if (!ReadApplication(ap_req, 14, fields)) {
    return false;
  }
  DerReader reader(fields);
  return reader.ReadField(0, asn1::kInteger, version) && ReadNumber(version, number) &&
         number == kVersion5 && reader.ReadField(1, asn1::kInteger, type) &&
         ReadNumber(type, number) && number == kApReqType &&
         reader.ReadField(2, asn1::kBitString, options) && ReadFlags(options, out.options) &&
         reader.ReadField(3, asn1::ApplicationTag(1), ticket) && ReadTicket(ticket, out) &&
         reader.ReadField(4, asn1::kSequence, authenticator) && reader.at_end() &&
         ReadSealed(authenticator, ignored, out.authenticator);
}

bool ReadTicketPart(Octets text, TicketFields& out) {
  Octets fields, flags, key, realm, name;
  if (!ReadApplication(text, 3, fields)) {
    return false;
  }
  DerReader reader(fields);
  if (!reader.ReadField(0, asn1::kBitString, flags) || !ReadFlags(flags, out.part.flags) ||
      !reader.ReadField(1, asn1::kSequence, key) || !ReadKey(key, out.session) ||
      !reader.ReadField(2, asn1::kGeneralString, realm) ||
      !reader.ReadField(3, asn1::kSequence, name) || !ReadPrincipal(realm, name, out.client) ||
      !ReadTicketMiddle(reader, out.part) ||
      !ReadOptionalAuthorization(reader, 10, out.authorization, out.part.authorization_data)) {
    return false;
  }
  out.part.session = &out.session;
  out.part.client = &out.client.principal;
  return reader.at_end();
}

bool ReadAuthenticator(Octets text, AuthenticatorFields& out) {
  Octets fields, version, realm, name, microseconds, time;
  OptionalOctets checksum, subkey, sequence;
  int32_t number = 0;
  if (!ReadApplication(text, 2, fields)) {
    return false;
  }
  DerReader reader(fields);
  krb5_authenticator& made = out.authenticator;
  if (!reader.ReadField(0, asn1::kInteger, version) || !ReadNumber(version, number) ||
      number != kVersion5 || !reader.ReadField(1, asn1::kGeneralString, realm) ||
      !reader.ReadField(2, asn1::kSequence, name) || !ReadPrincipal(realm, name, out.client) ||
      !ReadOptionalField(reader, 3, asn1::kSequence, checksum) ||
      (checksum.has_value() && !ReadChecksumField(*checksum, out.checksum)) ||
      !reader.ReadField(4, asn1::kInteger, microseconds) || !ReadNumber(microseconds, made.cusec) ||
      !reader.ReadField(5, kGeneralizedTime, time) || !ReadTime(time, made.ctime) ||
      !ReadOptionalField(reader, 6, asn1::kSequence, subkey) ||
      (subkey.has_value() && !ReadKey(*subkey, out.subkey)) ||
      !ReadOptionalField(reader, 7, asn1::kInteger, sequence) ||
      !ReadOptionalAuthorization(reader, 8, out.authorization, made.authorization_data)) {
    return false;
  }
  made.client = &out.client.principal;
  made.checksum = checksum.has_value() ? &out.checksum : nullptr;
  made.subkey = subkey.has_value() ? &out.subkey : nullptr;
  return reader.at_end();
}

}  // namespace epa::kerberos
