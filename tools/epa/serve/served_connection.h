// One connection of a server: octets between its socket and its conversation, its TLS, its limits
// of time.
#ifndef EPA_TOOLS_EPA_SERVE_SERVED_CONNECTION_H_
#define EPA_TOOLS_EPA_SERVE_SERVED_CONNECTION_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/core/work_pool.h"
#include "lib/base/file_descriptor.h"
#include "tools/epa/serve/connection_limits.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/peer_address.h"
#include "tools/epa/serve/server_counters.h"
#include "tools/epa/serve/tls_session.h"

namespace epa::tool {

class Mailbox;

struct ServerTimes {
  // From the beginning of a connection until somebody is logged in.
  std::chrono::milliseconds login{std::chrono::seconds(30)};
  // For the rest of a message that has begun, and for an answer to be taken.
  std::chrono::milliseconds patience{std::chrono::seconds(30)};
};

// What the connections of a server share. Outlives them.
struct ServerShared {
  ServerShared(ServerTimes server_times, size_t all, size_t of_one_network,
               std::unique_ptr<WorkPool> work_pool)
      : times(server_times), limits(all, of_one_network), pool(std::move(work_pool)) {}

  const ServerTimes times;
  ConnectionLimits limits;
  ServerCounters counters;
  const std::unique_ptr<WorkPool> pool;  // logins wait here for their authority
  // Hears of faults of ours; may be empty.
  std::function<void(const std::string&)> on_fault;
};

// What a worker lends to the connection it attends to.
struct WorkSpace {
  std::chrono::steady_clock::time_point now;
  std::array<uint8_t, 16 * 1024> received;
  std::array<uint8_t, 16 * 1024> opened;  // a TLS record's content (RFC 8446 5.1)
};

// Belongs to one worker, which calls it on its thread unless another is named. Until the first
// octet has come it holds no buffer, no TLS and no conversation.
class ServedConnection final : public ConnectionLimits::Member,
                               public std::enable_shared_from_this<ServedConnection> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `mailbox`: its worker's.
  ServedConnection(std::shared_ptr<ServerShared> shared, std::shared_ptr<Mailbox> mailbox,
                   std::shared_ptr<const Site> site, FileDescriptor socket, PeerAddress peer,
                   TimePoint now);
  ~ServedConnection() override;
  ServedConnection(const ServedConnection&) = delete;
  ServedConnection& operator=(const ServedConnection&) = delete;

  // What epoll(7) says of its socket, edge by edge. The first call says that it is there. May
  // throw; then it is to be ended.
  void OnReady(uint32_t events, WorkSpace& space);
  // Its work ran. May throw likewise.
  void OnWorkDone(WorkSpace& space);
  // From time to time.
  void OnTick(TimePoint now);
  // The server stops: what comes now is the last. Leave follows.
  void PrepareToLeave();
  // The server stops: it ends at once when nothing is going on, else after the open exchange.
  void Leave(WorkSpace& space);
  // Ends it now. Its worker closes the socket, once it no longer watches it.
  void End() noexcept;
  bool ended() const { return ended_; }
  // There is more to read, but it is the others' turn: OnReady is to be called again.
  bool yielded() const { return yielded_; }

  int socket() const { return socket_.number(); }
  const PeerAddress& peer() const { return peer_; }

  // By any thread.
  void GiveWay() noexcept override;

 private:
  friend class Mailbox;
  friend class Worker;

  // What its deadline is for.
  enum class Wait : uint8_t { kNone, kInput, kMessage, kOutput, kGoodbye };

  void Go(WorkSpace& space);
  void Advance(WorkSpace& space);
  bool Apply(Turn turn);
  void Hand(std::unique_ptr<PendingWork> work);
  bool Read(WorkSpace& space);
  void Take(std::span<const uint8_t> octets, WorkSpace& space);
  void TakeSealed(std::span<const uint8_t> octets, WorkSpace& space);
  bool Shake();
  void Begin();
  void OnShaken();
  absl::StatusOr<Channel> ChannelNow() const;
  void Report(const absl::Status& fault);
  void Queue(std::vector<uint8_t> octets);
  bool Flush();
  void Close();
  void Settle(TimePoint now);
  void NoticeLogin();
  bool MayLeave(const Standing& standing) const;
  TimePoint DeadlineOf(Wait wait) const;

  const std::shared_ptr<ServerShared> shared_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::shared_ptr<const Site> site_;
  FileDescriptor socket_;
  const PeerAddress peer_;
  const TimePoint begun_;

  // Of a TLS connection, from its first octet on.
  std::shared_ptr<const ServerTls> tls_settings_;
  std::vector<uint8_t> out_;
  size_t sent_ = 0;
  std::optional<TlsSession> tls_;
  bool sealed_;  // what arrives is TLS'
  bool shaken_ = false;
  std::unique_ptr<Conversation> conversation_;
  std::unique_ptr<PendingWork> work_;

  Wait wait_ = Wait::kNone;
  TimePoint wait_begun_;
  TimePoint deadline_ = TimePoint::max();

  bool readable_ = true;
  bool writable_ = true;
  bool hung_up_ = false;
  bool yielded_ = false;
  bool ended_ = false;
  bool acted_ = false;  // since the last Settle
  bool working_ = false;
  bool logged_in_ = false;
  bool leaving_ = false;
  bool closing_ = false;
  bool said_goodbye_ = false;

  // Its place in its worker's list, and in the mailbox.
  std::list<std::shared_ptr<ServedConnection>>::iterator place_;
  std::shared_ptr<ServedConnection> next_in_mailbox_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVED_CONNECTION_H_
