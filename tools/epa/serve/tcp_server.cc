#include "tools/epa/serve/tcp_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/base/thread_group.h"
#include "tools/epa/serve/door.h"
#include "tools/epa/serve/listener.h"
#include "tools/epa/serve/worker.h"

namespace epa::tool {
namespace {

// What ending by force may take, once the farewell is over.
constexpr std::chrono::seconds kLastResort{1};

absl::StatusOr<Listener> ListenerFor(const TcpServerOptions& options) {
  if (options.socket.has_value()) {
    EPA_ASSIGN_OR_RETURN(Listener inherited, Listener::Inherit(*options.socket));
    if (options.local_only && !inherited.local()) {
      return absl::InvalidArgumentError(
          "the socket that was passed on is not one in the file system");
    }
    return inherited;
  }
  return options.local.has_value() ? Listener::Listen(*options.local)
                                   : Listener::Listen(options.listen);
}

absl::StatusOr<std::shared_ptr<ServerShared>> SharedFor(const TcpServerOptions& options) {
  const size_t all = std::max<size_t>(options.max_connections, 1);
  const size_t of_one = options.max_connections_per_address.value_or(all / 2);
  EPA_ASSIGN_OR_RETURN(std::unique_ptr<WorkPool> pool, WorkPool::Create(options.pool));
  auto shared = std::make_shared<ServerShared>(options.times, all, std::max<size_t>(of_one, 1),
                                               std::move(pool));
  shared->on_fault = options.on_fault;
  return shared;
}

}  // namespace

struct TcpServer::Parts {
  TcpServerOptions options;
  std::shared_ptr<Door> door;
  std::shared_ptr<ServerShared> shared;
  std::vector<std::shared_ptr<Worker>> workers;
  ThreadGroup threads;
  bool stopped = false;
  bool all_ended = true;
};

TcpServer::TcpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TcpServer::~TcpServer() { Stop(); }

absl::StatusOr<std::unique_ptr<TcpServer>> TcpServer::Create(TcpServerOptions options,
                                                             std::shared_ptr<const Site> site) {
  EPA_ASSIGN_OR_RETURN(Listener listener, ListenerFor(options));
  auto parts = std::make_unique<Parts>();
  parts->door = std::make_shared<Door>(std::move(listener), std::move(site));
  EPA_ASSIGN_OR_RETURN(parts->shared, SharedFor(options));
  for (int i = 0; i < options.workers; ++i) {
    EPA_ASSIGN_OR_RETURN(std::shared_ptr<Worker> worker,
                         Worker::Create(parts->shared, parts->door));
    parts->workers.push_back(std::move(worker));
  }
  parts->options = std::move(options);
  return std::unique_ptr<TcpServer>(new TcpServer(std::move(parts)));
}

HostPort TcpServer::address() const { return parts_->door->listener().address(); }
std::string TcpServer::listening_on() const { return parts_->door->listener().name(); }

void TcpServer::Start() {
  for (const std::shared_ptr<Worker>& worker : parts_->workers) {
    parts_->threads.Start([worker] { worker->Run(); });
  }
}

bool TcpServer::Stop() {
  if (std::exchange(parts_->stopped, true)) {
    return parts_->all_ended;
  }
  // In this order, so that whoever sees the listener closed is told "close" by the next answer.
  for (const std::shared_ptr<Worker>& worker : parts_->workers) {
    worker->Leave();
  }
  parts_->door->listener().Refuse();
  if (!parts_->threads.Wait(parts_->options.farewell)) {
    for (const std::shared_ptr<Worker>& worker : parts_->workers) {
      worker->Abandon();
    }
  }
  const bool workers_ended = parts_->threads.Join(kLastResort);
  parts_->all_ended = parts_->shared->pool->Stop(kLastResort) && workers_ended;
  return parts_->all_ended;
}

void TcpServer::Replace(std::shared_ptr<const Site> site) {
  parts_->door->Replace(std::move(site));
}

std::shared_ptr<const Site> TcpServer::site() const { return parts_->door->site(); }
const ServerCounters& TcpServer::counters() const { return parts_->shared->counters; }
const ConnectionLimits& TcpServer::limits() const { return parts_->shared->limits; }

}  // namespace epa::tool
