// The client's side: a table of mechanisms for libsasl2.
#ifndef EPA_MODULES_CYRUS_SASL_CLIENT_H_
#define EPA_MODULES_CYRUS_SASL_CLIENT_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <array>

#include "epa/sasl/mechanism.h"

namespace epa::cyrus_sasl {

// All of the client's side in one program. libsasl2 owns it by the mechanisms, and frees each once.
class ClientPlugin {
 public:
  static constexpr size_t kMechanisms = sasl::kMechanismTypes.size();

  ClientPlugin();
  ClientPlugin(const ClientPlugin&) = delete;
  ClientPlugin& operator=(const ClientPlugin&) = delete;

  // kMechanisms of them.
  sasl_client_plug_t* mechanisms() { return mechanisms_.data(); }

 private:
  friend class ClientLogin;

  // What libsasl2 hands back with each call.
  struct Mechanism {
    ClientPlugin* plugin;
    sasl::MechanismType type;
  };
  static void Free(void* mechanism, const sasl_utils_t* utils);

  std::array<Mechanism, kMechanisms> contexts_;
  std::array<sasl_client_plug_t, kMechanisms> mechanisms_;
  size_t in_use_ = kMechanisms;
};

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_CLIENT_H_
