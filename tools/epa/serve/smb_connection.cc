#include "tools/epa/serve/smb_connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "epa/smb2/framing.h"
#include "tools/epa/common/command_line.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// What is taken from the socket at once.
constexpr size_t kPiece = 16 * 1024;

class SmbConnection final : public Connection, public std::enable_shared_from_this<SmbConnection> {
 public:
  SmbConnection(ConnectionHost& host, const SmbSite& site, tcp::socket socket)
      : host_(host),
        site_(site),
        socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        smb_(site.config, PeerName(socket_)) {}
  ~SmbConnection() override { host_.Forget(this); }

  void Start() override {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->Open(); });
  }
  void Drain() override {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
      if (!self->InLogin()) {
        self->Close();
      }
    });
  }

 private:
  void Open();
  void Await();
  void Take();
  void Handle();
  bool Answer(smb2::ServerOutput output);
  void AnswerRequests(const std::vector<smb2::ServerRequest>& requests);
  void RunPending(std::unique_ptr<PendingWork> work);
  void Send();
  void Close();

  // The login has begun and is not done: what a server that stops waits for.
  bool InLogin() const { return smb_.dialect().has_value() && smb_.session_count() == 0; }
  void Expect(Clock::time_point deadline);
  void Watch();
  Clock::time_point NextDeadline();

  ConnectionHost& host_;
  const SmbSite& site_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  smb2::ServerConnection smb_;
  smb2::FrameReader frames_;
  std::map<uint64_t, SmbFiles> files_;  // by session
  std::vector<uint8_t> output_;
  Clock::time_point login_deadline_;
  std::optional<Clock::time_point> message_deadline_;
  Clock::time_point deadline_;
  bool watching_ = false;
  bool welcomed_ = false;
  bool close_after_ = false;
};

void SmbConnection::Open() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  login_deadline_ = Clock::now() + host_.patience();
  Await();
}

// One timer a connection: an earlier deadline waits for it to ring, as the patience is short.
void SmbConnection::Expect(Clock::time_point deadline) {
  deadline_ = deadline;
  if (!watching_) {
    Watch();
  }
}

void SmbConnection::Watch() {
  watching_ = true;
  timer_.expires_at(std::min(deadline_, Clock::now() + host_.patience()));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    self->watching_ = false;
    if (error || !self->socket_.is_open()) {
      return;
    }
    if (Clock::now() >= self->deadline_) {
      self->Close();
    } else {
      self->Watch();
    }
  });
}

// Neither a login nor a message that has begun gets more time because a little more of it came.
Clock::time_point SmbConnection::NextDeadline() {
  if (!welcomed_) {
    return login_deadline_;
  }
  if (frames_.buffered() == 0) {
    return Clock::now() + site_.idle;
  }
  if (!message_deadline_.has_value()) {
    message_deadline_ = Clock::now() + host_.patience();
  }
  return *message_deadline_;
}

// Waits without a buffer, so that a silent connection holds none.
void SmbConnection::Await() {
  if (host_.stopping() && !InLogin()) {
    Close();
    return;
  }
  Expect(NextDeadline());
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    error ? self->Close() : self->Take();
  });
}

void SmbConnection::Take() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): the read fills it
  std::array<uint8_t, kPiece> piece;
  error_code error;
  const size_t size = socket_.read_some(asio::buffer(piece), error);
  if (error == asio::error::would_block || error == asio::error::try_again) {
    Await();
  } else if (error || size == 0) {
    Close();
  } else {
    frames_.Append(std::span(piece).first(size));
    Handle();
  }
}

// Message by message. An answer is sent before the message after it is looked at, so a client
// that does not read holds back only itself.
void SmbConnection::Handle() {
  bool idle = true;
  while (idle) {
    auto message = frames_.Next(smb_.max_message_size());
    if (!message.ok()) {
      Close();
      return;
    }
    if (!message->has_value()) {
      Await();
      return;
    }
    message_deadline_.reset();
    idle = Answer(smb_.OnMessage(**message));
  }
}

// Whether the next message may be looked at already.
bool SmbConnection::Answer(smb2::ServerOutput output) {
  if (!output.reason.ok() && !absl::IsInvalidArgument(output.reason) &&
      !absl::IsPermissionDenied(output.reason) && !absl::IsResourceExhausted(output.reason)) {
    Fail(kExitFault, output.reason.ToString());
  }
  welcomed_ = welcomed_ || smb_.session_count() > 0;
  output_.insert(output_.end(), output.send.begin(), output.send.end());
  AnswerRequests(output.requests);
  for (const uint64_t session : output.ended_sessions) {
    files_.erase(session);
  }
  close_after_ = output.close;
  if (output.pending_work != nullptr) {
    RunPending(std::move(output.pending_work));
    return false;
  }
  if (output_.empty() && !close_after_) {
    return true;
  }
  Send();
  return false;
}

void SmbConnection::AnswerRequests(const std::vector<smb2::ServerRequest>& requests) {
  for (const smb2::ServerRequest& request : requests) {
    SmbFiles& files =
        files_.try_emplace(request.session->id(), site_.share, site_.limits).first->second;
    SmbFileRequest wanted;
    wanted.command = request.header.command;
    wanted.tree = request.header.tree_id;
    wanted.related = request.related;
    wanted.credit_charge = request.header.credit_charge;
    wanted.body = request.body;
    const SmbFileReply reply = files.Handle(wanted);
    smb2::ServerResponse response;
    response.status = reply.status;
    response.body = reply.body;
    response.tree_id = reply.tree;
    smb_.Respond(request, response, output_);
  }
}

void SmbConnection::RunPending(std::unique_ptr<PendingWork> work) {
  Expect(Clock::time_point::max());
  // Functions are copied, work is not.
  auto shared = std::make_shared<std::unique_ptr<PendingWork>>(std::move(work));
  host_.RunElsewhere(
      [self = shared_from_this(), shared, guard = asio::make_work_guard(socket_.get_executor())] {
        (*shared)->Run();
        asio::post(self->socket_.get_executor(), [self, shared] {
          if (self->socket_.is_open()) {
            if (self->Answer(self->smb_.Resume(std::move(*shared)))) {
              self->Handle();
            }
          }
        });
      });
}

void SmbConnection::Send() {
  Expect(welcomed_ ? Clock::now() + host_.patience() : login_deadline_);
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this()](error_code error, size_t) {
                      std::vector<uint8_t>().swap(self->output_);
                      error || self->close_after_ ? self->Close() : self->Handle();
                    });
}

void SmbConnection::Close() {
  error_code ignored;
  timer_.cancel();
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace

std::shared_ptr<Connection> NewSmbConnection(ConnectionHost& host, const SmbSite& site,
                                             tcp::socket socket) {
  return std::make_shared<SmbConnection>(host, site, std::move(socket));
}

}  // namespace epa::tool
