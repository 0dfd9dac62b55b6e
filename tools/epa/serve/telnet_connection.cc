#include "tools/epa/serve/telnet_connection.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/epa/common/command_line.h"
#include "tools/epa/serve/login_report.h"
#include "tools/epa/serve/telnet_shell.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

// How long a user may be silent.
constexpr std::chrono::minutes kIdlePatience{10};
// How long a client may take to say goodbye.
constexpr std::chrono::seconds kShutdownPatience{2};
// The same to all who do not get in.
constexpr std::string_view kRefusal = "This server is for authenticated logins (NTLM).\r\n";

bool IsOurFault(const absl::Status& reason) {
  return !reason.ok() && !absl::IsPermissionDenied(reason) && !absl::IsUnauthenticated(reason) &&
         !absl::IsInvalidArgument(reason);
}

template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <class... Arguments>
  Session(ConnectionHost& host, const TelnetSite& site, tcp::socket socket, Arguments&... tls)
      : host_(host), site_(site), peer_(PeerName(socket)), stream_(std::move(socket), tls...) {}
  ~Session() override { host_.Forget(this); }

  void Start() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->Open(); });
  }
  void Drain() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->waiting_) {
        beast::get_lowest_layer(self->stream_).cancel();
      }
    });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  void Open();
  void Begin(SSL* ssl);
  void Apply(telnet::ServerOutput output);
  void Enter();
  void Queue(std::string_view text);
  // Does what is due next: sends, works, answers a line, reads, or closes.
  void Continue();
  void AnswerLines();
  void Send();
  void Read();
  void RunPending();
  void Close();
  void AwaitGoodbye();

  // The client's time for the login does not begin anew with each octet it sends.
  void ExpectInput() {
    if (shell_.has_value()) {
      beast::get_lowest_layer(stream_).expires_after(kIdlePatience);
    } else {
      beast::get_lowest_layer(stream_).expires_at(login_deadline_);
    }
  }

  ConnectionHost& host_;
  const TelnetSite& site_;
  const std::string peer_;
  Stream stream_;
  std::chrono::steady_clock::time_point login_deadline_;
  std::optional<telnet::ServerConnection> telnet_;
  std::optional<TelnetShell> shell_;
  std::array<uint8_t, 4096> input_{};
  std::vector<uint8_t> outgoing_;
  std::unique_ptr<PendingWork> work_;
  // What the user typed and `unanswered_`, the part that the shell has not seen.
  std::vector<uint8_t> typed_;
  std::string_view unanswered_;
  bool leaving_ = false;
  // For input that may as well never come.
  bool waiting_ = false;
};

template <class Stream>
void Session<Stream>::Open() {
  if (host_.stopping()) {
    return;
  }
  login_deadline_ = std::chrono::steady_clock::now() + host_.patience();
  if constexpr (kTls) {
    waiting_ = true;
    ExpectInput();
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = this->shared_from_this()](error_code error) {
                              self->waiting_ = false;
                              if (!error) {
                                self->Begin(self->stream_.native_handle());
                              }
                            });
  } else {
    Begin(nullptr);
  }
}

template <class Stream>
void Session<Stream>::Begin(SSL* ssl) {
  absl::StatusOr<Channel> channel = site_.transport->ChannelOf(ssl);
  if (!channel.ok()) {
    Fail(kExitFault, peer_ + ": " + channel.status().ToString());
    Close();
    return;
  }
  telnet_.emplace(site_.config, *std::move(channel), peer_);
  outgoing_ = telnet_->Start();
  Continue();
}

template <class Stream>
void Session<Stream>::Apply(telnet::ServerOutput output) {
  if (IsOurFault(output.reason)) {
    Fail(kExitFault, peer_ + ": " + output.reason.ToString());
  }
  outgoing_ = std::move(output.send);
  work_ = std::move(output.pending_work);
  typed_ = std::move(output.data);
  unanswered_ = {reinterpret_cast<const char*>(typed_.data()), typed_.size()};
  leaving_ = output.close;
  if (leaving_ && !shell_.has_value()) {
    Queue(kRefusal);
  } else if (!shell_.has_value() && telnet_->context() != nullptr) {
    Enter();
  }
  Continue();
}

template <class Stream>
void Session<Stream>::Enter() {
  std::string report = LoginReport(*telnet_->context(), *site_.config->options().policy);
  report.pop_back();  // the line end
  shell_.emplace(std::move(report));
  Queue(shell_->Greeting());
}

template <class Stream>
void Session<Stream>::Queue(std::string_view text) {
  const std::vector<uint8_t> octets =
      telnet::EscapeData({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  outgoing_.insert(outgoing_.end(), octets.begin(), octets.end());
}

template <class Stream>
void Session<Stream>::Continue() {
  if (outgoing_.empty() && shell_.has_value() && !leaving_) {
    AnswerLines();
  }
  if (!outgoing_.empty()) {
    Send();
  } else if (work_ != nullptr) {
    RunPending();
  } else if (leaving_ || host_.stopping()) {
    Close();
  } else {
    Read();
  }
}

template <class Stream>
void Session<Stream>::AnswerLines() {
  Queue(shell_->Next(unanswered_));
  leaving_ = shell_->ended();
}

template <class Stream>
void Session<Stream>::Send() {
  beast::get_lowest_layer(stream_).expires_after(host_.patience());
  asio::async_write(stream_, asio::buffer(outgoing_),
                    [self = this->shared_from_this()](error_code error, size_t) {
                      self->outgoing_.clear();
                      error ? self->Close() : self->Continue();
                    });
}

template <class Stream>
void Session<Stream>::Read() {
  ExpectInput();
  waiting_ = true;
  stream_.async_read_some(
      asio::buffer(input_), [self = this->shared_from_this()](error_code error, size_t size) {
        self->waiting_ = false;
        if (error) {
          self->Close();
        } else {
          self->Apply(self->telnet_->Receive(std::span(self->input_).first(size)));
        }
      });
}

template <class Stream>
void Session<Stream>::RunPending() {
  beast::get_lowest_layer(stream_).expires_never();
  // Functions are copied, work is not.
  auto shared = std::make_shared<std::unique_ptr<PendingWork>>(std::move(work_));
  host_.RunElsewhere([self = this->shared_from_this(), shared,
                      guard = asio::make_work_guard(stream_.get_executor())] {
    (*shared)->Run();
    asio::post(self->stream_.get_executor(),
               [self, shared] { self->Apply(self->telnet_->Resume(std::move(*shared))); });
  });
}

// What a client still sends is read, so that the last answer is not lost with it.
template <class Stream>
void Session<Stream>::Close() {
  tcp::socket& socket = beast::get_lowest_layer(stream_).socket();
  error_code ignored;
  if (host_.stopping()) {
    socket.shutdown(tcp::socket::shutdown_receive, ignored);
  }
  beast::get_lowest_layer(stream_).expires_after(kShutdownPatience);
  waiting_ = true;
  if constexpr (kTls) {
    stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
  } else {
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    AwaitGoodbye();
  }
}

template <class Stream>
void Session<Stream>::AwaitGoodbye() {
  stream_.async_read_some(asio::buffer(input_),
                          [self = this->shared_from_this()](error_code error, size_t) {
                            if (!error) {
                              self->AwaitGoodbye();
                            }
                          });
}

}  // namespace

std::shared_ptr<Connection> NewTelnetConnection(ConnectionHost& host, const TelnetSite& site,
                                                tcp::socket socket) {
  if (asio::ssl::context* tls = site.transport->tls_context(); tls != nullptr) {
    return std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(host, site,
                                                                           std::move(socket), *tls);
  }
  return std::make_shared<Session<beast::tcp_stream>>(host, site, std::move(socket));
}

}  // namespace epa::tool
