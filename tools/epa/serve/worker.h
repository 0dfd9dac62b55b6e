// One thread that takes connections and attends to them.
#ifndef EPA_TOOLS_EPA_SERVE_WORKER_H_
#define EPA_TOOLS_EPA_SERVE_WORKER_H_

#include <atomic>
#include <chrono>
#include <list>
#include <memory>

#include "absl/status/statusor.h"
#include "lib/base/file_descriptor.h"
#include "tools/epa/serve/door.h"
#include "tools/epa/serve/mailbox.h"
#include "tools/epa/serve/served_connection.h"

namespace epa::tool {

// Whatever one connection does, or no memory for it, ends that connection alone.
class Worker {
 public:
  static absl::StatusOr<std::shared_ptr<Worker>> Create(std::shared_ptr<ServerShared> shared,
                                                        std::shared_ptr<Door> door);

  // Works until told to end.
  void Run();

  // By any thread. Takes no more connections; ends when those there are have ended.
  void Leave() noexcept;
  // Ends, and with it what is still open.
  void Abandon() noexcept;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Order : uint8_t { kServe, kLeave, kAbandon };

  Worker(std::shared_ptr<ServerShared> shared, std::shared_ptr<Door> door, FileDescriptor epoll,
         std::shared_ptr<Mailbox> mailbox);
  bool Watch(int descriptor, uint32_t events, void* tag);
  bool Rewatch(ServedConnection& connection);
  void Unwatch(int descriptor);
  void Round();
  int PauseLength() const;
  void Accept();
  void Admit(FileDescriptor socket, const PeerAddress& peer);
  void OnAcceptFault(int error);
  void Pause(TimePoint until);
  void LookAtDoor();
  void ReadMail();
  void Tick();
  void SendAllAway();
  template <class Action>
  void Attend(ServedConnection& connection, Action action);
  void Remove(ServedConnection& connection);

  const std::shared_ptr<ServerShared> shared_;
  const std::shared_ptr<Door> door_;
  const FileDescriptor epoll_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::atomic<Order> order_ = Order::kServe;
  bool paused_ = true;  // until it runs
  bool leaving_ = false;
  std::list<std::shared_ptr<ServedConnection>> connections_;
  TimePoint paused_until_;
  TimePoint next_tick_;
  WorkSpace space_{};
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_WORKER_H_
