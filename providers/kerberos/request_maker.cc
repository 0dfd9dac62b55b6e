#include "providers/kerberos/request_maker.h"

#include <array>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/byte_writer.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "providers/kerberos/ap_options.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/request_checksum.h"
#include "providers/kerberos/service_principal.h"
#include "providers/kerberos/ticket_identity.h"

namespace epa::kerberos {
namespace {

constexpr uint32_t kAlwaysAsked = kReplayDetection | kSequence;

krb5_authdata Claim(krb5_authdatatype type, std::span<const uint8_t> octets) {
  krb5_authdata claim = {};
  claim.magic = KV5M_AUTHDATA;
  claim.ad_type = type;
  claim.length = static_cast<unsigned int>(octets.size());
  claim.contents = const_cast<krb5_octet*>(octets.data());
  return claim;
}

// One container, as Windows writes it and looks for it ([MS-KILE] 3.2.5.8).
absl::Status AddClaims(krb5_context context, const RequestClaims& said, krb5_creds& ticket) {
  ByteWriter options;
  std::vector<uint8_t> target;
  std::array<krb5_authdata, 2> claims = {};
  std::array<krb5_authdata*, 3> list = {};
  size_t count = 0;
  if (said.target.has_value()) {
    const std::string realm = TextOf(ticket.server->realm);
    auto utf16 = Utf8ToUtf16Le(*said.target + "@" + realm);
    if (!utf16.has_value()) {
      return absl::InvalidArgumentError("the target name is not UTF-8");
    }
    target = *std::move(utf16);
    claims[count] = Claim(kAuthDataClientTarget, target);
    list[count] = &claims[count];
    ++count;
  }
  if (said.ap_options.has_value()) {
    options.WriteU32(*said.ap_options);
    claims[count] = Claim(kAuthDataApOptions, options.written());
    list[count] = &claims[count];
    ++count;
  }
  // The ticket's own, if any, went to the KDC.
  krb5_free_authdata(context, std::exchange(ticket.authdata, nullptr));
  if (count == 0) {
    return absl::OkStatus();
  }
  return FaultOf(context, krb5_encode_authdata_container(context, KRB5_AUTHDATA_IF_RELEVANT,
                                                         list.data(), &ticket.authdata));
}

absl::Status TakeKeys(krb5_context context, krb5_auth_context auth, SessionKeys& keys) {
  krb5_int32 sequence = 0;
  krb5_error_code code = krb5_auth_con_getsendsubkey_k(context, auth, keys.key.out());
  if (code == 0) {
    code = krb5_auth_con_getlocalseqnumber(context, auth, &sequence);
  }
  keys.send_sequence = static_cast<uint32_t>(sequence);
  keys.receive_sequence = keys.send_sequence;
  return FaultOf(context, code);
}

bool Forwards(const RequestOrder& order, const krb5_creds& ticket) {
  return order.credentials->policy().delegate &&
         (ticket.ticket_flags & TKT_FLG_OK_AS_DELEGATE) != 0;
}

// `forwarded`: the cache whose ticket-granting ticket goes along, which asks the KDC; may be null.
MakingResult Write(krb5_context context, const RequestOrder& order, krb5_creds& ticket,
                   krb5_ccache forwarded, MadeRequest& out) {
  const InitiatorCredentials& credentials = *order.credentials;
  if (!credentials.store().pool()->allow_weak_encryption() &&
      IsWeakEncryption(ticket.keyblock.enctype)) {
    return MechanismResult::Rejected(Reason::kEncryptionTypeRefused);
  }
  EPA_RETURN_IF_ERROR(AddClaims(context, order.claims, ticket));
  const bool mutual = credentials.policy().mutual_authentication;
  RequestChecksum checksum;
  checksum.fields.binding = order.claims.binding;
  checksum.fields.flags = order.claims.flags | kAlwaysAsked | (mutual ? kMutual : 0u);
  checksum.ticket = &ticket;
  checksum.cache = forwarded;
  EPA_RETURN_IF_ERROR(FaultOf(context, krb5_auth_con_init(context, out.auth.out())));
  krb5_auth_context auth = out.auth.get();
  krb5_auth_con_setflags(context, auth, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
  krb5_auth_con_set_req_cksumtype(context, auth, kGssChecksumType);
  krb5_auth_con_set_checksum_func(context, auth, &WriteRequestChecksum, &checksum);
  OwnedData message(context);
  const krb5_flags options = AP_OPTS_USE_SUBKEY | (mutual ? AP_OPTS_MUTUAL_REQUIRED : 0);
  const krb5_error_code code =
      krb5_mk_req_extended(context, &auth, options, nullptr, &ticket, message.out());
  krb5_auth_con_set_checksum_func(context, auth, nullptr, nullptr);
  if (code != 0) {
    return RejectionOf(context, code);
  }
  out.keys.flags = checksum.fields.flags;
  EPA_RETURN_IF_ERROR(TakeKeys(context, auth, out.keys));
  out.expiry_time = FileTimeOf(ticket.times.endtime);
  out.client = NameOfClient(context, ticket.client);
  out.token = WriteFramedMessage(Frame::kKerberos, MessageKind::kApReq, message.octets());
  return MechanismResult::Verified();
}

krb5_error_code MakeServer(krb5_context context, const RequestOrder& order, OwnedPrincipal& out) {
  return MakeServicePrincipal(context, order.target, order.credentials->policy().port_in_principal,
                              out);
}

}  // namespace

std::optional<MakingResult> MakeRequestAtOnce(krb5_context context, const RequestOrder& order,
                                              MadeRequest& out) {
  const CredentialStore& store = order.credentials->store();
  if (!store.in_memory() ||
      !(order.target.realm().has_value() || store.pool()->knows_host_realms())) {
    return std::nullopt;
  }
  OwnedPrincipal server(context);
  if (const krb5_error_code code = MakeServer(context, order, server); code != 0) {
    return FaultOf(context, code);
  }
  OwnedCreds ticket(context);
  if (store.Find(context, server.get(), ticket) != 0 || Forwards(order, *ticket.get())) {
    return std::nullopt;
  }
  return Write(context, order, *ticket.get(), nullptr, out);
}

MakingResult MakeRequest(krb5_context context, const RequestOrder& order, MadeRequest& out) {
  CredentialStore& store = order.credentials->store();
  OwnedPrincipal server(context);
  EPA_RETURN_IF_ERROR(FaultOf(context, MakeServer(context, order, server)));
  OwnedCreds ticket(context);
  if (store.Find(context, server.get(), ticket) != 0) {
    if (const krb5_error_code code = store.Fetch(context, server.get(), ticket); code != 0) {
      return RejectionOf(context, code);
    }
  }
  OwnedCache forwarded(context);
  if (Forwards(order, *ticket.get())) {
    EPA_ASSIGN_OR_RETURN(forwarded, store.OpenCache(context));
  }
  return Write(context, order, *ticket.get(), forwarded.get(), out);
}

}  // namespace epa::kerberos
