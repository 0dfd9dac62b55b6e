// Many TCP connections on few threads: what all servers of `epa serve` have in common. A protocol
// is a Site and its Conversations.
#ifndef EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_
#define EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "epa/core/work_pool.h"
#include "tools/epa/common/address.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/local_socket.h"
#include "tools/epa/serve/served_connection.h"

namespace epa::tool {

struct TcpServerOptions {
  HostPort listen{"127.0.0.1", 0};
  // A socket in the file system, instead of `listen`.
  std::optional<LocalSocketOptions> local;
  // Nothing but such a socket will do.
  bool local_only = false;
  // A listening socket that somebody else made, taken into possession; instead of both.
  std::optional<int> socket;
  int workers = 1;
  ServerTimes times;
  // Logins that wait for their authority, and for their turn to do so; more end with a fault.
  WorkPoolOptions pool{.threads = 8, .max_waiting = 1024};
  // The longest wait for open exchanges when the server stops.
  std::chrono::seconds farewell{5};
  // As ConnectionLimits. Where all are logged in, the next ones wait in the kernel's queue.
  size_t max_connections = 4096;
  // Of one address, an IPv6 /64. Nothing: half of all.
  std::optional<size_t> max_connections_per_address;
  // Hears of faults of ours, on any thread; may be empty.
  std::function<void(const std::string&)> on_fault;
};

// Only Create can fail: whatever one connection does ends that connection alone.
class TcpServer {
 public:
  // Listens; nothing is accepted yet.
  static absl::StatusOr<std::unique_ptr<TcpServer>> Create(TcpServerOptions options,
                                                           std::shared_ptr<const Site> site);
  // Stops.
  ~TcpServer();
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  // The address in use.
  HostPort address() const;
  uint16_t port() const { return address().port; }
  // As Listener::name().
  std::string listening_on() const;
  // Starts the workers. Call once.
  void Start();
  // Takes no more connections, finishes open exchanges, ends the workers. False where a thread
  // does not come back in time, from a file system that hangs for instance: it is left to itself,
  // with all that it uses. Idempotent.
  bool Stop();

  // What connections get from now on. These, by any thread.
  void Replace(std::shared_ptr<const Site> site);
  std::shared_ptr<const Site> site() const;
  const ServerCounters& counters() const;
  const ConnectionLimits& limits() const;

 private:
  struct Parts;
  explicit TcpServer(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_
