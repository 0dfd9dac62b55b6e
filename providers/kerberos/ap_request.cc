#include "providers/kerberos/ap_request.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/crypto/digest.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/context_pool.h"

namespace epa::kerberos {
namespace {

krb5_error_code BuildPrincipal(krb5_context context, const TicketNames& names,
                               OwnedPrincipal& out) {
  std::array<std::string_view, 4> part;
  for (size_t i = 0; i < part.size() && i < names.service.size(); ++i) {
    part[i] = names.service[i];
  }
  const auto length = [](std::string_view text) { return static_cast<unsigned int>(text.size()); };
  // The list ends with the first empty part.
  return krb5_build_principal_ext(context, out.out(), length(names.realm), names.realm.data(),
                                  length(part[0]), part[0].data(), length(part[1]), part[1].data(),
                                  length(part[2]), part[2].data(), length(part[3]), part[3].data(),
                                  0u);
}

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
  return krb5_rd_req(context, &auth, &data, server, keytab, &out.options, out.ticket.out());
}

bool IsUnknownName(krb5_error_code code) {
  return code == KRB5_KT_NOTFOUND || code == KRB5KRB_AP_ERR_NOKEY ||
         code == KRB5KRB_AP_ERR_NOT_US || code == KRB5KRB_AP_WRONG_PRINC;
}

// The content of the one authorization data of `type`; empty where there is none.
bool FindClaim(krb5_context context, const ApRequest& request, krb5_authdatatype type,
               OwnedAuthData& found, std::span<const uint8_t>& content) {
  if (krb5_find_authdata(context, nullptr, request.authenticator->authorization_data, type,
                         found.out()) != 0) {
    return false;
  }
  const std::span<krb5_authdata*> list(found.get(), found ? 2 : 0);
  if (list.empty() || list[0] == nullptr) {
    return true;
  }
  content = OctetsOf(*list[0]);
  return !content.empty() && list[1] == nullptr;
}

std::string WithoutRealm(std::string name) {
  const size_t at = name.rfind('@');
  return at == std::string::npos ? name : name.substr(0, at);
}

}  // namespace

krb5_error_code CheckApRequest(krb5_context context, krb5_keytab keytab,
                               std::span<const uint8_t> message, const TicketNames& names,
                               bool shared_replay_cache, ApRequest& out) {
  OwnedPrincipal asked(context);
  krb5_error_code code = BuildPrincipal(context, names, asked);
  if (code != 0) {
    return code;
  }
  code = TryKey(context, keytab, message, asked.get(), shared_replay_cache, out);
  if (IsUnknownName(code)) {
    // The name may be an alias, or spelled otherwise: any key may open the ticket.
    code = TryKey(context, keytab, message, nullptr, shared_replay_cache, out);
  }
  if (code != 0) {
    return code;
  }
  return krb5_auth_con_getauthenticator(context, out.auth.get(), out.authenticator.out());
}

bool UsesWeakEncryption(const ApRequest& request) {
  const krb5_keyblock* const subkey = request.authenticator->subkey;
  return IsWeakEncryption(request.ticket->enc_part.enctype) ||
         IsWeakEncryption(request.ticket->enc_part2->session->enctype) ||
         (subkey != nullptr && IsWeakEncryption(subkey->enctype));
}

absl::StatusOr<InProcessReplayCache::Tag> ReplayTag(const ApRequest& request) {
  const krb5_authenticator& authenticator = *request.authenticator.get();
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

bool ReadClaims(krb5_context context, const ApRequest& request, ClientClaims& out) {
  OwnedAuthData options(context), target(context);
  std::span<const uint8_t> option_octets, target_octets;
  if (!FindClaim(context, request, kAuthDataApOptions, options, option_octets) ||
      !FindClaim(context, request, kAuthDataClientTarget, target, target_octets)) {
    return false;
  }
  if (!option_octets.empty()) {
    ByteReader reader(option_octets);
    uint32_t bits = 0;
    if (!reader.ReadU32(bits) || !reader.at_end()) {
      return false;
    }
    out.knows_bindings = (bits & kApOptionsBindings) != 0;
    out.target_unverified = (bits & kApOptionsUnverifiedTarget) != 0;
  }
  if (!target_octets.empty()) {
    auto text = Utf16LeToUtf8(target_octets);
    if (!text.has_value()) {
      return false;
    }
    out.target = WithoutRealm(*std::move(text));
  }
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
