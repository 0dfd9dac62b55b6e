#include "tools/epa/serve/https_connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/epa/common/command_line.h"
#include "tools/epa/serve/http_request.h"
#include "tools/epa/serve/login_report.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;

// Windows' tickets have up to 48,000 octets, which are 64,000 in base64.
constexpr uint32_t kHeaderLimit = 64 * 1024;
constexpr uint64_t kBodyLimit = 1024 * 1024;
// How long a client may take to say goodbye.
constexpr std::chrono::seconds kShutdownPatience{2};

// A request body that is read and thrown away.
struct DiscardedBody {
  struct value_type {};  // NOLINT(readability-identifier-naming): Beast's name
  class reader {         // NOLINT(readability-identifier-naming): Beast's name
   public:
    template <bool kIsRequest, class Fields>
    reader(wire::header<kIsRequest, Fields>& /*header*/, value_type& /*body*/) {}
    void init(const boost::optional<uint64_t>& /*length*/, error_code& error) { error = {}; }
    template <class Buffers>
    size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      return beast::buffer_bytes(buffers);
    }
    void finish(error_code& error) { error = {}; }
  };
};

template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <class... Arguments>
  Session(ConnectionHost& host, const HttpsSite& site, asio::ip::tcp::socket socket,
          Arguments&... tls)
      : host_(host), site_(site), peer_(PeerName(socket)), stream_(std::move(socket), tls...) {}
  ~Session() override { host_.Forget(this); }

  void Start() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->Open(); });
  }
  void Drain() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->Idle()) {
        beast::get_lowest_layer(self->stream_).cancel();
      }
    });
  }

 private:
  using Response = wire::response<wire::string_body>;
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  void Open();
  void Begin(SSL* ssl);
  void ReadHeader();
  void ReadBody();
  void Authenticate();
  void Apply(http::Verdict verdict);
  void RunPending(std::unique_ptr<PendingWork> work);
  void Serve(http::Verdict verdict);
  void Respond(wire::status status, const http::HeaderList& headers, std::string body, bool close);
  void Send();
  void RefuseRequest(error_code error);
  void Close();

  void Expect(std::chrono::seconds patience) {
    beast::get_lowest_layer(stream_).expires_after(patience);
  }
  // Nothing of a request has come, and no login is half-way; or all is said.
  bool Idle() const {
    return authenticator_ == nullptr || closing_ ||
           (waiting_ && !login_open_ && buffer_.size() == 0 && !parser_->got_some());
  }

  ConnectionHost& host_;
  const HttpsSite& site_;
  const std::string peer_;
  Stream stream_;
  std::unique_ptr<http::Authenticator> authenticator_;
  beast::flat_buffer buffer_{2 * kHeaderLimit};
  std::optional<wire::request_parser<DiscardedBody>> parser_;
  std::vector<std::string> authorization_;  // of the header
  std::optional<Response> response_;
  bool waiting_ = false;
  bool login_open_ = false;
  bool closing_ = false;
};

template <class Stream>
void Session<Stream>::Open() {
  if (host_.stopping()) {
    return;
  }
  if constexpr (kTls) {
    Expect(host_.patience());
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = this->shared_from_this()](error_code error) {
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
  if (!channel.ok() || host_.stopping()) {
    Close();
    return;
  }
  authenticator_ =
      std::make_unique<http::Authenticator>(site_.authentication, *std::move(channel), peer_);
  ReadHeader();
}

template <class Stream>
void Session<Stream>::ReadHeader() {
  parser_.emplace();
  parser_->header_limit(kHeaderLimit);
  parser_->body_limit(kBodyLimit);
  waiting_ = true;
  if (host_.stopping() && Idle()) {
    Close();
    return;
  }
  Expect(host_.patience());
  wire::async_read_header(stream_, buffer_, *parser_,
                          [self = this->shared_from_this()](error_code error, size_t) {
                            self->waiting_ = false;
                            error ? self->RefuseRequest(error) : self->ReadBody();
                          });
}

template <class Stream>
void Session<Stream>::ReadBody() {
  const auto fault = HttpRequestFault(parser_->get(), parser_->chunked());
  if (fault.has_value()) {
    Respond(*fault, {}, "", true);
    return;
  }
  authorization_ = HttpFieldValues(parser_->get(), wire::field::authorization);
  if (parser_->is_done()) {
    Authenticate();
    return;
  }
  const auto read = [self = this->shared_from_this()] {
    wire::async_read(self->stream_, self->buffer_, *self->parser_,
                     [self](error_code error, size_t) {
                       error ? self->RefuseRequest(error) : self->Authenticate();
                     });
  };
  if (!beast::iequals(parser_->get()[wire::field::expect], "100-continue")) {
    read();
    return;
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = this->shared_from_this(), read](error_code error, size_t) {
                      error ? self->Close() : read();
                    });
}

template <class Stream>
void Session<Stream>::Authenticate() {
  http::RequestView request;
  request.authorization.assign(authorization_.begin(), authorization_.end());
  Apply(authenticator_->OnRequest(request));
}

template <class Stream>
void Session<Stream>::Apply(http::Verdict verdict) {
  if (!verdict.fault.ok()) {
    Fail(kExitFault, peer_ + ": " + verdict.fault.ToString());
  }
  switch (verdict.action) {
    case http::Verdict::Action::kServe:
      login_open_ = false;
      Serve(std::move(verdict));
      return;
    case http::Verdict::Action::kRespond:
      // A token, such as a challenge, follows the scheme's name only while a login is half-way.
      login_open_ = !verdict.close && !verdict.headers.empty() &&
                    verdict.headers.front().second.find(' ') != std::string::npos;
      Respond(wire::int_to_status(static_cast<unsigned>(verdict.status)), verdict.headers, "",
              verdict.close);
      return;
    case http::Verdict::Action::kPending:
      RunPending(std::move(verdict.pending_work));
      return;
    case http::Verdict::Action::kHttp11Required:
      Respond(wire::status::http_version_not_supported, {}, "", true);
      return;
  }
}

template <class Stream>
void Session<Stream>::RunPending(std::unique_ptr<PendingWork> work) {
  beast::get_lowest_layer(stream_).expires_never();
  // Functions are copied, work is not.
  auto shared = std::make_shared<std::unique_ptr<PendingWork>>(std::move(work));
  host_.RunElsewhere([self = this->shared_from_this(), shared,
                      guard = asio::make_work_guard(stream_.get_executor())] {
    (*shared)->Run();
    asio::post(self->stream_.get_executor(),
               [self, shared] { self->Apply(self->authenticator_->Resume(std::move(*shared))); });
  });
}

template <class Stream>
void Session<Stream>::Serve(http::Verdict verdict) {
  const auto& request = parser_->get();
  const wire::verb method = request.method();
  if (method != wire::verb::get && method != wire::verb::head && method != wire::verb::post) {
    verdict.headers.emplace_back("Allow", "GET, HEAD, POST");
    Respond(wire::status::method_not_allowed, verdict.headers, "", verdict.close);
  } else if (HttpTargetPath(request) != "/") {
    Respond(wire::status::not_found, verdict.headers, "", verdict.close);
  } else {
    verdict.headers.emplace_back("Content-Type", "application/json");
    Respond(wire::status::ok, verdict.headers,
            LoginReport(*authenticator_->context(), *site_.authentication->options().policy),
            verdict.close);
  }
}

template <class Stream>
void Session<Stream>::Respond(wire::status status, const http::HeaderList& headers,
                              std::string body, bool close) {
  const auto& request = parser_->get();
  response_.emplace(status, request.version() == 10 ? 10 : 11);
  for (const auto& [name, value] : headers) {
    response_->insert(name, value);
  }
  response_->set(wire::field::cache_control, "no-store");
  response_->body() = std::move(body);
  response_->prepare_payload();
  if (request.method() == wire::verb::head) {
    response_->body().clear();
  }
  const bool leaving = host_.stopping() && !login_open_;
  response_->keep_alive(!close && !leaving && request.keep_alive());
  Send();
}

template <class Stream>
void Session<Stream>::Send() {
  Expect(host_.patience());
  wire::async_write(stream_, *response_,
                    [self = this->shared_from_this()](error_code error, size_t) {
                      if (error || !self->response_->keep_alive()) {
                        self->Close();
                      } else {
                        self->ReadHeader();
                      }
                    });
}

// Answers a request that HTTP itself does not allow; the rest just ends.
template <class Stream>
void Session<Stream>::RefuseRequest(error_code error) {
  if (error == wire::error::header_limit) {
    Respond(wire::status::request_header_fields_too_large, {}, "", true);
  } else if (error == wire::error::body_limit) {
    Respond(wire::status::payload_too_large, {}, "", true);
  } else if (error != wire::error::end_of_stream && error != wire::error::partial_message &&
             error.category() == make_error_code(wire::error::bad_method).category()) {
    Respond(wire::status::bad_request, {}, "", true);
  } else {
    Close();
  }
}

template <class Stream>
void Session<Stream>::Close() {
  error_code ignored;
  closing_ = true;
  if constexpr (kTls) {
    if (host_.stopping()) {
      // Our goodbye still leaves; nobody waits for the answer (RFC 8446 6.1).
      beast::get_lowest_layer(stream_).socket().shutdown(asio::ip::tcp::socket::shutdown_receive,
                                                         ignored);
    }
    Expect(kShutdownPatience);
    stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
  } else {
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  }
}

}  // namespace

std::shared_ptr<Connection> NewHttpsConnection(ConnectionHost& host, const HttpsSite& site,
                                               asio::ip::tcp::socket socket) {
  if (asio::ssl::context* tls = site.transport->tls_context(); tls != nullptr) {
    return std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(host, site,
                                                                           std::move(socket), *tls);
  }
  return std::make_shared<Session<beast::tcp_stream>>(host, site, std::move(socket));
}

}  // namespace epa::tool
