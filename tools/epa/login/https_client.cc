#include "tools/epa/login/https_client.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/client_stream.h"
#include "tools/epa/common/client_tls.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

constexpr uint32_t kHeaderLimit = 64 * 1024;
constexpr uint64_t kBodyLimit = 1024 * 1024;

template <class Stream>
class Client final : public HttpsClient {
 public:
  template <class... Arguments>
  explicit Client(Url url, Arguments&&... tls)
      : url_(std::move(url)),
        connection_(url_.server, url_.ToString(), std::forward<Arguments>(tls)...) {}

  absl::Status Open() { return connection_.Open("http/1.1"); }
  absl::Status Ask(const std::optional<std::pair<std::string, std::string>>& header) override;
  absl::StatusOr<HttpReply> ReadReply() override;
  SSL* ssl() override { return connection_.ssl(); }

 private:
  const Url url_;
  ClientStream<Stream> connection_;
  beast::flat_buffer buffer_;
};

template <class Stream>
absl::Status Client<Stream>::Ask(const std::optional<std::pair<std::string, std::string>>& header) {
  wire::request<wire::empty_body> request(wire::verb::get, url_.target, 11);
  request.set(wire::field::host, url_.Authority());
  request.set(wire::field::user_agent, "epa");
  if (header.has_value()) {
    request.set(header->first, header->second);
  }
  return connection_.Await("write to", [&](auto done) {
    wire::async_write(connection_.stream(), request, std::move(done));
  });
}

template <class Stream>
absl::StatusOr<HttpReply> Client<Stream>::ReadReply() {
  wire::response_parser<wire::string_body> parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  EPA_RETURN_IF_ERROR(connection_.Await("read from", [&](auto done) {
    wire::async_read(connection_.stream(), buffer_, parser, std::move(done));
  }));
  HttpReply reply;
  reply.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    if (beast::iequals(field.name_string(), "WWW-Authenticate")) {
      reply.challenges.emplace_back(field.value());
    } else if (beast::iequals(field.name_string(), "Persistent-Auth")) {
      reply.persistent_auth = std::string(field.value());
    }
  }
  reply.closes = !parser.get().keep_alive();
  reply.body = std::move(parser.get().body());
  return reply;
}

template <class Stream, class... Arguments>
absl::StatusOr<std::unique_ptr<HttpsClient>> Opened(const Url& url, Arguments&&... tls) {
  auto client = std::make_unique<Client<Stream>>(url, std::forward<Arguments>(tls)...);
  if (absl::Status status = client->Open(); !status.ok()) {
    return status;
  }
  return client;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpsClient>> HttpsClient::Connect(const Url& url,
                                                                  const std::string& ca_file) {
  if (!url.tls) {
    return Opened<beast::tcp_stream>(url);
  }
  absl::StatusOr<SslCtxPtr> handle = ClientTlsContext(ca_file);
  if (!handle.ok()) {
    return handle.status();
  }
  asio::ssl::context context(handle->release());
  return Opened<beast::ssl_stream<beast::tcp_stream>>(url, context);
}

}  // namespace epa::tool
