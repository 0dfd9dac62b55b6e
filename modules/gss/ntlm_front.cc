// What GSS-API loads for the NTLM mechanism: it says what the mechanism can do, and leaves the rest
// to the engine, which is loaded with the first credential or name.
#include <stdlib.h>
#include <string.h>

#include "modules/gss/engine.h"
#include "modules/gss/gssapi.h"
#include "modules/gss/process.h"

namespace epa::gss {
namespace {

const NtlmFunctions* Functions() {
  const Engine* const engine = LoadEngine();
  return engine == nullptr ? nullptr : &engine->ntlm;
}

bool HasVariable(const char* name) {
  const char* const value = secure_getenv(name);
  return value != nullptr && *value != '\0';
}

// A process with neither accounts nor a configuration has no credentials; SPNEGO asks every one.
bool HasCredentials(gss_const_key_value_set_t store) {
  return HasVariable("NTLM_USER_FILE") || (store != nullptr && store->count != 0) ||
         MayBeConfigured();
}

bool PutText(const char* text, gss_buffer_t out) {
  if (out == GSS_C_NO_BUFFER) {
    return true;
  }
  out->value = strdup(text);
  out->length = out->value == nullptr ? 0 : strlen(text);
  return out->value != nullptr;
}

char oid_text[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
gss_OID_desc oid = {sizeof(oid_text) - 1, oid_text};
constexpr char kSaslName[] = "NTLM";

}  // namespace
}  // namespace epa::gss

#define EPA_GSS_EXPORT extern "C" __attribute__((visibility("default"))) OM_uint32
#define EPA_GSS_FORWARD(name, parameters, arguments)                 \
  EPA_GSS_EXPORT name parameters {                                   \
    const epa::gss::NtlmFunctions* const to = epa::gss::Functions(); \
    *minor = 0;                                                      \
    return to == nullptr ? GSS_S_UNAVAILABLE : to->name arguments;   \
  }

EPA_GSS_EXPORT gss_inquire_attrs_for_mech(OM_uint32* minor, gss_const_OID /*mech*/,
                                          gss_OID_set* attributes, gss_OID_set* known) {
  const gss_const_OID all[] = {GSS_C_MA_MECH_CONCRETE, GSS_C_MA_AUTH_INIT, GSS_C_MA_INTEG_PROT,
                               GSS_C_MA_CONF_PROT,     GSS_C_MA_MIC,       GSS_C_MA_WRAP,
                               GSS_C_MA_REPLAY_DET,    GSS_C_MA_OOS_DET,   GSS_C_MA_CBINDINGS};
  gss_OID_set* const sets[] = {attributes, known};
  *minor = 0;
  OM_uint32 major = GSS_S_COMPLETE;
  for (gss_OID_set* const set : sets) {
    if (set == nullptr || GSS_ERROR(major)) {
      continue;
    }
    major = gss_create_empty_oid_set(minor, set);
    for (const gss_const_OID attribute : all) {
      if (!GSS_ERROR(major)) {
        major = gss_add_oid_set_member(minor, const_cast<gss_OID>(attribute), set);
      }
    }
  }
  return major;
}

EPA_GSS_EXPORT gss_inquire_saslname_for_mech(OM_uint32* minor, const gss_OID /*mech*/,
                                             gss_buffer_t sasl, gss_buffer_t name,
                                             gss_buffer_t description) {
  *minor = 0;
  const bool good = epa::gss::PutText(epa::gss::kSaslName, sasl) &&
                    epa::gss::PutText("ntlmssp", name) &&
                    epa::gss::PutText("NT LAN Manager", description);
  return good ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

EPA_GSS_EXPORT gss_inquire_mech_for_saslname(OM_uint32* minor, const gss_buffer_t sasl,
                                             gss_OID* mech) {
  constexpr size_t kSize = sizeof(epa::gss::kSaslName) - 1;
  *minor = 0;
  if (sasl->length != kSize || memcmp(sasl->value, epa::gss::kSaslName, kSize) != 0) {
    return GSS_S_BAD_MECH;
  }
  if (mech != nullptr) {
    *mech = &epa::gss::oid;
  }
  return GSS_S_COMPLETE;
}

EPA_GSS_EXPORT gss_acquire_cred_from(OM_uint32* minor, gss_name_t name, OM_uint32 time,
                                     gss_OID_set mechs, gss_cred_usage_t usage,
                                     gss_const_key_value_set_t store, gss_cred_id_t* cred,
                                     gss_OID_set* actual, OM_uint32* lifetime) {
  const epa::gss::NtlmFunctions* const to =
      epa::gss::HasCredentials(store) ? epa::gss::Functions() : nullptr;
  *minor = 0;
  return to == nullptr ? GSS_S_NO_CRED
                       : to->gss_acquire_cred_from(minor, name, time, mechs, usage, store, cred,
                                                   actual, lifetime);
}

// GSS-API asks a mechanism that has no function of this name for nothing at all.
EPA_GSS_EXPORT gss_acquire_cred(OM_uint32* minor, gss_name_t name, OM_uint32 time,
                                gss_OID_set mechs, gss_cred_usage_t usage, gss_cred_id_t* cred,
                                gss_OID_set* actual, OM_uint32* lifetime) {
  return gss_acquire_cred_from(minor, name, time, mechs, usage, GSS_C_NO_CRED_STORE, cred, actual,
                               lifetime);
}

EPA_GSS_FORWARD(gssspi_acquire_cred_with_password,
                (OM_uint32 * minor, const gss_name_t name, const gss_buffer_t password,
                 OM_uint32 time, const gss_OID_set mechs, gss_cred_usage_t usage,
                 gss_cred_id_t* cred, gss_OID_set* actual, OM_uint32* lifetime),
                (minor, name, password, time, mechs, usage, cred, actual, lifetime))
EPA_GSS_FORWARD(gss_release_cred, (OM_uint32 * minor, gss_cred_id_t* cred), (minor, cred))
EPA_GSS_FORWARD(gss_inquire_cred,
                (OM_uint32 * minor, gss_cred_id_t cred, gss_name_t* name, OM_uint32* lifetime,
                 gss_cred_usage_t* usage, gss_OID_set* mechs),
                (minor, cred, name, lifetime, usage, mechs))
EPA_GSS_FORWARD(gss_inquire_cred_by_mech,
                (OM_uint32 * minor, gss_cred_id_t cred, gss_OID mech, gss_name_t* name,
                 OM_uint32* initiator, OM_uint32* acceptor, gss_cred_usage_t* usage),
                (minor, cred, mech, name, initiator, acceptor, usage))
EPA_GSS_FORWARD(gssspi_set_cred_option,
                (OM_uint32 * minor, gss_cred_id_t* cred, const gss_OID object,
                 const gss_buffer_t value),
                (minor, cred, object, value))
EPA_GSS_FORWARD(gssspi_import_name_by_mech,
                (OM_uint32 * minor, gss_OID mech, gss_buffer_t text, gss_OID type,
                 gss_name_t* name),
                (minor, mech, text, type, name))
EPA_GSS_FORWARD(gss_display_name,
                (OM_uint32 * minor, gss_name_t name, gss_buffer_t text, gss_OID* type),
                (minor, name, text, type))
EPA_GSS_FORWARD(gss_duplicate_name, (OM_uint32 * minor, const gss_name_t name, gss_name_t* copy),
                (minor, name, copy))
EPA_GSS_FORWARD(gss_compare_name, (OM_uint32 * minor, gss_name_t a, gss_name_t b, int* equal),
                (minor, a, b, equal))
EPA_GSS_FORWARD(gss_release_name, (OM_uint32 * minor, gss_name_t* name), (minor, name))
EPA_GSS_FORWARD(gss_localname,
                (OM_uint32 * minor, const gss_name_t name, gss_const_OID mech, gss_buffer_t local),
                (minor, name, mech, local))
EPA_GSS_FORWARD(gss_init_sec_context,
                (OM_uint32 * minor, gss_cred_id_t cred, gss_ctx_id_t* context, gss_name_t target,
                 gss_OID mech, OM_uint32 wanted, OM_uint32 time, gss_channel_bindings_t bindings,
                 gss_buffer_t token, gss_OID* actual, gss_buffer_t answer, OM_uint32* flags,
                 OM_uint32* lifetime),
                (minor, cred, context, target, mech, wanted, time, bindings, token, actual, answer,
                 flags, lifetime))
EPA_GSS_FORWARD(gss_accept_sec_context,
                (OM_uint32 * minor, gss_ctx_id_t* context, gss_cred_id_t cred, gss_buffer_t token,
                 gss_channel_bindings_t bindings, gss_name_t* source, gss_OID* mech,
                 gss_buffer_t answer, OM_uint32* flags, OM_uint32* lifetime,
                 gss_cred_id_t* delegated),
                (minor, context, cred, token, bindings, source, mech, answer, flags, lifetime,
                 delegated))
EPA_GSS_FORWARD(gss_delete_sec_context,
                (OM_uint32 * minor, gss_ctx_id_t* context, gss_buffer_t token),
                (minor, context, token))
EPA_GSS_FORWARD(gss_inquire_context,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_name_t* source, gss_name_t* target,
                 OM_uint32* lifetime, gss_OID* mech, OM_uint32* flags, int* local, int* open),
                (minor, context, source, target, lifetime, mech, flags, local, open))
EPA_GSS_FORWARD(gss_context_time, (OM_uint32 * minor, gss_ctx_id_t context, OM_uint32* lifetime),
                (minor, context, lifetime))
EPA_GSS_FORWARD(gss_inquire_sec_context_by_oid,
                (OM_uint32 * minor, const gss_ctx_id_t context, const gss_OID object,
                 gss_buffer_set_t* data),
                (minor, context, object, data))
EPA_GSS_FORWARD(gss_set_sec_context_option,
                (OM_uint32 * minor, gss_ctx_id_t* context, const gss_OID object,
                 const gss_buffer_t value),
                (minor, context, object, value))
EPA_GSS_FORWARD(gss_get_mic,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_buffer_t message,
                 gss_buffer_t token),
                (minor, context, qop, message, token))
EPA_GSS_FORWARD(gss_verify_mic,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t message, gss_buffer_t token,
                 gss_qop_t* qop),
                (minor, context, message, token, qop))
EPA_GSS_FORWARD(gss_wrap,
                (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
                 gss_buffer_t message, int* sealed, gss_buffer_t token),
                (minor, context, seal, qop, message, sealed, token))
EPA_GSS_FORWARD(gss_unwrap,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t token, gss_buffer_t message,
                 int* sealed, gss_qop_t* qop),
                (minor, context, token, message, sealed, qop))
EPA_GSS_FORWARD(gss_wrap_size_limit,
                (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, OM_uint32 size,
                 OM_uint32* limit),
                (minor, context, seal, qop, size, limit))
EPA_GSS_FORWARD(gss_wrap_iov,
                (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, int* sealed,
                 gss_iov_buffer_desc* parts, int count),
                (minor, context, seal, qop, sealed, parts, count))
EPA_GSS_FORWARD(gss_wrap_iov_length,
                (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, int* sealed,
                 gss_iov_buffer_desc* parts, int count),
                (minor, context, seal, qop, sealed, parts, count))
EPA_GSS_FORWARD(gss_unwrap_iov,
                (OM_uint32 * minor, gss_ctx_id_t context, int* sealed, gss_qop_t* qop,
                 gss_iov_buffer_desc* parts, int count),
                (minor, context, sealed, qop, parts, count))
EPA_GSS_FORWARD(gss_get_mic_iov,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_iov_buffer_desc* parts,
                 int count),
                (minor, context, qop, parts, count))
EPA_GSS_FORWARD(gss_get_mic_iov_length,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_iov_buffer_desc* parts,
                 int count),
                (minor, context, qop, parts, count))
EPA_GSS_FORWARD(gss_verify_mic_iov,
                (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t* qop,
                 gss_iov_buffer_desc* parts, int count),
                (minor, context, qop, parts, count))
EPA_GSS_FORWARD(gss_display_status,
                (OM_uint32 * minor, OM_uint32 value, int type, gss_OID mech, OM_uint32* more,
                 gss_buffer_t text),
                (minor, value, type, mech, more, text))
