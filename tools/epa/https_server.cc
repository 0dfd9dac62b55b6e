#include "tools/epa/https_server.h"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "tools/epa/command_line.h"
#include "tools/epa/https_connection.h"

namespace epa::tool {

namespace asio = boost::asio;
using asio::ip::tcp;

class HttpsServer::Service final : public ConnectionHost {
 public:
  explicit Service(HttpsServerOptions options)
      : options_(std::move(options)),
        acceptor_(asio::make_strand(context_)),
        retry_(acceptor_.get_executor()) {}

  absl::Status Prepare();
  void Start();
  void Stop();
  uint16_t port() const;

  std::shared_ptr<const http::AuthenticatorConfig> authentication() const override {
    return options_.authentication;
  }
  absl::StatusOr<Channel> ChannelOf(SSL* ssl) const override;
  std::chrono::seconds patience() const override { return options_.patience; }
  bool stopping() const override { return stopping_; }
  void RunElsewhere(std::function<void()> work) override { asio::post(pool_, std::move(work)); }
  void Forget(Connection* connection) override;

 private:
  absl::Status Listen();
  void Accept();
  void Admit(tcp::socket socket);
  void Work();
  std::vector<std::shared_ptr<Connection>> Connections();

  const HttpsServerOptions options_;
  std::unique_ptr<ServerTls> tls_;
  std::optional<asio::ssl::context> tls_context_;
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

absl::Status HttpsServer::Service::Prepare() {
  if (!options_.key_pairs.empty()) {
    auto tls = ServerTls::Create(options_.key_pairs, options_.undefined_hash_rule);
    if (!tls.ok()) {
      return tls.status();
    }
    tls_ = *std::move(tls);
    SSL_CTX_up_ref(tls_->context());
    tls_context_.emplace(tls_->context());
  }
  return Listen();
}

absl::Status HttpsServer::Service::Listen() {
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

uint16_t HttpsServer::Service::port() const {
  boost::system::error_code error;
  return acceptor_.local_endpoint(error).port();
}

void HttpsServer::Service::Start() {
  Accept();
  running_workers_ = options_.workers;
  for (int i = 0; i < options_.workers; ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

void HttpsServer::Service::Work() {
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

void HttpsServer::Service::Accept() {
  acceptor_.async_accept(asio::make_strand(context_),
                         [this](boost::system::error_code error, tcp::socket socket) {
                           if (stopping_ || error == asio::error::operation_aborted) {
                             return;
                           }
                           if (!error) {
                             Admit(std::move(socket));
                             Accept();
                             return;
                           }
                           // Out of descriptors, most likely: some will be free soon.
                           retry_.expires_after(std::chrono::milliseconds(50));
                           retry_.async_wait([this](boost::system::error_code cancelled) {
                             if (!cancelled) {
                               Accept();
                             }
                           });
                         });
}

void HttpsServer::Service::Admit(tcp::socket socket) {
  std::shared_ptr<Connection> connection =
      tls_context_.has_value() ? NewTlsConnection(*this, std::move(socket), *tls_context_)
                               : NewPlainConnection(*this, std::move(socket));
  {
    const std::lock_guard lock(mutex_);
    connections_.emplace(connection.get(), connection);
  }
  connection->Start();
}

void HttpsServer::Service::Forget(Connection* connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
}

absl::StatusOr<Channel> HttpsServer::Service::ChannelOf(SSL* ssl) const {
  if (options_.fixed_channel != nullptr) {
    return *options_.fixed_channel;
  }
  if (ssl == nullptr) {
    return Channel::Plain();
  }
  return tls_->ChannelOf(ssl);
}

std::vector<std::shared_ptr<Connection>> HttpsServer::Service::Connections() {
  std::vector<std::shared_ptr<Connection>> living;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, weak] : connections_) {
    if (std::shared_ptr<Connection> connection = weak.lock(); connection != nullptr) {
      living.push_back(std::move(connection));
    }
  }
  return living;
}

void HttpsServer::Service::Stop() {
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

HttpsServer::HttpsServer(std::unique_ptr<Service> service) : service_(std::move(service)) {}

HttpsServer::~HttpsServer() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpsServer>> HttpsServer::Create(HttpsServerOptions options) {
  auto service = std::make_unique<Service>(std::move(options));
  if (absl::Status status = service->Prepare(); !status.ok()) {
    return status;
  }
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(service)));
}

uint16_t HttpsServer::port() const { return service_->port(); }
void HttpsServer::Start() { service_->Start(); }
void HttpsServer::Stop() { service_->Stop(); }

}  // namespace epa::tool
