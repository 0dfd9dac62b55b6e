// MIT's own GSS-API as the other end of a login.
#ifndef EPA_TESTS_KERBEROS_MIT_GSS_H_
#define EPA_TESTS_KERBEROS_MIT_GSS_H_

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace epa::kerberos {

// GSS_C_CHANNEL_BOUND_FLAG.
inline constexpr OM_uint32 kMitChannelBound = 2048;

struct MitStep {
  OM_uint32 major = 0;
  OM_uint32 flags = 0;
  std::vector<uint8_t> token;
  // What the client delegated.
  bool delegated = false;
};

// One security context. MIT reads its configuration from the file in KRB5_CONFIG.
class MitContext {
 public:
  MitContext() = default;
  MitContext(const MitContext&) = delete;
  MitContext& operator=(const MitContext&) = delete;
  ~MitContext();

  // Before the first step: SPNEGO that offers, or takes, `mechanisms` alone. gss-ntlmssp reads its
  // accounts from the file in NTLM_USER_FILE, and its client must know its user's name.
  void Negotiate(std::vector<gss_OID> mechanisms, std::string user = {});

  // Empty bindings: none. With SPNEGO, `target` is "class/host" too.
  MitStep Initiate(const std::string& cache, const std::string& target, OM_uint32 flags,
                   const std::vector<uint8_t>& bindings, std::span<const uint8_t> token);
  MitStep Accept(const std::string& keytab, const std::vector<uint8_t>& bindings,
                 std::span<const uint8_t> token);

  std::vector<uint8_t> SessionKey();
  std::vector<uint8_t> Wrap(std::span<const uint8_t> message, bool seal);
  // No value: refused.
  std::optional<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped, bool sealed);
  std::vector<uint8_t> Mic(std::span<const uint8_t> message);
  bool MicHolds(std::span<const uint8_t> message, std::span<const uint8_t> mic);

 private:
  void Acquire(gss_cred_usage_t usage, std::vector<gss_key_value_element_desc> elements);
  gss_OID mechanism() const;

  std::vector<gss_OID> negotiable_;  // empty: Kerberos without SPNEGO
  std::string user_;                 // empty: the credentials say
  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
  gss_name_t target_ = GSS_C_NO_NAME;
};

}  // namespace epa::kerberos

#endif  // EPA_TESTS_KERBEROS_MIT_GSS_H_
