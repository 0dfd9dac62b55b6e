#include "providers/kerberos/request_opener.h"

#include <algorithm>
#include <utility>

#include "lib/base/byte_reader.h"
#include "providers/kerberos/authorization_data.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {
namespace {

// RFC 4120 7.5.1.
constexpr uint8_t kTicketUsage = 2;
constexpr uint8_t kAuthenticatorUsage = 11;
// KERB_NON_KERB_CKSUM_SALT, [MS-PAC] 2.8.
constexpr uint8_t kPacUsage = 17;

bool IsNamed(const krb5_principal_data& principal, const TicketNames& names) {
  return TextViewOf(principal.realm) == names.realm &&
         std::ranges::equal(std::span(principal.data, static_cast<size_t>(principal.length)),
                            names.service(), {}, TextViewOf);
}

// krb5_rd_req looks at the realms on the way unless the KDC has.
bool IsTransitTrusted(const krb5_enc_tkt_part& ticket) {
  return (ticket.flags & TKT_FLG_TRANSIT_POLICY_CHECKED) != 0 ||
         ticket.transited.tr_contents.length == 0;
}

// Its containers, that is, which libkrb5 opens as well.
bool IsWellFormed(const krb5_authdata* const* list) {
  return VisitAuthorizationData(list, [](int32_t, std::span<const uint8_t>) { return true; });
}

}  // namespace

AesSeal& TicketKey::seal() {
  if (!seal_.has_value()) {
    seal_.emplace(profile_, OctetsOf(entry_.key), kTicketUsage, AesSeal::Direction::kDecrypt);
  }
  return *seal_;
}

bool TicketKey::HasSigned(std::span<const uint8_t> octets, std::span<const uint8_t> signature) {
  ByteReader reader(signature);
  uint32_t type = 0;
  if (!reader.ReadU32(type) || static_cast<krb5_cksumtype>(type) != profile_.checksum_type ||
      reader.rest().size() != profile_.code_size) {
    return false;
  }
  if (!signatures_.has_value()) {
    signatures_.emplace(
        profile_.digest,
        profile_.Derive(OctetsOf(entry_.key), kPacUsage, KeyPurpose::kChecksum).Expose());
  }
  return signatures_->Verify({octets}, reader.rest());
}

RequestOpener::RequestOpener(krb5_context context, std::span<const krb5_keytab_entry> entries)
    : context_(context) {
  krb5_enctype* permitted = nullptr;
  if (krb5_get_permitted_enctypes(context, &permitted) == 0) {
    for (const krb5_enctype* type = permitted; *type != ENCTYPE_NULL; ++type) {
      permitted_.push_back(*type);
    }
    krb5_free_enctypes(context, permitted);
  }
  for (const krb5_keytab_entry& entry : entries) {
    const AesProfile* const profile = FindAesProfile(entry.key);
    if (profile != nullptr && IsPermitted(profile->type)) {
      keys_.emplace_back(entry, *profile);
    }
  }
}

bool RequestOpener::IsPermitted(krb5_enctype type) const {
  return std::ranges::find(permitted_, type) != permitted_.end();
}

bool RequestOpener::Open(std::span<const uint8_t> message, const TicketNames& names,
                         OpenedRequest& out) {
  RequestFields fields;
  if (!ReadRequestFields(message, fields) || (fields.options & AP_OPTS_USE_SESSION_KEY) != 0) {
    return false;
  }
  KnownTicket* const ticket = OpenTicket(names, fields);
  if (ticket == nullptr || !OpenAuthenticator(*ticket, fields, out)) {
    return false;
  }
  out.options = fields.options;
  out.ticket = ticket;
  return true;
}

TicketKey* RequestOpener::FindKey(const TicketNames& names, const RequestFields& fields) {
  const auto found = std::ranges::find_if(keys_, [&](const TicketKey& key) {
    return key.entry().key.enctype == fields.ticket.encryption_type &&
           key.entry().vno == fields.ticket_version && IsNamed(*key.entry().principal, names);
  });
  return found != keys_.end() ? &*found : nullptr;
}

RequestOpener::KnownTicket* RequestOpener::OpenTicket(const TicketNames& names,
                                                      const RequestFields& fields) {
  TicketKey* const key = FindKey(names, fields);
  if (key == nullptr) {
    return nullptr;
  }
  KnownTicket* ticket = FindKnown(*key, fields.ticket.cipher);
  if (ticket == nullptr) {
    ticket = OpenNew(*key, fields);
  }
  return ticket != nullptr && IsValidNow(ticket->fields.part) ? ticket : nullptr;
}

RequestOpener::KnownTicket* RequestOpener::FindKnown(const TicketKey& key,
                                                     std::span<const uint8_t> cipher) {
  for (const auto& ticket : known_) {
    if (ticket != nullptr && ticket->key == &key && std::ranges::equal(ticket->cipher, cipher)) {
      return ticket.get();
    }
  }
  return nullptr;
}

RequestOpener::KnownTicket* RequestOpener::OpenNew(TicketKey& key, const RequestFields& fields) {
  auto opened = std::make_unique<KnownTicket>();
  opened->text = SecretBytes(fields.ticket.cipher);
  const auto text = key.seal().Open(opened->text.ExposeMutable());
  TicketFields& read = opened->fields;
  if (!text.has_value() || !ReadTicketPart(*text, read) ||
      !IsWellFormed(read.part.authorization_data)) {
    return nullptr;
  }
  const AesProfile* const profile = FindAesProfile(read.session);
  if (profile == nullptr || !IsPermitted(profile->type)) {
    return nullptr;
  }
  opened->key = &key;
  opened->cipher.assign(fields.ticket.cipher.begin(), fields.ticket.cipher.end());
  opened->ticket.server = key.entry().principal;
  opened->ticket.enc_part.enctype = fields.ticket.encryption_type;
  opened->ticket.enc_part.kvno = fields.ticket_version;
  opened->ticket.enc_part2 = &read.part;
  return Keep(std::move(opened), *profile);
}

RequestOpener::KnownTicket* RequestOpener::Keep(std::unique_ptr<KnownTicket> ticket,
                                                const AesProfile& session_profile) {
  std::unique_ptr<KnownTicket>& place = known_[oldest_++ % known_.size()];
  const std::span<const uint8_t> key = OctetsOf(ticket->fields.session);
  if (place != nullptr && place->session_profile == &session_profile) {
    ticket->session.emplace(*std::move(place->session));
    ticket->session->ChangeKey(key);
  } else {
    ticket->session.emplace(session_profile, key, kAuthenticatorUsage,
                            AesSeal::Direction::kDecrypt);
  }
  ticket->session_profile = &session_profile;
  place = std::move(ticket);
  return place.get();
}

// Where a clock that is a bit off might decide, libkrb5 does.
bool RequestOpener::IsValidNow(const krb5_enc_tkt_part& ticket) const {
  krb5_timestamp time = 0;
  if ((ticket.flags & TKT_FLG_INVALID) != 0 || !IsTransitTrusted(ticket) ||
      krb5_timeofday(context_, &time) != 0) {
    return false;
  }
  const auto now = static_cast<uint32_t>(time);
  const krb5_ticket_times& times = ticket.times;
  const krb5_timestamp start = times.starttime != 0 ? times.starttime : times.authtime;
  return static_cast<uint32_t>(start) <= now && now < static_cast<uint32_t>(times.endtime);
}

bool RequestOpener::OpenAuthenticator(KnownTicket& ticket, const RequestFields& fields,
                                      OpenedRequest& out) {
  if (fields.authenticator.encryption_type != ticket.session_profile->type) {
    return false;
  }
  out.authenticator_text = SecretBytes(fields.authenticator.cipher);
  const auto text = ticket.session->Open(out.authenticator_text.ExposeMutable());
  AuthenticatorFields& read = out.authenticator;
  return text.has_value() && ReadAuthenticator(*text, read) &&
         krb5_principal_compare(context_, &read.client.principal,
                                &ticket.fields.client.principal) &&
         (read.authenticator.subkey == nullptr || IsPermitted(read.subkey.enctype));
}

}  // namespace epa::kerberos
