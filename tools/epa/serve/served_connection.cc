#include "tools/epa/serve/served_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "tools/epa/serve/mailbox.h"

namespace epa::tool {
namespace {

using std::chrono::steady_clock;

// How long a client may take to say goodbye.
constexpr std::chrono::seconds kGoodbyeTime{2};
// Pieces taken and messages answered before others have their turn.
constexpr int kMostRounds = 64;

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

ServedConnection::ServedConnection(std::shared_ptr<ServerShared> shared,
                                   std::shared_ptr<Mailbox> mailbox,
                                   std::shared_ptr<const Site> site, FileDescriptor socket,
                                   PeerAddress peer, TimePoint now)
    : shared_(std::move(shared)),
      mailbox_(std::move(mailbox)),
      site_(std::move(site)),
      socket_(std::move(socket)),
      peer_(peer),
      begun_(now),
      sealed_(site_->transport().has_tls() && site_->begins_with_tls()),
      wait_begun_(now),
      deadline_(now + shared_->times.login) {}

ServedConnection::~ServedConnection() { End(); }

void ServedConnection::End() noexcept {
  shared_->limits.Leave(*this);
  ended_ = true;
}

void ServedConnection::GiveWay() noexcept {
  // The worker hears of it as of any end of a connection.
  shutdown(socket_.number(), SHUT_RDWR);
}

void ServedConnection::OnReady(uint32_t events, WorkSpace& space) {
  hung_up_ = hung_up_ || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  readable_ = readable_ || hung_up_ || (events & EPOLLIN) != 0;
  writable_ = writable_ || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
  if (conversation_ == nullptr && site_->greets() && !sealed_) {
    Begin();
  }
  if (Flush()) {
    Go(space);
  }
}

void ServedConnection::OnWorkDone(WorkSpace& space) {
  working_ = false;
  if (ended()) {
    return;
  }
  if (work_ == nullptr) {
    shared_->counters.faults.fetch_add(1, std::memory_order_relaxed);
    End();
    return;
  }
  if (leaving_) {
    conversation_->Leave();
  }
  Apply(conversation_->Resume(std::move(work_)));
  if (Flush()) {
    Go(space);
  }
}

void ServedConnection::Go(WorkSpace& space) {
  yielded_ = false;
  Advance(space);
  Settle(space.now);
}

// What is to be sent leaves together: TLS' session tickets with the first answer.
void ServedConnection::Advance(WorkSpace& space) {
  for (int rounds = 0; !ended() && !working_; ++rounds) {
    yielded_ = rounds == kMostRounds;
    if (yielded_) {
      return;
    }
    const bool acted = conversation_ != nullptr && !closing_ && Apply(conversation_->Next());
    if (!Flush() || (!acted && !Read(space))) {
      return;
    }
  }
}

// Whether there was something to do.
bool ServedConnection::Apply(Turn turn) {
  if (!turn.fault.ok()) {
    Report(turn.fault);
  }
  if (turn.empty()) {
    return false;
  }
  acted_ = true;
  if (!turn.send.empty()) {
    Queue(std::move(turn.send));
  }
  sealed_ = sealed_ || turn.start_tls;
  if (turn.work != nullptr) {
    Hand(std::move(turn.work));
  } else if (turn.close) {
    Close();
  }
  return true;
}

// Where too many wait already, the login ends with a fault.
void ServedConnection::Hand(std::unique_ptr<PendingWork> work) {
  working_ = shared_->pool
                 ->RunPending(work,
                              [self = shared_from_this()](std::unique_ptr<PendingWork> done) {
                                self->work_ = std::move(done);
                                self->mailbox_->Put(self);
                              })
                 .ok();
  if (!working_) {
    Apply(conversation_->Resume(std::move(work)));
  }
}

// False when there is nothing more to read.
bool ServedConnection::Read(WorkSpace& space) {
  while (readable_) {
    const ssize_t size =
        recv(socket_.number(), space.received.data(), space.received.size(), MSG_DONTWAIT);
    if (size > 0) {
      // Less than there is room for is all there is, but perhaps for the end.
      readable_ = hung_up_ || static_cast<size_t>(size) == space.received.size();
      if (!closing_) {
        Take(std::span(space.received).first(static_cast<size_t>(size)), space);
      }
      return !ended();
    }
    if (size == 0 || (errno != EINTR && !WouldBlock(errno))) {
      End();
      return false;
    }
    readable_ = errno == EINTR;
  }
  return false;
}

void ServedConnection::Take(std::span<const uint8_t> octets, WorkSpace& space) {
  if (sealed_) {
    TakeSealed(octets, space);
    return;
  }
  if (conversation_ == nullptr) {
    Begin();
  }
  if (conversation_ != nullptr) {
    conversation_->Receive(octets);
  }
}

void ServedConnection::TakeSealed(std::span<const uint8_t> octets, WorkSpace& space) {
  if (!tls_.has_value()) {
    tls_settings_ = site_->transport().Tls();
    tls_.emplace(tls_settings_->context(), out_);
    if (!tls_->valid()) {
      shared_->counters.faults.fetch_add(1, std::memory_order_relaxed);
      End();
      return;
    }
  }
  tls_->Take(octets);
  if (!shaken_ && !Shake()) {
    return;
  }
  TlsSession::Progress progress = TlsSession::Progress::kDone;
  while (progress == TlsSession::Progress::kDone && !closing_) {
    size_t size = 0;
    progress = tls_->Open(space.opened, size);
    if (progress == TlsSession::Progress::kDone) {
      conversation_->Receive(std::span(space.opened).first(size));
    }
  }
  if (progress == TlsSession::Progress::kEnded) {
    Close();
  }
}

// Whether the handshake has ended and the conversation begun.
bool ServedConnection::Shake() {
  switch (tls_->Shake()) {
    case TlsSession::Progress::kNeedsMore:
      return false;
    case TlsSession::Progress::kEnded:
      Close();
      return false;
    case TlsSession::Progress::kDone:
      shaken_ = true;
      OnShaken();
      return conversation_ != nullptr && !closing_;
  }
  return false;
}

void ServedConnection::OnShaken() {
  if (conversation_ == nullptr) {
    Begin();
    return;
  }
  absl::StatusOr<Channel> channel = ChannelNow();
  if (!channel.ok()) {
    Report(channel.status());
    Close();
    return;
  }
  conversation_->OnTls(*std::move(channel));
}

absl::StatusOr<Channel> ServedConnection::ChannelNow() const {
  return site_->transport().ChannelOf(tls_settings_.get(),
                                      tls_.has_value() ? tls_->ssl() : nullptr);
}

void ServedConnection::Begin() {
  absl::StatusOr<Channel> channel = ChannelNow();
  if (!channel.ok()) {
    Report(channel.status());
    Close();
    return;
  }
  conversation_ = site_->Begin(*std::move(channel), peer_.ToString());
  if (leaving_) {
    conversation_->Leave();
  }
}

void ServedConnection::Report(const absl::Status& fault) {
  shared_->counters.faults.fetch_add(1, std::memory_order_relaxed);
  if (shared_->on_fault != nullptr) {
    shared_->on_fault(peer_.ToString() + ": " + fault.ToString());
  }
}

void ServedConnection::Queue(std::vector<uint8_t> octets) {
  if (tls_.has_value()) {
    if (!tls_->Seal(octets)) {
      End();
    }
  } else if (out_.empty()) {
    out_ = std::move(octets);
  } else {
    out_.insert(out_.end(), octets.begin(), octets.end());
  }
}

// Whether all is sent and the connection goes on.
bool ServedConnection::Flush() {
  NoticeLogin();
  while (!ended() && sent_ < out_.size()) {
    const ssize_t size = writable_ ? send(socket_.number(), out_.data() + sent_,
                                          out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT)
                                   : -1;
    if (size >= 0) {
      sent_ += static_cast<size_t>(size);
    } else if (!writable_ || WouldBlock(errno)) {
      writable_ = false;
      return false;
    } else if (errno != EINTR) {
      End();
    }
  }
  if (!out_.empty()) {
    std::vector<uint8_t>().swap(out_);
    sent_ = 0;
  }
  if (closing_ && !said_goodbye_ && !ended()) {
    // What the client still sends is read, so that the last answer is not lost with it.
    said_goodbye_ = true;
    shutdown(socket_.number(), SHUT_WR);
    if (leaving_) {
      End();
    }
  }
  return !ended();
}

// Says goodbye once all is sent.
void ServedConnection::Close() {
  if (closing_) {
    return;
  }
  closing_ = true;
  acted_ = true;
  if (tls_.has_value()) {
    tls_->End();
  }
}

// Before the client hears of it, so that it counts as logged in whatever it does next.
void ServedConnection::NoticeLogin() {
  if (conversation_ != nullptr && !working_ && !logged_in_ && conversation_->standing().logged_in) {
    logged_in_ = true;
    shared_->limits.LoggedIn(*this);
  }
}

bool ServedConnection::MayLeave(const Standing& standing) const {
  return leaving_ && !working_ && !yielded_ && !closing_ && out_.empty() && !standing.in_login &&
         !standing.in_message;
}

// What is waited for now, and until when.
void ServedConnection::Settle(TimePoint now) {
  if (ended()) {
    return;
  }
  Standing standing;
  if (conversation_ != nullptr && !working_) {
    standing = conversation_->standing();
  }
  if (MayLeave(standing)) {
    Close();
    if (!Flush()) {
      return;
    }
  }
  Wait wait = standing.in_message ? Wait::kMessage : Wait::kInput;
  if (closing_) {
    wait = Wait::kGoodbye;
  } else if (!out_.empty()) {
    wait = Wait::kOutput;
  } else if (working_) {
    wait = Wait::kNone;
  }
  // Neither a message nor an answer gets more time because a little more of it has passed.
  if (wait != wait_ || acted_) {
    wait_begun_ = now;
  }
  wait_ = wait;
  acted_ = false;
  deadline_ = DeadlineOf(wait);
}

ServedConnection::TimePoint ServedConnection::DeadlineOf(Wait wait) const {
  if (wait == Wait::kGoodbye) {
    return wait_begun_ + kGoodbyeTime;
  }
  if (!logged_in_) {
    return begun_ + shared_->times.login;
  }
  switch (wait) {
    case Wait::kNone:
    case Wait::kGoodbye:
      return TimePoint::max();
    case Wait::kInput:
      return wait_begun_ + site_->idle_time();
    case Wait::kMessage:
    case Wait::kOutput:
      return wait_begun_ + shared_->times.patience;
  }
  return TimePoint::max();
}

void ServedConnection::OnTick(TimePoint now) {
  if (conversation_ != nullptr && !working_ && !ended()) {
    conversation_->OnTick();
  }
  if (now < deadline_) {
    return;
  }
  if (!logged_in_ && !closing_) {
    shared_->counters.late_logins.fetch_add(1, std::memory_order_relaxed);
  }
  if (wait_ == Wait::kInput && logged_in_ && !working_) {
    Close();
    if (Flush()) {
      Settle(now);
    }
    return;
  }
  End();
}

void ServedConnection::PrepareToLeave() {
  leaving_ = true;
  if (conversation_ != nullptr && !working_) {
    conversation_->Leave();
  }
}

void ServedConnection::Leave(WorkSpace& space) {
  PrepareToLeave();
  if (conversation_ == nullptr) {
    End();  // before or in the middle of its handshake
    return;
  }
  Settle(space.now);
}

}  // namespace epa::tool
