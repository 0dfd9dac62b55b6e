// The server's side: a table of mechanisms for libsasl2.
#ifndef EPA_MODULES_CYRUS_SASL_SERVER_H_
#define EPA_MODULES_CYRUS_SASL_SERVER_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <array>

#include "epa/sasl/mechanism.h"
#include "modules/cyrus_sasl/configuration.h"

namespace epa::cyrus_sasl {

inline constexpr size_t kMechanisms = sasl::kMechanismTypes.size();

// All of the server's side in one program. libsasl2 owns it by the mechanisms, and frees each once.
class ServerPlugin {
 public:
  explicit ServerPlugin(const sasl_utils_t& utils);
  ServerPlugin(const ServerPlugin&) = delete;
  ServerPlugin& operator=(const ServerPlugin&) = delete;

  Configuration& configuration() { return configuration_; }
  // kMechanisms of them.
  sasl_server_plug_t* mechanisms() { return mechanisms_.data(); }

 private:
  friend class ServerLogin;

  // What libsasl2 hands back with each call.
  struct Mechanism {
    ServerPlugin* plugin;
    sasl::MechanismType type;
  };
  static void Free(void* mechanism, const sasl_utils_t* utils);

  Configuration configuration_;
  std::array<Mechanism, kMechanisms> contexts_;
  std::array<sasl_server_plug_t, kMechanisms> mechanisms_;
  size_t in_use_ = kMechanisms;
};

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_SERVER_H_
