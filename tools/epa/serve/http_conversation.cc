#include "tools/epa/serve/http_conversation.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/epa/serve/http_request.h"
#include "tools/epa/serve/http_response.h"
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
// What a client that has not logged in may ask before its connection is closed.
constexpr int kStrangersRequests = 32;

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

class HttpConversation final : public Conversation {
 public:
  HttpConversation(std::shared_ptr<const http::AuthenticatorConfig> authentication, Channel channel,
                   std::string peer)
      : authentication_(std::move(authentication)),
        authenticator_(authentication_, std::move(channel), std::move(peer)) {}

  void Receive(std::span<const uint8_t> octets) override {
    buffer_.insert(buffer_.end(), octets.begin(), octets.end());
  }
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Apply(authenticator_.Resume(std::move(work)));
  }
  Standing standing() const override {
    return {.logged_in = logged_in_, .in_message = parser_.has_value(), .in_login = login_open_};
  }
  void Leave() override { leaving_ = true; }

 private:
  std::optional<Turn> OnHeader();
  Turn Authenticate();
  Turn Apply(http::Verdict verdict);
  Turn Answer(http::Verdict verdict);
  Turn Serve(http::Verdict verdict);
  Turn Respond(wire::status status, const http::HeaderList& headers, std::string_view body,
               bool close);
  Turn RefuseRequest(error_code error);

  const std::shared_ptr<const http::AuthenticatorConfig> authentication_;
  http::Authenticator authenticator_;
  // What came and is not parsed.
  std::vector<char> buffer_;
  // Of the request that has begun.
  std::optional<wire::request_parser<DiscardedBody>> parser_;
  std::vector<std::string> authorization_;
  bool header_seen_ = false;

  int strangers_requests_ = 0;
  bool logged_in_ = false;
  bool login_open_ = false;
  bool leaving_ = false;
};

Turn HttpConversation::Next() {
  while (!buffer_.empty()) {
    if (!parser_.has_value()) {
      parser_.emplace();
      parser_->header_limit(kHeaderLimit);
      parser_->body_limit(kBodyLimit);
      header_seen_ = false;
    }
    error_code error;
    const size_t used = parser_->put(asio::buffer(buffer_), error);
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used));
    if (error == wire::error::need_more) {
      return {};
    }
    if (error) {
      return RefuseRequest(error);
    }
    if (parser_->is_header_done() && !std::exchange(header_seen_, true)) {
      if (std::optional<Turn> turn = OnHeader(); turn.has_value()) {
        return *std::move(turn);
      }
    }
    if (parser_->is_done()) {
      return Authenticate();
    }
  }
  return {};
}

// What is due before the body.
std::optional<Turn> HttpConversation::OnHeader() {
  const auto& request = parser_->get();
  if (const auto fault = HttpRequestFault(request, parser_->chunked()); fault.has_value()) {
    return Respond(*fault, {}, "", true);
  }
  authorization_ = HttpFieldValues(request, wire::field::authorization);
  if (!parser_->is_done() && beast::iequals(request[wire::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    return Turn{.send = {kContinue.begin(), kContinue.end()}};
  }
  return std::nullopt;
}

Turn HttpConversation::Authenticate() {
  http::RequestView request;
  request.authorization.assign(authorization_.begin(), authorization_.end());
  return Apply(authenticator_.OnRequest(request));
}

Turn HttpConversation::Apply(http::Verdict verdict) {
  const absl::Status fault = verdict.fault;
  Turn turn = Answer(std::move(verdict));
  turn.fault = fault;
  return turn;
}

Turn HttpConversation::Answer(http::Verdict verdict) {
  switch (verdict.action) {
    case http::Verdict::Action::kServe:
      logged_in_ = true;
      login_open_ = false;
      return Serve(std::move(verdict));
    case http::Verdict::Action::kRespond:
      // A token, such as a challenge, follows the scheme's name only while a login is half-way.
      login_open_ = !verdict.close && !verdict.headers.empty() &&
                    verdict.headers.front().second.find(' ') != std::string::npos;
      return Respond(wire::int_to_status(static_cast<unsigned>(verdict.status)), verdict.headers,
                     "", verdict.close);
    case http::Verdict::Action::kPending:
      return Turn{.work = std::move(verdict.pending_work)};
    case http::Verdict::Action::kHttp11Required:
      return Respond(wire::status::http_version_not_supported, {}, "", true);
  }
  return Turn{.close = true};
}

Turn HttpConversation::Serve(http::Verdict verdict) {
  const auto& request = parser_->get();
  const wire::verb method = request.method();
  if (method != wire::verb::get && method != wire::verb::head && method != wire::verb::post) {
    verdict.headers.emplace_back("Allow", "GET, HEAD, POST");
    return Respond(wire::status::method_not_allowed, verdict.headers, "", verdict.close);
  }
  if (HttpTargetPath(request) != "/") {
    return Respond(wire::status::not_found, verdict.headers, "", verdict.close);
  }
  verdict.headers.emplace_back("Content-Type", "application/json");
  return Respond(wire::status::ok, verdict.headers,
                 LoginReport(*authenticator_.context(), *authentication_->options().policy),
                 verdict.close);
}

// Ends the request.
Turn HttpConversation::Respond(wire::status status, const http::HeaderList& headers,
                               std::string_view body, bool close) {
  const auto& request = parser_->get();
  if (!logged_in_) {
    ++strangers_requests_;
  }
  HttpResponse response;
  response.status = status;
  response.http_1_0 = request.version() == 10;
  response.headers = &headers;
  response.body = body;
  response.to_head = request.method() == wire::verb::head;
  response.keep_alive = !close && request.keep_alive() && !(leaving_ && !login_open_) &&
                        (logged_in_ || strangers_requests_ < kStrangersRequests);
  Turn turn{.send = Serialize(response)};
  turn.close = !response.keep_alive;
  parser_.reset();
  authorization_.clear();
  if (buffer_.empty()) {
    std::vector<char>().swap(buffer_);
  }
  return turn;
}

// Answers a request that HTTP itself does not allow; the rest just ends.
Turn HttpConversation::RefuseRequest(error_code error) {
  if (error == wire::error::header_limit) {
    return Respond(wire::status::request_header_fields_too_large, {}, "", true);
  }
  if (error == wire::error::body_limit) {
    return Respond(wire::status::payload_too_large, {}, "", true);
  }
  if (error.category() == make_error_code(wire::error::bad_method).category()) {
    return Respond(wire::status::bad_request, {}, "", true);
  }
  return Turn{.close = true};
}

}  // namespace

std::unique_ptr<Conversation> NewHttpConversation(
    std::shared_ptr<const http::AuthenticatorConfig> authentication, Channel channel,
    std::string peer) {
  return std::make_unique<HttpConversation>(std::move(authentication), std::move(channel),
                                            std::move(peer));
}

}  // namespace epa::tool
