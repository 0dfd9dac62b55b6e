// The NTLM mechanism: GSS-API's functions over the library's security contexts.
#ifndef EPA_MODULES_GSS_NTLM_H_
#define EPA_MODULES_GSS_NTLM_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/core/security_context.h"
#include "modules/gss/engine.h"

namespace epa::gss::ntlm_mechanism {

#define EPA_GSS_DECLARE(name) decltype(::name) name;
EPA_GSS_NTLM_FUNCTIONS(EPA_GSS_DECLARE)
#undef EPA_GSS_DECLARE

// 1.3.6.1.4.1.311.2.2.10.
gss_OID NtlmOid();

// What a gss_name_t of this mechanism is.
struct Name {
  // A user, with or without a domain; or a service, "class/host"; or nobody, where both are empty.
  std::string user;
  std::string domain;
  std::string service;
  bool local = false;  // an account of this computer alone, as its authority says

  // "DOMAIN\user".
  std::string UserText() const;
};
inline Name* NameOf(gss_name_t name) { return reinterpret_cast<Name*>(name); }
// Owned by the caller. Null stays null.
gss_name_t HandleOf(std::unique_ptr<Name> name);

// What a gss_cred_id_t is.
struct Credential {
  gss_cred_usage_t usage = GSS_C_ACCEPT;
  Name name;
  std::shared_ptr<const Credentials> initiator;  // null: cannot initiate
  std::string accounts;  // where an acceptor's are, if not where the configuration says
};
inline Credential* CredentialOf(gss_cred_id_t cred) { return reinterpret_cast<Credential*>(cred); }

// For a client, without a credential: the first account of NTLM_USER_FILE.
absl::StatusOr<std::unique_ptr<Credential>> DefaultInitiator();
// For a server that says `given` of its channel: all that SecurityContext::Accept needs. NotFound:
// there are no accounts.
absl::StatusOr<AcceptOptions> AcceptanceFor(const Credential* credential,
                                            gss_channel_bindings_t given);

// What a gss_ctx_id_t is.
struct Context {
  bool initiator = false;
  OM_uint32 wanted = 0;  // flags of an initiator
  bool bindings_given = false;
  Name source;
  Name target;
  std::unique_ptr<SecurityContext> security;
};
inline Context* ContextOf(gss_ctx_id_t context) { return reinterpret_cast<Context*>(context); }

// As gss_release_buffer frees it. False: no memory.
bool PutOctets(std::span<const uint8_t> octets, gss_buffer_t out);
bool PutText(std::string_view text, gss_buffer_t out);
std::string_view TextOf(const gss_buffer_desc* buffer);
std::span<const uint8_t> OctetsOf(const gss_buffer_desc* buffer);

}  // namespace epa::gss::ntlm_mechanism

#endif  // EPA_MODULES_GSS_NTLM_H_
