// Both ends of a Telnet connection for fuzzers, over the fake package.
#ifndef EPA_FUZZ_TELNET_FUZZ_SETUP_H_
#define EPA_FUZZ_TELNET_FUZZ_SETUP_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "epa/telnet/client_connection.h"
#include "fuzz/require.h"

namespace epa::fuzz {

// What came of a client's octets.
struct Served {
  std::vector<uint8_t> sent;
  std::vector<uint8_t> data;
  bool closed = false;

  bool operator==(const Served&) const = default;
};
// Serves one client that sends these two pieces; pending work is run at once. At each step:
// data only of a client that was logged in, and no login after the end.
Served ServeTelnet(std::span<const uint8_t> first, std::span<const uint8_t> second);

std::unique_ptr<telnet::ClientConnection> NewTelnetClient(bool server_is_trusted);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_TELNET_FUZZ_SETUP_H_
