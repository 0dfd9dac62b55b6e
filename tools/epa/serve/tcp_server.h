// Many TCP connections on few threads: what the servers of `epa serve` have in common.
#ifndef EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_
#define EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/epa/common/address.h"

namespace epa::tool {

// One connection. Kept alive by its pending operations. Both calls may come from any thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void Start() = 0;
  // Ends at once when nothing is going on, else after the open exchange.
  virtual void Drain() = 0;
};

// What a connection needs of its server. Called by several threads; outlives the connections.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  // The longest wait for a peer.
  virtual std::chrono::seconds patience() const = 0;
  virtual bool stopping() const = 0;
  // Runs work that may block.
  virtual void RunElsewhere(std::function<void()> work) = 0;
  // Called by every connection at its end.
  virtual void Forget(Connection* connection) = 0;
};

// A server as `epa serve` runs it.
class Server {
 public:
  virtual ~Server() = default;
  // The port in use.
  virtual uint16_t port() const = 0;
  // Starts the workers. Call once.
  virtual void Start() = 0;
  // Takes no more connections, finishes open exchanges, joins the workers. Idempotent.
  virtual void Stop() = 0;
};

// "192.0.2.1:50432", for audit events and messages.
std::string PeerName(const boost::asio::ip::tcp::socket& socket);

struct TcpServerOptions {
  HostPort listen{"127.0.0.1", 0};
  int workers = 1;
  std::chrono::seconds patience{30};
  // The longest wait for open exchanges when the server stops.
  std::chrono::seconds farewell{5};
  // With this many open, the next ones wait in the kernel's queue.
  size_t most_connections = 4096;
};

// Only Create can fail: whatever one connection does ends that connection alone.
class TcpServer final : public Server {
 public:
  // Makes the connection of an accepted socket. Called by one thread at a time.
  using NewConnection = std::function<std::shared_ptr<Connection>(
      ConnectionHost& host, boost::asio::ip::tcp::socket socket)>;

  // Listens; nothing is accepted yet.
  static absl::StatusOr<std::unique_ptr<TcpServer>> Create(TcpServerOptions options,
                                                           NewConnection new_connection);
  // Stops.
  ~TcpServer() override;

  uint16_t port() const override;
  void Start() override;
  void Stop() override;

 private:
  class Service;
  explicit TcpServer(std::unique_ptr<Service> service);
  std::unique_ptr<Service> service_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_TCP_SERVER_H_
