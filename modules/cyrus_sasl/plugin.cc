// What libsasl2 looks for in the files of its folder of plug-ins.
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <memory>

#include "modules/cyrus_sasl/client.h"
#include "modules/cyrus_sasl/connection.h"
#include "modules/cyrus_sasl/server.h"

#define EPA_EXPORTED extern "C" __attribute__((visibility("default")))

namespace cyrus_sasl = epa::cyrus_sasl;

// SASL_NOMECH for a program that nothing is configured for: other plug-ins go on to serve it.
EPA_EXPORTED int sasl_server_plug_init(const sasl_utils_t* utils, int max_version, int* version,
                                       sasl_server_plug_t** mechanisms, int* count) {
  if (max_version < SASL_SERVER_PLUG_VERSION) {
    return SASL_BADVERS;
  }
  return cyrus_sasl::Guarded([&] {
    auto plugin = std::make_unique<cyrus_sasl::ServerPlugin>(*utils);
    if (!plugin->configuration().concerns_this_program()) {
      return SASL_NOMECH;
    }
    *version = SASL_SERVER_PLUG_VERSION;
    *count = cyrus_sasl::kMechanisms;
    *mechanisms = plugin.release()->mechanisms();
    return SASL_OK;
  });
}

EPA_EXPORTED int sasl_client_plug_init(const sasl_utils_t* /*utils*/, int max_version, int* version,
                                       sasl_client_plug_t** mechanisms, int* count) {
  if (max_version < SASL_CLIENT_PLUG_VERSION) {
    return SASL_BADVERS;
  }
  return cyrus_sasl::Guarded([&] {
    *version = SASL_CLIENT_PLUG_VERSION;
    *count = cyrus_sasl::ClientPlugin::kMechanisms;
    *mechanisms = std::make_unique<cyrus_sasl::ClientPlugin>().release()->mechanisms();
    return SASL_OK;
  });
}
