#include <string.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "modules/gss/ntlm.h"
#include "modules/gss/services.h"
#include "modules/gss/status.h"
#include "providers/ntlm/message_protection.h"

namespace epa::gss::ntlm_mechanism {
namespace {

constexpr OM_uint32 kSigningFlags = GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

bool IsObject(gss_const_OID object, std::string_view octets) {
  return object != GSS_C_NO_OID && object->length == octets.size() &&
         memcmp(object->elements, octets.data(), octets.size()) == 0;
}

OM_uint32 FlagsOf(const Context& context) {
  const SecurityContext& security = *context.security;
  if (!security.established()) {
    return 0;
  }
  const AgreedProtection agreed = security.agreed_protection().value_or(AgreedProtection());
  OM_uint32 flags = GSS_C_PROT_READY_FLAG;
  flags |= agreed.signing || agreed.sealing ? kSigningFlags : 0;
  flags |= agreed.sealing ? GSS_C_CONF_FLAG : 0;
  flags |= security.anonymous().value_or(false) ? GSS_C_ANON_FLAG : 0;
  const bool bound = context.initiator ? context.bindings_given
                                       : security.binding_evidence() == BindingEvidence::kMatched;
  return flags | (bound ? GSS_C_CHANNEL_BOUND_FLAG : 0);
}

OM_uint32 Fail(OM_uint32* minor, const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    *minor = MinorOf(Reason::kNoCredentials);
    return GSS_S_NO_CRED;
  }
  Log("an NTLM login ends: " + std::string(status.message()));
  *minor =
      MinorOf(absl::IsUnavailable(status) ? Reason::kAuthorityUnavailable : Reason::kInternalFault);
  return GSS_S_FAILURE;
}

// One leg, of either side.
OM_uint32 StepContext(OM_uint32* minor, Context& context, std::span<const uint8_t> token,
                      gss_buffer_t answer) {
  auto step = StepBlocking(*context.security, token);
  if (!step.ok()) {
    return absl::IsFailedPrecondition(step.status()) ? GSS_S_NO_CONTEXT
                                                     : Fail(minor, step.status());
  }
  if (step->state == StepState::kRejected) {
    *minor = MinorOf(context.security->reason());
    return MajorOf(context.security->reason());
  }
  if (!step->token.empty() && !PutOctets(step->token, answer)) {
    return GSS_S_FAILURE;
  }
  return step->state == StepState::kContinue ? GSS_S_CONTINUE_NEEDED : GSS_S_COMPLETE;
}

absl::StatusOr<std::shared_ptr<const Credentials>> InitiatorOf(const Credential* credential,
                                                               OM_uint32 wanted, Name& source) {
  if ((wanted & GSS_C_ANON_FLAG) != 0) {
    return ntlm::CreateInitiatorCredentials({.anonymous = true});
  }
  std::unique_ptr<Credential> own;
  if (credential == nullptr) {
    EPA_ASSIGN_OR_RETURN(own, DefaultInitiator());
    credential = own.get();
  }
  if (credential->initiator == nullptr) {
    return absl::NotFoundError("this credential cannot log in");
  }
  source = credential->name;
  return credential->initiator;
}

absl::StatusOr<std::unique_ptr<Context>> Initiate(const Credential* credential, gss_name_t target,
                                                  OM_uint32 wanted, gss_channel_bindings_t given) {
  auto context = std::make_unique<Context>();
  context->initiator = true;
  context->wanted = wanted;
  if (target != GSS_C_NO_NAME) {
    context->target = *NameOf(target);
  }
  InitiateOptions options;
  EPA_ASSIGN_OR_RETURN(options.credentials, InitiatorOf(credential, wanted, context->source));
  EPA_ASSIGN_OR_RETURN(options.channel, ChannelOf(given));
  context->bindings_given = options.channel->has_bindings();
  options.parameters.target_name = context->target.service;
  // A program that gives no bindings does not say that it has no channel: it may not know of them.
  options.parameters.binding =
      context->bindings_given ? BindingRequest::kFromChannel : BindingRequest::kOmit;
  options.parameters.want_signing = (wanted & (kSigningFlags | GSS_C_CONF_FLAG)) != 0;
  options.parameters.want_sealing = (wanted & GSS_C_CONF_FLAG) != 0;
  EPA_ASSIGN_OR_RETURN(context->security, SecurityContext::Initiate(std::move(options)));
  return context;
}

absl::StatusOr<std::unique_ptr<Context>> Accept(const Credential* credential,
                                                gss_channel_bindings_t given) {
  auto context = std::make_unique<Context>();
  EPA_ASSIGN_OR_RETURN(AcceptOptions options, AcceptanceFor(credential, given));
  if (credential != nullptr) {
    context->target = credential->name;
  }
  EPA_ASSIGN_OR_RETURN(context->security, SecurityContext::Accept(std::move(options)));
  return context;
}

Name NameOfPeer(const SecurityContext& security) {
  Name name;
  const auto peer = security.peer();
  if (peer.ok() && peer->account() != nullptr) {
    name.user = peer->account()->user;
    name.domain = peer->account()->domain;
    name.local = peer->account()->local;
  }
  return name;
}

template <typename Value>
void Put(Value* place, Value value) {
  if (place != nullptr) {
    *place = value;
  }
}

gss_name_t CopyOf(const Name& name) {
  return name.user.empty() && name.service.empty() ? GSS_C_NO_NAME
                                                   : HandleOf(std::make_unique<Name>(name));
}

OM_uint32 PutMember(OM_uint32* minor, std::span<const uint8_t> octets, gss_buffer_set_t* set) {
  gss_buffer_desc member = {octets.size(), const_cast<uint8_t*>(octets.data())};
  return gss_add_buffer_set_member(minor, &member, set);
}

}  // namespace

OM_uint32 gss_init_sec_context(OM_uint32* minor, gss_cred_id_t cred, gss_ctx_id_t* handle,
                               gss_name_t target, gss_OID /*mech*/, OM_uint32 wanted,
                               OM_uint32 /*time*/, gss_channel_bindings_t given, gss_buffer_t token,
                               gss_OID* actual, gss_buffer_t answer, OM_uint32* flags,
                               OM_uint32* lifetime) {
  *minor = 0;
  *answer = GSS_C_EMPTY_BUFFER;
  std::unique_ptr<Context> made;
  Context* context = ContextOf(*handle);
  if (context == nullptr) {
    auto begun = Initiate(CredentialOf(cred), target, wanted, given);
    if (!begun.ok()) {
      return Fail(minor, begun.status());
    }
    made = *std::move(begun);
    context = made.get();
    token = GSS_C_NO_BUFFER;
  } else if (!context->initiator) {
    return GSS_S_NO_CONTEXT;
  }
  const OM_uint32 major = StepContext(minor, *context, OctetsOf(token), answer);
  if (!GSS_ERROR(major) && made != nullptr) {
    *handle = reinterpret_cast<gss_ctx_id_t>(made.release());
  }
  if (!GSS_ERROR(major)) {
    Put(actual, NtlmOid());
    Put(flags, FlagsOf(*context));
    Put(lifetime, OM_uint32{GSS_C_INDEFINITE});
  }
  return major;
}

OM_uint32 gss_accept_sec_context(OM_uint32* minor, gss_ctx_id_t* handle, gss_cred_id_t cred,
                                 gss_buffer_t token, gss_channel_bindings_t given,
                                 gss_name_t* source, gss_OID* mech, gss_buffer_t answer,
                                 OM_uint32* flags, OM_uint32* lifetime, gss_cred_id_t* delegated) {
  *minor = 0;
  *answer = GSS_C_EMPTY_BUFFER;
  Put(source, gss_name_t{GSS_C_NO_NAME});
  Put(delegated, gss_cred_id_t{GSS_C_NO_CREDENTIAL});
  std::unique_ptr<Context> made;
  Context* context = ContextOf(*handle);
  if (context == nullptr) {
    auto begun = Accept(CredentialOf(cred), given);
    if (!begun.ok()) {
      return Fail(minor, begun.status());
    }
    made = *std::move(begun);
    context = made.get();
  } else if (context->initiator) {
    return GSS_S_NO_CONTEXT;
  }
  const OM_uint32 major = StepContext(minor, *context, OctetsOf(token), answer);
  if (GSS_ERROR(major)) {
    return major;
  }
  if (made != nullptr) {
    *handle = reinterpret_cast<gss_ctx_id_t>(made.release());
  }
  if (major == GSS_S_COMPLETE) {
    context->source = NameOfPeer(*context->security);
    // A guest, or nobody, has a name, too: programs expect one.
    Put(source, HandleOf(std::make_unique<Name>(context->source)));
  }
  Put(mech, NtlmOid());
  Put(flags, FlagsOf(*context));
  Put(lifetime, OM_uint32{GSS_C_INDEFINITE});
  return major;
}

OM_uint32 gss_delete_sec_context(OM_uint32* minor, gss_ctx_id_t* handle, gss_buffer_t token) {
  *minor = 0;
  if (token != GSS_C_NO_BUFFER) {
    *token = GSS_C_EMPTY_BUFFER;
  }
  delete ContextOf(*handle);
  *handle = GSS_C_NO_CONTEXT;
  return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_context(OM_uint32* minor, gss_ctx_id_t handle, gss_name_t* source,
                              gss_name_t* target, OM_uint32* lifetime, gss_OID* mech,
                              OM_uint32* flags, int* local, int* open) {
  *minor = 0;
  const Context& context = *ContextOf(handle);
  Put(source, CopyOf(context.source));
  Put(target, CopyOf(context.target));
  Put(lifetime, OM_uint32{GSS_C_INDEFINITE});
  Put(mech, NtlmOid());
  Put(flags, FlagsOf(context));
  Put(local, context.initiator ? 1 : 0);
  Put(open, context.security->established() ? 1 : 0);
  return GSS_S_COMPLETE;
}

OM_uint32 gss_context_time(OM_uint32* minor, gss_ctx_id_t handle, OM_uint32* lifetime) {
  *minor = 0;
  *lifetime = GSS_C_INDEFINITE;
  return ContextOf(handle)->security->established() ? GSS_S_COMPLETE : GSS_S_NO_CONTEXT;
}

OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32* minor, gss_ctx_id_t handle, gss_OID object,
                                         gss_buffer_set_t* data) {
  using namespace std::string_view_literals;
  *minor = 0;
  *data = GSS_C_NO_BUFFER_SET;
  const Context& context = *ContextOf(handle);
  const SecurityContext& security = *context.security;
  if (!security.established()) {
    return GSS_S_NO_CONTEXT;
  }
  const AgreedProtection agreed = security.agreed_protection().value_or(AgreedProtection());
  // GSS_C_INQ_SSPI_SESSION_KEY, 1.2.840.113554.1.2.2.5.5.
  if (IsObject(object, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"sv)) {
    const auto key = security.ExportSessionKey();
    return key.ok() ? PutMember(minor, key->Expose(), data) : Fail(minor, key.status());
  }
  // GSS_C_SEC_CONTEXT_SASL_SSF, 1.2.840.113554.1.2.2.5.15: the key's bits, in network order. Keys
  // of fewer than 128 bits are never agreed on.
  if (IsObject(object, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0f"sv)) {
    const uint8_t bits = agreed.sealing ? 128 : agreed.signing ? 1 : 0;
    return PutMember(minor, std::array<uint8_t, 4>{0, 0, 0, bits}, data);
  }
  // Whether SPNEGO must have its MIC, 1.3.6.1.4.1.7165.655.1.2: where the messages of NTLM have one
  // ([MS-SPNG] 3.1.5.4). A client's always have.
  if (IsObject(object, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02"sv)) {
    const auto evidence = security.evidence();
    const bool has_mic =
        context.initiator || (evidence.ok() && evidence->mic == MicEvidence::kVerified);
    const bool must = has_mic && (agreed.signing || agreed.sealing);
    return PutMember(minor, std::array<uint8_t, 1>{must ? uint8_t{1} : uint8_t{0}}, data);
  }
  return GSS_S_UNAVAILABLE;
}

// SPNEGO's, when it has made and verified its MIC with the functions for messages: the key stream
// of a direction begins again. 1.3.6.1.4.1.7165.655.1.3; 1 is what is received, 0 what is sent.
OM_uint32 gss_set_sec_context_option(OM_uint32* minor, gss_ctx_id_t* handle, gss_OID object,
                                     gss_buffer_t value) {
  using namespace std::string_view_literals;
  *minor = 0;
  uint32_t direction = 0;
  if (*handle == GSS_C_NO_CONTEXT ||
      !IsObject(object, "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x03"sv)) {
    return GSS_S_UNAVAILABLE;
  }
  if (value == GSS_C_NO_BUFFER || value->length != sizeof(direction)) {
    return GSS_S_FAILURE;
  }
  memcpy(&direction, value->value, sizeof(direction));
  Context& context = *ContextOf(*handle);
  if (!context.security->established()) {
    return GSS_S_COMPLETE;  // there is no key stream yet
  }
  auto protection = context.security->message_protection();
  if (!protection.ok()) {
    return GSS_S_COMPLETE;  // nor will there be one
  }
  // The package is NTLM.
  auto& ntlm = static_cast<ntlm::NtlmMessageProtection&>(**protection);
  if (direction == 1) {
    ntlm.RestartIncomingKeyStream();
  } else {
    ntlm.RestartOutgoingKeyStream();
  }
  return GSS_S_COMPLETE;
}

OM_uint32 gss_display_status(OM_uint32* minor, OM_uint32 value, int type, gss_OID /*mech*/,
                             OM_uint32* more, gss_buffer_t text) {
  *minor = 0;
  *more = 0;
  if (type != GSS_C_MECH_CODE) {
    return GSS_S_BAD_STATUS;
  }
  return PutText(TextOfMinor(value), text) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

}  // namespace epa::gss::ntlm_mechanism
