// What the two libraries that MIT's GSS-API loads ask of the one with everything in it. They are
// small and depend on nothing but libc and GSS-API itself, so that a process that is not configured
// pays for little, and one that is refuses where the engine cannot be loaded.
#ifndef EPA_MODULES_GSS_ENGINE_H_
#define EPA_MODULES_GSS_ENGINE_H_

#include "modules/gss/gssapi.h"

// Of a mechanism's entry points those that GSS-API's headers do not declare.
extern "C" {
OM_uint32 gssspi_acquire_cred_with_password(OM_uint32* minor, const gss_name_t name,
                                            const gss_buffer_t password, OM_uint32 time,
                                            const gss_OID_set mechs, gss_cred_usage_t usage,
                                            gss_cred_id_t* cred, gss_OID_set* actual,
                                            OM_uint32* lifetime);
OM_uint32 gssspi_import_name_by_mech(OM_uint32* minor, gss_OID mech, gss_buffer_t text,
                                     gss_OID type, gss_name_t* name);
OM_uint32 gssspi_set_cred_option(OM_uint32* minor, gss_cred_id_t* cred, const gss_OID object,
                                 const gss_buffer_t value);
}

// The NTLM mechanism's entry points but those that the small library answers by itself.
// clang-format off
#define EPA_GSS_NTLM_FUNCTIONS(F) \
  F(gss_acquire_cred_from) \
  F(gssspi_acquire_cred_with_password) \
  F(gss_release_cred) \
  F(gss_inquire_cred) \
  F(gss_inquire_cred_by_mech) \
  F(gssspi_set_cred_option) \
  F(gssspi_import_name_by_mech) \
  F(gss_display_name) \
  F(gss_duplicate_name) \
  F(gss_compare_name) \
  F(gss_release_name) \
  F(gss_localname) \
  F(gss_init_sec_context) \
  F(gss_accept_sec_context) \
  F(gss_delete_sec_context) \
  F(gss_inquire_context) \
  F(gss_context_time) \
  F(gss_inquire_sec_context_by_oid) \
  F(gss_set_sec_context_option) \
  F(gss_get_mic) \
  F(gss_verify_mic) \
  F(gss_wrap) \
  F(gss_unwrap) \
  F(gss_wrap_size_limit) \
  F(gss_wrap_iov) \
  F(gss_wrap_iov_length) \
  F(gss_unwrap_iov) \
  F(gss_get_mic_iov) \
  F(gss_get_mic_iov_length) \
  F(gss_verify_mic_iov) \
  F(gss_display_status)
// clang-format on

namespace epa::gss {

struct NtlmFunctions {
#define EPA_GSS_MEMBER(name) decltype(&::name) name;
  EPA_GSS_NTLM_FUNCTIONS(EPA_GSS_MEMBER)
#undef EPA_GSS_MEMBER
};

// Minor codes of ours are this and a reason. GSS-API takes a code for what it is as long as nobody
// else has it, and asks both the interposer and Kerberos about the others.
inline constexpr OM_uint32 kMinorBase = 0x45504100;
inline bool IsOurMinor(OM_uint32 minor) { return (minor & 0xffffff00) == kMinorBase; }

// What becomes of a client's first Kerberos token.
struct KerberosVerdict {
  // GSS_S_COMPLETE: Kerberos itself may have it, with `bindings`. Else what to return.
  OM_uint32 major;
  OM_uint32 minor;
  gss_channel_bindings_t bindings;  // as long as `login`
  void* login;                      // for conclude, on GSS_S_COMPLETE alone
  const char* client;               // the name as Kerberos displays it, as long as `login`; or null
};

struct Engine {
  // Whether the configuration has anything for this process, or cannot be used, which counts as if
  // it had: every login is then refused.
  bool (*configured)();
  KerberosVerdict (*inspect)(const gss_buffer_desc* token, gss_channel_bindings_t given);
  // `major`: what Kerberos said. Ends `login`.
  void (*conclude)(void* login, OM_uint32 major);
  // This process began a Kerberos login with `token`.
  void (*initiated)(const gss_buffer_desc* token);
  NtlmFunctions ntlm;
};

// What the engine's library exports. The name changes with `Engine`.
inline constexpr char kEngineSymbol[] = "epa_gss_engine_1";
using GetEngine = const Engine* (*)();

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_ENGINE_H_
