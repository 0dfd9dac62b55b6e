#include "tools/epa/serve/tcp_server.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string PeerName(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  return error ? "unknown" : peer.address().to_string() + ":" + std::to_string(peer.port());
}

class TcpServer::Service final : public ConnectionHost {
 public:
  Service(TcpServerOptions options, NewConnection new_connection)
      : options_(std::move(options)),
        new_connection_(std::move(new_connection)),
        acceptor_(asio::make_strand(context_)),
        retry_(acceptor_.get_executor()) {}

  absl::Status Listen();
  void Start();
  void Stop();
  uint16_t port() const;

  std::chrono::seconds patience() const override { return options_.patience; }
  bool stopping() const override { return stopping_; }
  void RunElsewhere(std::function<void()> work) override { asio::post(pool_, std::move(work)); }
  void Forget(Connection* connection) override;

 private:
  void Accept();
  void AcceptLater();
  void Admit(tcp::socket socket);
  void Work();
  bool Full();
  std::vector<std::shared_ptr<Connection>> Connections();

  const TcpServerOptions options_;
  const NewConnection new_connection_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable worker_ended_;
  int running_workers_ = 0;
  std::map<Connection*, std::weak_ptr<Connection>> connections_;
  std::vector<std::thread> workers_;
  // For logins that have to wait for their authority.
  asio::thread_pool pool_{2};
  // Destroyed first: what it still holds refers to the rest.
  asio::io_context context_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
};

absl::Status TcpServer::Service::Listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.listen.host, error);
  const tcp::endpoint endpoint(address, options_.listen.port);
  if (!error) {
    acceptor_.open(endpoint.protocol(), error);
  }
  if (!error) {
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error) {
    acceptor_.bind(endpoint, error);
  }
  if (!error) {
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return absl::InvalidArgumentError("cannot listen on " + options_.listen.ToString() + ": " +
                                      error.message());
  }
  return absl::OkStatus();
}

uint16_t TcpServer::Service::port() const {
  boost::system::error_code error;
  return acceptor_.local_endpoint(error).port();
}

void TcpServer::Service::Start() {
  Accept();
  running_workers_ = options_.workers;
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

void TcpServer::Service::Work() {
  for (bool done = false; !done;) {
    try {
      context_.run();
      done = true;
    } catch (const std::exception& fault) {
      // Its handler is gone and with it the connection; the others go on.
      Fail(kExitFault, std::string("a connection ended by a fault: ") + fault.what());
    }
  }
  const std::lock_guard lock(mutex_);
  --running_workers_;
  worker_ended_.notify_all();
}

void TcpServer::Service::Accept() {
  if (Full()) {
    AcceptLater();
    return;
  }
  acceptor_.async_accept(asio::make_strand(context_),
                         [this](boost::system::error_code error, tcp::socket socket) {
                           if (stopping_ || error == asio::error::operation_aborted) {
                             return;
                           }
                           if (error) {
                             // Out of descriptors, most likely: some will be free soon.
                             AcceptLater();
                             return;
                           }
                           Admit(std::move(socket));
                           Accept();
                         });
}

void TcpServer::Service::AcceptLater() {
  retry_.expires_after(std::chrono::milliseconds(50));
  retry_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled && !stopping_) {
      Accept();
    }
  });
}

void TcpServer::Service::Admit(tcp::socket socket) {
  const std::shared_ptr<Connection> connection = new_connection_(*this, std::move(socket));
  {
    const std::lock_guard lock(mutex_);
    connections_.emplace(connection.get(), connection);
  }
  connection->Start();
}

bool TcpServer::Service::Full() {
  const std::lock_guard lock(mutex_);
  return connections_.size() >= options_.most_connections;
}

void TcpServer::Service::Forget(Connection* connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
}

std::vector<std::shared_ptr<Connection>> TcpServer::Service::Connections() {
  std::vector<std::shared_ptr<Connection>> living;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, weak] : connections_) {
    if (std::shared_ptr<Connection> connection = weak.lock(); connection != nullptr) {
      living.push_back(std::move(connection));
    }
  }
  return living;
}

void TcpServer::Service::Stop() {
  if (stopping_.exchange(true)) {
    return;
  }
  asio::post(acceptor_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  });
  for (const std::shared_ptr<Connection>& connection : Connections()) {
    connection->Drain();
  }
  {
    std::unique_lock lock(mutex_);
    worker_ended_.wait_for(lock, options_.farewell, [this] { return running_workers_ == 0; });
  }
  context_.stop();
  for (std::thread& worker : workers_) {
    worker.join();
  }
  pool_.join();
}

TcpServer::TcpServer(std::unique_ptr<Service> service) : service_(std::move(service)) {}

TcpServer::~TcpServer() { Stop(); }

absl::StatusOr<std::unique_ptr<TcpServer>> TcpServer::Create(TcpServerOptions options,
                                                             NewConnection new_connection) {
  auto service = std::make_unique<Service>(std::move(options), std::move(new_connection));
  if (absl::Status status = service->Listen(); !status.ok()) {
    return status;
  }
  return std::unique_ptr<TcpServer>(new TcpServer(std::move(service)));
}

uint16_t TcpServer::port() const { return service_->port(); }
void TcpServer::Start() { service_->Start(); }
void TcpServer::Stop() { service_->Stop(); }

}  // namespace epa::tool
