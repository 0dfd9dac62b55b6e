// The attacker of the demonstration: a TLS endpoint that forwards what its victim sends.
#ifndef EPA_TOOLS_EPA_DEMO_RELAY_H_
#define EPA_TOOLS_EPA_DEMO_RELAY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"
#include "tools/epa/common/openssl_handles.h"
#include "tools/epa/serve/server_tls.h"

namespace epa::tool {

// Ends its victims' TLS connections with a certificate of its own, opens its own TLS connections
// to the real server and passes everything on, login tokens included. One victim at a time.
class Relay {
 public:
  // Listens on a free loopback port, forwards to another one, and starts.
  static absl::StatusOr<std::unique_ptr<Relay>> Start(const KeyPairFiles& own_certificate,
                                                      uint16_t server_port);
  // Stops and joins.
  ~Relay();

  uint16_t port() const { return port_; }

 private:
  Relay(SslCtxPtr victim_side, SslCtxPtr server_side, FileDescriptor listener,
        uint16_t server_port);
  void Run();
  void Forward(int victim);

  const SslCtxPtr victim_side_;
  const SslCtxPtr server_side_;
  const FileDescriptor listener_;
  const uint16_t server_port_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_RELAY_H_
