// Who may connect, and who makes room, when there is room for no more.
#ifndef EPA_TOOLS_EPA_SERVE_CONNECTION_LIMITS_H_
#define EPA_TOOLS_EPA_SERVE_CONNECTION_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "tools/epa/serve/peer_address.h"

namespace epa::tool {

enum class Admission : uint8_t {
  kAdmitted,
  kAdmittedForAnother,  // one that had not logged in was told to give way
  kAddressFull,         // all of its address are logged in
  kFull,                // all are logged in
};

// Counts connections, in all and by network. At a limit, one that has not logged in gives way to
// the next: the one that has waited longest, of the same network for that one's limit, and of the
// network where most are waiting for the limit of all. So nobody keeps others out by waiting, and
// of two strangers the one with fewer connections is served. Who is logged in never gives way.
//
// For several threads.
class ConnectionLimits {
 public:
  class Member;

  // Both at least 1.
  ConnectionLimits(size_t all, size_t of_one_network);

  // Whether Admit would find room for somebody.
  bool HasRoom() const;
  // `member` counts from here on, until Leave. Memory may run out: then nothing has changed.
  Admission Admit(Member& member, const PeerAddress::Network& network);
  // From here on it does not give way.
  void LoggedIn(Member& member) noexcept;
  // Harmless for one that does not count.
  void Leave(Member& member) noexcept;
  // Tells somebody who has not logged in to give way. False where there is nobody.
  bool MakeRoom() noexcept;

  size_t count() const;
  size_t waiting_count() const;

 private:
  struct Share {
    size_t members = 0;
    std::list<Member*> waiting;  // the longest first
  };
  using Shares = std::map<PeerAddress::Network, Share>;
  // How many wait, how long ago the first of them came, the share: the greatest gives way first.
  using Rank = std::tuple<size_t, uint64_t, Share*>;

  static Rank RankOf(Share& share);
  void Withdraw(Member& member) noexcept;
  void StopWaiting(Member& member) noexcept;
  void TellToGiveWay(Member& member) noexcept;
  bool MakeRoomLocked() noexcept;

  const size_t all_;
  const size_t of_one_network_;
  mutable std::mutex mutex_;
  size_t count_ = 0;
  uint64_t arrivals_ = 0;
  Shares shares_;
  std::set<Rank> ranks_;  // of shares with somebody waiting
};

// A connection that counts. Leaves before it ends.
class ConnectionLimits::Member {
 public:
  virtual ~Member() = default;
  // Its place is given to another; it does not count any more and ends soon. Called by any thread,
  // and may not call back.
  virtual void GiveWay() noexcept = 0;

 private:
  friend class ConnectionLimits;
  uint64_t arrival_ = 0;
  Shares::iterator share_;
  std::list<Member*>::iterator place_;
  bool counts_ = false;
  bool waits_ = false;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_CONNECTION_LIMITS_H_
