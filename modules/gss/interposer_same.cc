// The interposer's calls that go through as they are: handles are GSS-API's own.
#include <sys/types.h>

#include "modules/gss/gssapi.h"

#define EPA_GSS_SAME(name, parameters, arguments)                                      \
  extern "C" __attribute__((visibility("default"))) OM_uint32 gssi_##name parameters { \
    return gss_##name arguments;                                                       \
  }

EPA_GSS_SAME(release_cred, (OM_uint32 * minor, gss_cred_id_t* cred), (minor, cred))
EPA_GSS_SAME(inquire_cred_by_oid,
             (OM_uint32 * minor, gss_cred_id_t cred, gss_OID object, gss_buffer_set_t* data),
             (minor, cred, object, data))
EPA_GSS_SAME(set_cred_option,
             (OM_uint32 * minor, gss_cred_id_t* cred, gss_OID object, gss_buffer_t value),
             (minor, cred, object, value))
EPA_GSS_SAME(duplicate_name, (OM_uint32 * minor, gss_name_t name, gss_name_t* copy),
             (minor, name, copy))
EPA_GSS_SAME(compare_name, (OM_uint32 * minor, gss_name_t a, gss_name_t b, int* equal),
             (minor, a, b, equal))
EPA_GSS_SAME(display_name_ext,
             (OM_uint32 * minor, gss_name_t name, gss_OID type, gss_buffer_t text),
             (minor, name, type, text))
EPA_GSS_SAME(export_name, (OM_uint32 * minor, gss_name_t name, gss_buffer_t token),
             (minor, name, token))
EPA_GSS_SAME(export_name_composite, (OM_uint32 * minor, gss_name_t name, gss_buffer_t token),
             (minor, name, token))
EPA_GSS_SAME(inquire_name,
             (OM_uint32 * minor, gss_name_t name, int* is_mechanisms, gss_OID* mech,
              gss_buffer_set_t* attributes),
             (minor, name, is_mechanisms, mech, attributes))
EPA_GSS_SAME(get_name_attribute,
             (OM_uint32 * minor, gss_name_t name, gss_buffer_t attribute, int* authenticated,
              int* complete, gss_buffer_t value, gss_buffer_t text, int* more),
             (minor, name, attribute, authenticated, complete, value, text, more))
EPA_GSS_SAME(set_name_attribute,
             (OM_uint32 * minor, gss_name_t name, int complete, gss_buffer_t attribute,
              gss_buffer_t value),
             (minor, name, complete, attribute, value))
EPA_GSS_SAME(delete_name_attribute, (OM_uint32 * minor, gss_name_t name, gss_buffer_t attribute),
             (minor, name, attribute))
EPA_GSS_SAME(map_name_to_any,
             (OM_uint32 * minor, gss_name_t name, int authenticated, gss_buffer_t type,
              gss_any_t* any),
             (minor, name, authenticated, type, any))
EPA_GSS_SAME(release_any_name_mapping,
             (OM_uint32 * minor, gss_name_t name, gss_buffer_t type, gss_any_t* any),
             (minor, name, type, any))
EPA_GSS_SAME(delete_sec_context, (OM_uint32 * minor, gss_ctx_id_t* context, gss_buffer_t token),
             (minor, context, token))
EPA_GSS_SAME(process_context_token, (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t token),
             (minor, context, token))
EPA_GSS_SAME(context_time, (OM_uint32 * minor, gss_ctx_id_t context, OM_uint32* lifetime),
             (minor, context, lifetime))
EPA_GSS_SAME(inquire_context,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_name_t* source, gss_name_t* target,
              OM_uint32* lifetime, gss_OID* mech, OM_uint32* flags, int* local, int* open),
             (minor, context, source, target, lifetime, mech, flags, local, open))
EPA_GSS_SAME(inquire_sec_context_by_oid,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_OID object, gss_buffer_set_t* data),
             (minor, context, object, data))
EPA_GSS_SAME(set_sec_context_option,
             (OM_uint32 * minor, gss_ctx_id_t* context, gss_OID object, gss_buffer_t value),
             (minor, context, object, value))
EPA_GSS_SAME(get_mic,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_buffer_t message,
              gss_buffer_t token),
             (minor, context, qop, message, token))
EPA_GSS_SAME(verify_mic,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t message, gss_buffer_t token,
              gss_qop_t* qop),
             (minor, context, message, token, qop))
EPA_GSS_SAME(wrap,
             (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
              gss_buffer_t message, int* sealed, gss_buffer_t token),
             (minor, context, seal, qop, message, sealed, token))
EPA_GSS_SAME(unwrap,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t token, gss_buffer_t message,
              int* sealed, gss_qop_t* qop),
             (minor, context, token, message, sealed, qop))
EPA_GSS_SAME(wrap_size_limit,
             (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, OM_uint32 size,
              OM_uint32* limit),
             (minor, context, seal, qop, size, limit))
EPA_GSS_SAME(wrap_iov,
             (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, int* sealed,
              gss_iov_buffer_desc* parts, int count),
             (minor, context, seal, qop, sealed, parts, count))
EPA_GSS_SAME(wrap_iov_length,
             (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop, int* sealed,
              gss_iov_buffer_desc* parts, int count),
             (minor, context, seal, qop, sealed, parts, count))
EPA_GSS_SAME(unwrap_iov,
             (OM_uint32 * minor, gss_ctx_id_t context, int* sealed, gss_qop_t* qop,
              gss_iov_buffer_desc* parts, int count),
             (minor, context, sealed, qop, parts, count))
EPA_GSS_SAME(wrap_aead,
             (OM_uint32 * minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
              gss_buffer_t signed_only, gss_buffer_t message, int* sealed, gss_buffer_t token),
             (minor, context, seal, qop, signed_only, message, sealed, token))
EPA_GSS_SAME(unwrap_aead,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t token, gss_buffer_t signed_only,
              gss_buffer_t message, int* sealed, gss_qop_t* qop),
             (minor, context, token, signed_only, message, sealed, qop))
EPA_GSS_SAME(get_mic_iov,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_iov_buffer_desc* parts,
              int count),
             (minor, context, qop, parts, count))
EPA_GSS_SAME(get_mic_iov_length,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t qop, gss_iov_buffer_desc* parts,
              int count),
             (minor, context, qop, parts, count))
EPA_GSS_SAME(verify_mic_iov,
             (OM_uint32 * minor, gss_ctx_id_t context, gss_qop_t* qop, gss_iov_buffer_desc* parts,
              int count),
             (minor, context, qop, parts, count))
EPA_GSS_SAME(complete_auth_token, (OM_uint32 * minor, gss_ctx_id_t context, gss_buffer_t message),
             (minor, context, message))
EPA_GSS_SAME(pseudo_random,
             (OM_uint32 * minor, gss_ctx_id_t context, int key, gss_buffer_t input, ssize_t size,
              gss_buffer_t output),
             (minor, context, key, input, size, output))
