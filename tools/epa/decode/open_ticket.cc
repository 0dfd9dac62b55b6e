#include "tools/epa/decode/open_ticket.h"

#include <krb5/krb5.h>

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/secret.h"
#include "lib/asn1/der_reader.h"
#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/service_keys.h"
#include "tools/epa/common/input_file.h"

namespace epa::tool {
namespace {

using asn1::ContextTag;

constexpr int64_t kAuthDataIfRelevant = 1;  // RFC 4120 5.2.6.1

// No value where the key is another.
std::optional<SecretBytes> Unseal(krb5_context context, const krb5_keyblock& key,
                                  krb5_keyusage usage, const SealedPart& sealed) {
  if (key.enctype != sealed.type.value_or(0)) {
    return std::nullopt;
  }
  krb5_enc_data input = {};
  input.enctype = key.enctype;
  input.ciphertext = kerberos::ViewOf(sealed.cipher);
  SecretBytes plain(sealed.cipher.size());
  krb5_data output = kerberos::ViewOf(plain.Expose());
  if (krb5_c_decrypt(context, &key, usage, nullptr, &input, &output) != 0) {
    return std::nullopt;
  }
  return SecretBytes(plain.Expose().first(output.length));
}

absl::StatusOr<SecretBytes> UnsealWithKeytab(krb5_context context, const std::string& path,
                                             const SealedPart& sealed) {
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(path, kerberos::kMaxKeytabSize));
  EPA_ASSIGN_OR_RETURN(const auto keys,
                       kerberos::ServiceKeys::Read(context, content.Expose(), path));
  for (const krb5_keytab_entry& entry : keys->entries()) {
    auto plain = Unseal(context, entry.key, KRB5_KEYUSAGE_KDC_REP_TICKET, sealed);
    if (plain.has_value()) {
      return *std::move(plain);
    }
  }
  return absl::NotFoundError("no key in " + path + " opens the ticket");
}

// [APPLICATION number] { SEQUENCE }, as both sealed parts are.
std::optional<DerWalk> Members(std::span<const uint8_t> plain, uint8_t number,
                               std::optional<TokenFault>& fault) {
  DerWalk walk(plain, 0, fault);
  const auto message = walk.Expect(asn1::ApplicationTag(number), "a sealed part");
  const auto sequence =
      message.has_value() ? walk.Unwrap(*message, asn1::kSequence, "a sealed part") : std::nullopt;
  return sequence.has_value() ? std::optional(walk.Into(*sequence)) : std::nullopt;
}

// EncryptionKey (RFC 4120 5.2.9) of an EncTicketPart (5.3); lies in `plain`.
std::optional<krb5_keyblock> SessionKeyIn(std::span<const uint8_t> plain) {
  std::optional<TokenFault> fault;
  auto members = Members(plain, 3, fault);
  if (!members.has_value()) {
    return std::nullopt;
  }
  (void)members->Expect(ContextTag(0), "flags");
  const auto wrapped = members->Expect(ContextTag(1), "key");
  const auto sequence =
      wrapped.has_value() ? members->Unwrap(*wrapped, asn1::kSequence, "key") : std::nullopt;
  if (!sequence.has_value()) {
    return std::nullopt;
  }
  DerWalk parts = members->Into(*sequence);
  const auto type = parts.Expect(ContextTag(0), "keytype");
  const auto value = parts.Expect(ContextTag(1), "keyvalue");
  if (!type.has_value() || !value.has_value()) {
    return std::nullopt;
  }
  const auto number = ReadNumber(parts, *type, "keytype");
  const auto octets = parts.Unwrap(*value, asn1::kOctetString, "keyvalue");
  if (!number.has_value() || !octets.has_value()) {
    return std::nullopt;
  }
  krb5_keyblock key = {};
  key.enctype = static_cast<krb5_enctype>(*number);
  key.length = static_cast<unsigned int>(octets->content.size());
  key.contents = const_cast<uint8_t*>(octets->content.data());
  return key;
}

// Number and octets of a Checksum or of one entry of AuthorizationData.
struct Typed {
  int64_t type = 0;
  std::span<const uint8_t> octets;
};
std::optional<Typed> ReadTyped(const DerWalk& walk, const DerNode& sequence) {
  DerWalk parts = walk.Into(sequence);
  const auto type = parts.Expect(ContextTag(0), "a type");
  const auto value = parts.Expect(ContextTag(1), "a value");
  if (!type.has_value() || !value.has_value()) {
    return std::nullopt;
  }
  const auto number = ReadNumber(parts, *type, "a type");
  const auto octets = parts.Unwrap(*value, asn1::kOctetString, "a value");
  if (!number.has_value() || !octets.has_value()) {
    return std::nullopt;
  }
  return Typed{*number, octets->content};
}

void AddChecksum(const DerWalk& walk, const DerNode& field, Json& document) {
  const auto sequence = walk.Unwrap(field, asn1::kSequence, "the checksum");
  const auto checksum = sequence.has_value() ? ReadTyped(walk, *sequence) : std::nullopt;
  if (!checksum.has_value()) {
    return;
  }
  document["checksum_type"] = checksum->type;
  const auto gss = kerberos::ReadGssChecksum(checksum->octets);
  if (checksum->type == kerberos::kGssChecksumType && gss.ok()) {
    document["bindings"] = EncodeHex(gss->binding.octets);
    document["gss_flags"] = HexNumber(gss->flags);
  }
}

// AuthorizationData, with what AD-IF-RELEVANT holds one level down.
void AddAuthorizationData(const DerWalk& walk, const DerNode& list, bool nested, Json& document) {
  DerWalk entries = walk.Into(list);
  while (const std::optional<DerNode> node = entries.Next()) {
    const auto entry = ReadTyped(entries, *node);
    if (!entry.has_value()) {
      return;
    }
    ByteReader reader(entry->octets);
    uint32_t bits = 0;
    if (entry->type == kAuthDataIfRelevant && !nested) {
      std::optional<TokenFault> fault;
      DerWalk inner(entry->octets, 0, fault);
      if (const auto inner_list = inner.Expect(asn1::kSequence, "authorization data")) {
        AddAuthorizationData(inner, *inner_list, true, document);
      }
    } else if (entry->type == kerberos::kAuthDataApOptions && reader.ReadU32(bits)) {
      document["kerb_ap_options"] = HexNumber(bits);
    } else if (entry->type == kerberos::kAuthDataClientTarget) {
      AddText(document, "client_target", Utf16LeToUtf8(entry->octets));
    }
  }
}

// RFC 4120 5.5.1.
void AddAuthenticator(std::span<const uint8_t> plain, Json& document) {
  std::optional<TokenFault> fault;
  auto members = Members(plain, 2, fault);
  std::optional<std::string> realm;
  std::optional<std::string> name;
  while (members.has_value()) {
    const std::optional<DerNode> member = members->Next();
    if (!member.has_value()) {
      break;
    }
    if (member->tag == ContextTag(1)) {
      realm = ReadText(*members, *member, "crealm");
    } else if (member->tag == ContextTag(2)) {
      name = ReadName(*members, *member);
    } else if (member->tag == ContextTag(3)) {
      AddChecksum(*members, *member, document);
    } else if (member->tag == ContextTag(5)) {
      AddText(document, "client_time", ReadTime(*members, *member));
    } else if (member->tag == ContextTag(8)) {
      if (const auto list = members->Unwrap(*member, asn1::kSequence, "authorization data")) {
        AddAuthorizationData(*members, *list, false, document);
      }
    }
  }
  if (realm.has_value() && name.has_value()) {
    document["client"] = *name + "@" + *realm;
  }
}

}  // namespace

absl::Status OpenTicket(const SealedRequest& request, const std::string& keytab_path,
                        Json& document) {
  EPA_ASSIGN_OR_RETURN(const auto pool,
                       kerberos::ContextPool::Create({.path = {}, .contents = "[libdefaults]\n"},
                                                     /*allow_weak_encryption=*/true, nullptr));
  EPA_ASSIGN_OR_RETURN(const auto lease, pool->Acquire());
  EPA_ASSIGN_OR_RETURN(const SecretBytes ticket,
                       UnsealWithKeytab(lease.context(), keytab_path, request.ticket));
  const auto session_key = SessionKeyIn(ticket.Expose());
  const auto authenticator =
      session_key.has_value()
          ? Unseal(lease.context(), *session_key, KRB5_KEYUSAGE_AP_REQ_AUTH, request.authenticator)
          : std::nullopt;
  if (!authenticator.has_value()) {
    return absl::DataLossError("the ticket's key does not open the authenticator");
  }
  AddAuthenticator(authenticator->Expose(), document);
  return absl::OkStatus();
}

}  // namespace epa::tool
