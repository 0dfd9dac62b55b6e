// What the plug-in's two roles have in common.
#ifndef EPA_MODULES_CYRUS_SASL_CONNECTION_H_
#define EPA_MODULES_CYRUS_SASL_CONNECTION_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <cstdint>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/security_context.h"
#include "epa/sasl/mechanism.h"
#include "epa/sasl/security_layer.h"

namespace epa::cyrus_sasl {

// Above what the mechanisms have, and above 256, which Cyrus' own GSSAPI and GSS-SPNEGO say: of two
// plug-ins with one mechanism libsasl2 takes the one that says more.
inline constexpr sasl_ssf_t kMostStrength = 257;

// What libsasl2 hears of a mechanism in either role (sasl_server_plug_t, sasl_client_plug_t).
template <typename Plug>
Plug Describe(sasl::MechanismType type) {
  Plug plug = {};
  plug.mech_name = sasl::MechanismName(type).data();
  plug.max_ssf = kMostStrength;
  plug.security_flags = SASL_SEC_NOPLAINTEXT | SASL_SEC_NOANONYMOUS;
  if (type != sasl::MechanismType::kNtlm) {
    plug.security_flags |= SASL_SEC_NOACTIVE | SASL_SEC_MUTUAL_AUTH;
  }
  plug.features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_CHANNEL_BINDING;
  if (type == sasl::MechanismType::kGssapi) {
    plug.features |= SASL_FEAT_ALLOWS_PROXY;
  }
  return plug;
}

// What the program asks of security layers (sasl_security_properties_t), less what TLS gives.
struct LayerDemand {
  bool possible = false;
  sasl::StrengthRange strength;

  // Neither one nor none would do.
  bool impossible() const { return !possible && strength.least > 0; }
};
// Inside TLS there is none unless the program demands more than TLS gives.
LayerDemand DemandOf(const sasl_security_properties_t& properties, sasl_ssf_t external);

// In what LDAP alone has, the flags of NTLM's and Negotiate's messages are a security layer.
bool IsLdap(std::string_view service);

// No value: the program tells nothing.
absl::StatusOr<std::optional<Channel>> GivenChannel(const sasl_channel_binding_t* given);

// A login as libsasl2 holds it: the context of its calls. Encodes and decodes, too, since libsasl2
// gives those functions this context and not the one that is asked for.
class Login {
 public:
  // What libsasl2 hands back, as what it is. Null where none was made: it disposes of that, too.
  template <typename Role>
  static Role* At(void* context) {
    return static_cast<Role*>(static_cast<Login*>(context));
  }

 protected:
  Login() = default;
  ~Login() = default;
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  // For libsasl2; in place until the next.
  void GiveOut(std::vector<uint8_t> octets, const char** out, unsigned* size);
  // The layer that begins after the login; null: none. Fills in what libsasl2 asks of it.
  void StartLayer(sasl::SecurityLayer* layer, const SecurityContext& context,
                  sasl_out_params_t& out);

 private:
  static int Encode(void* context, const iovec* vectors, unsigned count, const char** out,
                    unsigned* size);
  static int Decode(void* context, const char* in, unsigned size, const char** out,
                    unsigned* out_size);

  sasl::SecurityLayer* layer_ = nullptr;
  std::vector<uint8_t> given_out_;
  std::vector<uint8_t> decoded_;
};

// A callback as what libsasl2's documents say it is.
template <typename Function>
Function* FunctionOf(sasl_callback_ft callback) {
  return reinterpret_cast<Function*>(reinterpret_cast<void (*)()>(callback));
}

// No exception leaves for C.
template <typename Function>
int Guarded(const Function& function) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return SASL_NOMEM;
  }
}

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_CONNECTION_H_
