#include "providers/kerberos/ap_request.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/crypto/digest.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/authorization_data.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/key_sieve.h"

namespace epa::kerberos {
namespace {

// A principal made of views, for look-ups; of a type that libkrb5 does not canonicalise.
class ViewedPrincipal {
 public:
  explicit ViewedPrincipal(const TicketNames& names) {
    const auto service = names.service();
    std::ranges::transform(service, components_.begin(), ViewOfText);
    principal_.realm = ViewOfText(names.realm);
    principal_.data = components_.data();
    principal_.length = static_cast<krb5_int32>(service.size());
    principal_.type = KRB5_NT_SRV_INST;
  }
  ViewedPrincipal(const ViewedPrincipal&) = delete;
  ViewedPrincipal& operator=(const ViewedPrincipal&) = delete;

  krb5_const_principal get() const { return &principal_; }

 private:
  std::array<krb5_data, std::tuple_size_v<decltype(TicketNames::components)>> components_ = {};
  krb5_principal_data principal_ = {};
};

krb5_error_code TryKey(krb5_context context, krb5_keytab keytab, std::span<const uint8_t> message,
                       krb5_const_principal server, bool shared_replay_cache, ApRequest& out) {
  krb5_error_code code = krb5_auth_con_init(context, out.auth.out());
  if (code != 0) {
    return code;
  }
  // libkrb5 stores the authenticator in its replay cache where times are checked.
  krb5_auth_con_setflags(context, out.auth.get(),
                         shared_replay_cache ? KRB5_AUTH_CONTEXT_DO_TIME : 0);
  const krb5_data data = ViewOf(message);
  krb5_auth_context auth = out.auth.get();
  return krb5_rd_req(context, &auth, &data, server, keytab, &out.options,
                     out.ticket_of_libkrb5.out());
}

bool IsUnknownName(krb5_error_code code) {
  return code == KRB5_KT_NOTFOUND || code == KRB5KRB_AP_ERR_NOKEY ||
         code == KRB5KRB_AP_ERR_NOT_US || code == KRB5KRB_AP_WRONG_PRINC;
}

// The name may be an alias, or spelled otherwise: any key may open the ticket. `code` is why the
// name's own did not.
krb5_error_code TryOtherKeys(Workspace& workspace, std::span<const uint8_t> message,
                             bool shared_replay_cache, krb5_error_code code, ApRequest& out) {
  const auto ticket = ReadSealedTicket(message);
  if (!ticket.ok()) {
    return ASN1_PARSE_ERROR;
  }
  if (workspace.sieve == nullptr) {
    workspace.sieve = std::make_unique<KeySieve>(workspace.keys->entries());
  }
  const std::vector<krb5_keytab_entry> candidates = workspace.sieve->KeysFor(*ticket);
  if (candidates.empty()) {
    return code;
  }
  const auto keytab = MakeKeytab(workspace.context, candidates);
  return keytab.ok()
             ? TryKey(workspace.context, keytab->get(), message, nullptr, shared_replay_cache, out)
             : ENOMEM;
}

// All others are checked with keys that only libkrb5 has then.
bool HasGssChecksum(const krb5_authenticator& authenticator) {
  return authenticator.checksum == nullptr ||
         authenticator.checksum->checksum_type == kGssChecksumType;
}

std::string WithoutRealm(const std::string& name) {
  const size_t at = name.rfind('@');
  return at == std::string::npos ? name : name.substr(0, at);
}

class ClaimsReader {
 public:
  bool ReadElement(int32_t type, std::span<const uint8_t> octets) {
    switch (type) {
      case kAuthDataApOptions:
        return !std::exchange(has_options_, true) && ReadOptions(octets);
      case kAuthDataClientTarget:
        return !claims_.target.has_value() && ReadTarget(octets);
      default:
        return true;
    }
  }
  ClientClaims claims() && { return std::move(claims_); }

 private:
  bool ReadOptions(std::span<const uint8_t> octets) {
    ByteReader reader(octets);
    uint32_t bits = 0;
    if (!reader.ReadU32(bits) || !reader.at_end()) {
      return false;
    }
    claims_.knows_bindings = (bits & kApOptionsBindings) != 0;
    claims_.target_unverified = (bits & kApOptionsUnverifiedTarget) != 0;
    return true;
  }

  bool ReadTarget(std::span<const uint8_t> octets) {
    auto text = Utf16LeToUtf8(octets);
    if (octets.empty() || !text.has_value() || text->find('\0') != std::string::npos) {
      return false;
    }
    claims_.target = WithoutRealm(*text);
    return true;
  }

  ClientClaims claims_;
  bool has_options_ = false;
};

}  // namespace

krb5_error_code CheckApRequest(Workspace& workspace, std::span<const uint8_t> message,
                               const TicketNames& names, bool shared_replay_cache, ApRequest& out) {
  krb5_context context = workspace.context;
  const ViewedPrincipal asked(names);
  krb5_error_code code =
      TryKey(context, workspace.keytab, message, asked.get(), shared_replay_cache, out);
  if (IsUnknownName(code)) {
    code = TryOtherKeys(workspace, message, shared_replay_cache, code, out);
  }
  if (code != 0) {
    return code;
  }
  code =
      krb5_auth_con_getauthenticator(context, out.auth.get(), out.authenticator_of_libkrb5.out());
  out.ticket = out.ticket_of_libkrb5.get();
  out.authenticator = out.authenticator_of_libkrb5.get();
  return code;
}

krb5_error_code InspectApRequest(Workspace& workspace, std::span<const uint8_t> message,
                                 const TicketNames& names, ApRequest& out) {
  if (workspace.opener == nullptr) {
    workspace.opener =
        std::make_unique<RequestOpener>(workspace.context, workspace.keys->entries());
  }
  auto opened = std::make_unique<OpenedRequest>();
  if (!workspace.opener->Open(message, names, *opened) ||
      !HasGssChecksum(opened->authenticator.authenticator)) {
    return CheckApRequest(workspace, message, names, /*shared_replay_cache=*/false, out);
  }
  out.ticket = &opened->ticket->ticket;
  out.authenticator = &opened->authenticator.authenticator;
  out.options = opened->options;
  out.opened = std::move(opened);
  return 0;
}

bool UsesWeakEncryption(const ApRequest& request) {
  const krb5_keyblock* const subkey = request.authenticator->subkey;
  return IsWeakEncryption(request.ticket->enc_part.enctype) ||
         IsWeakEncryption(request.ticket->enc_part2->session->enctype) ||
         (subkey != nullptr && IsWeakEncryption(subkey->enctype));
}

absl::StatusOr<InProcessReplayCache::Tag> ReplayTag(const ApRequest& request) {
  const krb5_authenticator& authenticator = *request.authenticator;
  ByteWriter writer(2048);
  // Sealed by the KDC, so each ticket has one form only.
  writer.WriteBytes(OctetsOf(request.ticket->enc_part.ciphertext));
  writer.WriteU32(static_cast<uint32_t>(authenticator.ctime));
  writer.WriteU32(static_cast<uint32_t>(authenticator.cusec));
  writer.WriteU32(static_cast<uint32_t>(authenticator.seq_number));
  if (authenticator.checksum != nullptr) {
    writer.WriteBytes({authenticator.checksum->contents, authenticator.checksum->length});
  }
  EPA_ASSIGN_OR_RETURN(const auto hash, crypto::Hash("SHA256", writer.written()));
  InProcessReplayCache::Tag tag;
  std::copy_n(hash.begin(), tag.size(), tag.begin());
  return tag;
}

bool ReadClaims(const ApRequest& request, ClientClaims& out) {
  ClaimsReader reader;
  if (!VisitAuthorizationData(request.authenticator->authorization_data,
                              [&](int32_t type, std::span<const uint8_t> octets) {
                                return reader.ReadElement(type, octets);
                              })) {
    return false;
  }
  out = std::move(reader).claims();
  return true;
}

absl::StatusOr<ClientChecksum> ReadChecksum(krb5_context context, const ApRequest& request) {
  ClientChecksum result;
  const krb5_checksum* const checksum = request.authenticator->checksum;
  const bool wants_mutual = (request.options & AP_OPTS_MUTUAL_REQUIRED) != 0;
  result.flags = wants_mutual ? kMutual : 0u;
  if (checksum == nullptr) {
    return result;
  }
  const std::span<const uint8_t> octets(checksum->contents, checksum->length);
  if (checksum->checksum_type == kGssChecksumType) {
    EPA_ASSIGN_OR_RETURN(result.gss, ReadGssChecksum(octets));
    result.flags = result.gss->flags;
    return result;
  }
  // Only a keyed checksum proves anything (CVE-2010-1324).
  if (!krb5_c_is_keyed_cksum(checksum->checksum_type)) {
    return absl::DataLossError("the authenticator's checksum is not keyed");
  }
  OwnedKey key(context);
  const krb5_data nothing = ViewOf({});
  krb5_boolean valid = 0;
  if (krb5_auth_con_getkey_k(context, request.auth.get(), key.out()) != 0 ||
      krb5_k_verify_checksum(context, key.get(), KRB5_KEYUSAGE_AP_REQ_AUTH_CKSUM, &nothing,
                             checksum, &valid) != 0 ||
      !valid) {
    return absl::DataLossError("the authenticator's checksum does not hold");
  }
  result.flags |= kReplayDetection | kSequence;
  return result;
}

}  // namespace epa::kerberos
