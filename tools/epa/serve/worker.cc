#include "tools/epa/serve/worker.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>
#include <span>
#include <utility>

#include "absl/status/status.h"

namespace epa::tool {
namespace {

// How often deadlines are looked at, and the door where no connection could be taken.
constexpr std::chrono::milliseconds kTick{250};
constexpr uint32_t kSocketEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

Worker::Worker(std::shared_ptr<ServerShared> shared, std::shared_ptr<Door> door,
               FileDescriptor epoll, std::shared_ptr<Mailbox> mailbox)
    : shared_(std::move(shared)),
      door_(std::move(door)),
      epoll_(std::move(epoll)),
      mailbox_(std::move(mailbox)) {}

absl::StatusOr<std::shared_ptr<Worker>> Worker::Create(std::shared_ptr<ServerShared> shared,
                                                       std::shared_ptr<Door> door) {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  auto mailbox = std::make_shared<Mailbox>();
  std::shared_ptr<Worker> worker(
      new Worker(std::move(shared), std::move(door), std::move(epoll), mailbox));
  if (!worker->epoll_.valid() || !mailbox->valid() ||
      !worker->Watch(mailbox->descriptor(), EPOLLIN, mailbox.get())) {
    return absl::ResourceExhaustedError("no file descriptors for a worker");
  }
  worker->door_->AddWorker(std::move(mailbox));
  return worker;
}

bool Worker::Watch(int descriptor, uint32_t events, void* tag) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = tag;
  return epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// Says again what is the case already.
bool Worker::Rewatch(ServedConnection& connection) {
  epoll_event event{};
  event.events = kSocketEvents;
  event.data.ptr = &connection;
  return epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, connection.socket(), &event) == 0;
}

// Closing is not enough: a child process between fork and exec holds the socket open, and epoll
// would go on to speak of a connection that is gone.
void Worker::Unwatch(int descriptor) {
  epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void Worker::Leave() noexcept {
  order_ = Order::kLeave;
  mailbox_->Wake();
}

void Worker::Abandon() noexcept {
  order_ = Order::kAbandon;
  mailbox_->Wake();
}

void Worker::Run() {
  while (order_ != Order::kAbandon && !(leaving_ && connections_.empty())) {
    Round();
    if (order_ == Order::kServe) {
      LookAtDoor();
    } else if (!leaving_) {
      SendAllAway();
    }
  }
  mailbox_->Close();
  ReadMail();
  while (!connections_.empty()) {
    Remove(*connections_.front());
  }
}

void Worker::Round() {
  std::array<epoll_event, 64> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const int count = epoll_wait(epoll_.number(), events.data(), events.size(), PauseLength());
  space_.now = std::chrono::steady_clock::now();
  bool mail = false;
  for (const epoll_event& event :
       std::span(events).first(count > 0 ? static_cast<size_t>(count) : 0)) {
    if (event.data.ptr == mailbox_.get()) {
      mail = true;
    } else if (event.data.ptr == door_.get()) {
      Accept();
    } else {
      Attend(*static_cast<ServedConnection*>(event.data.ptr), [&](ServedConnection& connection) {
        if (order_ != Order::kServe) {
          connection.PrepareToLeave();  // its next answer says so
        }
        connection.OnReady(event.events, space_);
      });
    }
  }
  // Only then: it may end connections that the events speak of.
  if (mail) {
    ReadMail();
  }
  if (space_.now >= next_tick_) {
    Tick();
  }
}

// Milliseconds; negative for ever.
int Worker::PauseLength() const {
  if (connections_.empty() && !paused_) {
    return -1;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next_tick_ - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

// One at a time, so that those there are have their turn. The door stays open: whatever becomes of
// this one, epoll says again when there is another.
void Worker::Accept() {
  if (paused_ || order_ != Order::kServe) {
    return;
  }
  if (!shared_->limits.HasRoom()) {
    shared_->counters.times_full.fetch_add(1, std::memory_order_relaxed);
    Pause(space_.now);
    return;
  }
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  FileDescriptor socket(accept4(door_->listener().descriptor(),
                                reinterpret_cast<sockaddr*>(&address), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.valid()) {
    OnAcceptFault(errno);
    return;
  }
  shared_->counters.connections.fetch_add(1, std::memory_order_relaxed);
  try {
    Admit(std::move(socket), PeerAddress(address));
  } catch (const std::exception&) {
    shared_->counters.faults.fetch_add(1, std::memory_order_relaxed);
  }
}

void Worker::OnAcceptFault(int error) {
  if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
    shared_->counters.out_of_descriptors.fetch_add(1, std::memory_order_relaxed);
    shared_->limits.MakeRoom();
    Pause(space_.now + kTick);
  }
}

void Worker::Admit(FileDescriptor socket, const PeerAddress& peer) {
  auto connection = std::make_shared<ServedConnection>(shared_, mailbox_, door_->site(),
                                                       std::move(socket), peer, space_.now);
  switch (shared_->limits.Admit(*connection, peer.network())) {
    case Admission::kAdmitted:
      break;
    case Admission::kAdmittedForAnother:
      shared_->counters.gave_way.fetch_add(1, std::memory_order_relaxed);
      break;
    case Admission::kFull:  // another worker was faster
      shared_->counters.times_full.fetch_add(1, std::memory_order_relaxed);
      return;
    case Admission::kAddressFull:
      shared_->counters.refused_for_address.fetch_add(1, std::memory_order_relaxed);
      return;
  }
  if (connections_.empty()) {
    next_tick_ = space_.now + kTick;
  }
  connections_.push_front(connection);
  connection->place_ = connections_.begin();
  if (!Watch(connection->socket(), kSocketEvents, connection.get())) {
    shared_->counters.out_of_descriptors.fetch_add(1, std::memory_order_relaxed);
    Remove(*connection);
  }
}

void Worker::Pause(TimePoint until) {
  paused_ = true;
  paused_until_ = until;
  mailbox_->wants_room = order_ == Order::kServe;
  Unwatch(door_->listener().descriptor());
}

void Worker::LookAtDoor() {
  // Each connection wakes one worker, not all of them.
  if (paused_ && space_.now >= paused_until_ && shared_->limits.HasRoom() &&
      Watch(door_->listener().descriptor(), EPOLLIN | EPOLLEXCLUSIVE, door_.get())) {
    paused_ = false;
    mailbox_->wants_room = false;
  }
}

void Worker::ReadMail() {
  std::shared_ptr<ServedConnection> next = mailbox_->TakeAll();
  while (next != nullptr) {
    const std::shared_ptr<ServedConnection> connection = std::move(next);
    next = std::move(connection->next_in_mailbox_);
    Attend(*connection, [&](ServedConnection& done) { done.OnWorkDone(space_); });
  }
}

void Worker::Tick() {
  next_tick_ = space_.now + kTick;
  for (auto place = connections_.begin(); place != connections_.end();) {
    ServedConnection& connection = **place++;
    Attend(connection, [&](ServedConnection& waiting) { waiting.OnTick(space_.now); });
  }
}

void Worker::SendAllAway() {
  leaving_ = true;
  if (!paused_) {
    Pause(TimePoint::max());
  }
  for (auto place = connections_.begin(); place != connections_.end();) {
    ServedConnection& connection = **place++;
    Attend(connection, [&](ServedConnection& open) { open.Leave(space_); });
  }
}

// No memory is taken where an exception is caught: there may be none.
template <class Action>
void Worker::Attend(ServedConnection& connection, Action action) {
  try {
    action(connection);
  } catch (const std::exception&) {
    shared_->counters.faults.fetch_add(1, std::memory_order_relaxed);
    connection.End();
  }
  if (connection.ended() || (connection.yielded() && !Rewatch(connection))) {
    Remove(connection);
  }
}

void Worker::Remove(ServedConnection& connection) {
  if (connection.place_ == connections_.end()) {
    return;  // its work went on for longer than it did
  }
  const std::shared_ptr<ServedConnection> held = *connection.place_;
  connection.End();
  Unwatch(connection.socket());
  connection.socket_ = FileDescriptor();
  connections_.erase(std::exchange(connection.place_, connections_.end()));
  door_->OnRoom();
}

}  // namespace epa::tool
