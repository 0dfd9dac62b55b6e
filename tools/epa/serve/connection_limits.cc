#include "tools/epa/serve/connection_limits.h"

#include <iterator>
#include <limits>
#include <utility>

namespace epa::tool {

ConnectionLimits::ConnectionLimits(size_t all, size_t of_one_network)
    : all_(all), of_one_network_(of_one_network) {}

bool ConnectionLimits::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return count_ < all_ || !ranks_.empty();
}

Admission ConnectionLimits::Admit(Member& member, const PeerAddress::Network& network) {
  const std::lock_guard lock(mutex_);
  const auto known = shares_.find(network);
  const bool share_full = known != shares_.end() && known->second.members >= of_one_network_;
  if (share_full && known->second.waiting.empty()) {
    return Admission::kAddressFull;
  }
  if (!share_full && count_ >= all_ && ranks_.empty()) {
    return Admission::kFull;
  }
  // What needs memory, before anything changes.
  std::list<Member*> place = {&member};
  std::set<Rank> rank = {{1, std::numeric_limits<uint64_t>::max() - arrivals_, nullptr}};
  Shares share;
  share.try_emplace(network);

  Admission outcome = Admission::kAdmitted;
  if (share_full) {
    TellToGiveWay(*known->second.waiting.front());
    outcome = Admission::kAdmittedForAnother;
  } else if (count_ >= all_) {
    MakeRoomLocked();
    outcome = Admission::kAdmittedForAnother;
  }
  member.share_ = shares_.insert(share.extract(share.begin())).position;
  Share& joined = member.share_->second;
  member.arrival_ = arrivals_++;
  member.counts_ = true;
  member.waits_ = true;
  member.place_ = place.begin();
  joined.waiting.splice(joined.waiting.end(), place);
  ++joined.members;
  ++count_;
  auto node =
      joined.waiting.size() == 1
          ? rank.extract(rank.begin())
          : ranks_.extract({joined.waiting.size() - 1, std::get<1>(RankOf(joined)), &joined});
  node.value() = RankOf(joined);
  ranks_.insert(std::move(node));
  return outcome;
}

ConnectionLimits::Rank ConnectionLimits::RankOf(Share& share) {
  return {share.waiting.size(),
          std::numeric_limits<uint64_t>::max() - share.waiting.front()->arrival_, &share};
}

void ConnectionLimits::StopWaiting(Member& member) noexcept {
  Share& share = member.share_->second;
  auto node = ranks_.extract(RankOf(share));
  share.waiting.erase(member.place_);
  member.waits_ = false;
  if (!share.waiting.empty()) {
    node.value() = RankOf(share);
    ranks_.insert(std::move(node));
  }
}

void ConnectionLimits::Withdraw(Member& member) noexcept {
  if (member.waits_) {
    StopWaiting(member);
  }
  member.counts_ = false;
  --count_;
  if (--member.share_->second.members == 0) {
    shares_.erase(member.share_);
  }
}

void ConnectionLimits::TellToGiveWay(Member& member) noexcept {
  Withdraw(member);
  member.GiveWay();
}

bool ConnectionLimits::MakeRoomLocked() noexcept {
  if (ranks_.empty()) {
    return false;
  }
  TellToGiveWay(*std::get<Share*>(*ranks_.rbegin())->waiting.front());
  return true;
}

bool ConnectionLimits::MakeRoom() noexcept {
  const std::lock_guard lock(mutex_);
  return MakeRoomLocked();
}

void ConnectionLimits::LoggedIn(Member& member) noexcept {
  const std::lock_guard lock(mutex_);
  if (member.counts_ && member.waits_) {
    StopWaiting(member);
  }
}

void ConnectionLimits::Leave(Member& member) noexcept {
  const std::lock_guard lock(mutex_);
  if (member.counts_) {
    Withdraw(member);
  }
}

size_t ConnectionLimits::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

size_t ConnectionLimits::waiting_count() const {
  const std::lock_guard lock(mutex_);
  size_t waiting = 0;
  for (const auto& [network, share] : shares_) {
    waiting += share.waiting.size();
  }
  return waiting;
}

}  // namespace epa::tool
