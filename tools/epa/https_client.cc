#include "tools/epa/https_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "tools/epa/openssl_handles.h"
#include "tools/epa/password_input.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{15};
constexpr uint64_t kBodyLimit = 1024 * 1024;
// One protocol, with its length in front (RFC 7301 3.1).
constexpr std::string_view kHttp11 = "\x08http/1.1";

absl::Status Unreachable(const Url& url, std::string_view doing, const std::string& why) {
  return absl::UnavailableError("cannot " + std::string(doing) + " " + url.ToString() + ": " + why);
}

absl::StatusOr<SslCtxPtr> ClientContext(const std::string& ca_file) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return absl::InternalError("cannot set up TLS: " + OpenSslReason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  if (absl::Status status = CheckReadable(ca_file); !status.ok()) {
    return status;
  }
  if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
    return absl::InvalidArgumentError("no PEM certificate in " + ca_file + ": " + OpenSslReason());
  }
  return context;
}

// Names the server the certificate has to be for.
bool ExpectServer(SSL* ssl, const std::string& host) {
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(kHttp11.data()),
                      static_cast<unsigned>(kHttp11.size()));
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) {
    return true;
  }
  ERR_clear_error();
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

template <class Stream>
class Client final : public HttpsClient {
 public:
  template <class... Arguments>
  explicit Client(Url url, Arguments&&... tls)
      : url_(std::move(url)), stream_(io_, std::forward<Arguments>(tls)...) {}

  absl::Status Open();
  absl::StatusOr<HttpReply> Get(
      const std::optional<std::pair<std::string, std::string>>& header) override;
  SSL* ssl() override {
    if constexpr (kTls) {
      return stream_.native_handle();
    } else {
      return nullptr;
    }
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  // Runs one operation to its end or until patience does.
  template <class Operation>
  error_code Await(const Operation& operation) {
    error_code outcome;
    beast::get_lowest_layer(stream_).expires_after(kPatience);
    operation([&outcome](error_code error, auto&&...) { outcome = error; });
    io_.restart();
    io_.run();
    return outcome;
  }
  absl::Status HandshakeFailure(const error_code& error);

  const Url url_;
  asio::io_context io_;
  Stream stream_;
  beast::flat_buffer buffer_;
};

template <class Stream>
absl::Status Client<Stream>::Open() {
  error_code error;
  asio::ip::tcp::resolver resolver(io_);
  const auto addresses =
      resolver.resolve(url_.server.host, std::to_string(url_.server.port), error);
  if (error) {
    return Unreachable(url_, "find", error.message());
  }
  error = Await([&](auto done) {
    beast::get_lowest_layer(stream_).async_connect(addresses, std::move(done));
  });
  if (error) {
    return Unreachable(url_, "connect to", error.message());
  }
  if constexpr (kTls) {
    if (!ExpectServer(ssl(), url_.server.host)) {
      return absl::InvalidArgumentError("not a host name: " + url_.server.host);
    }
    error = Await([&](auto done) {
      stream_.async_handshake(asio::ssl::stream_base::client, std::move(done));
    });
    if (error) {
      return HandshakeFailure(error);
    }
  }
  return absl::OkStatus();
}

template <class Stream>
absl::Status Client<Stream>::HandshakeFailure(const error_code& error) {
  if constexpr (kTls) {
    if (const long trust = SSL_get_verify_result(ssl()); trust != X509_V_OK) {
      return absl::PermissionDeniedError(
          "the certificate of " + url_.ToString() +
          " is not trusted: " + X509_verify_cert_error_string(trust));
    }
  }
  return Unreachable(url_, "speak TLS with", error.message());
}

template <class Stream>
absl::StatusOr<HttpReply> Client<Stream>::Get(
    const std::optional<std::pair<std::string, std::string>>& header) {
  wire::request<wire::empty_body> request(wire::verb::get, url_.target, 11);
  request.set(wire::field::host, url_.Authority());
  request.set(wire::field::user_agent, "epa");
  if (header.has_value()) {
    request.set(header->first, header->second);
  }
  error_code error =
      Await([&](auto done) { wire::async_write(stream_, request, std::move(done)); });
  if (error) {
    return Unreachable(url_, "write to", error.message());
  }
  wire::response_parser<wire::string_body> parser;
  parser.body_limit(kBodyLimit);
  error = Await([&](auto done) { wire::async_read(stream_, buffer_, parser, std::move(done)); });
  if (error) {
    return Unreachable(url_, "read from", error.message());
  }
  HttpReply reply;
  reply.status = parser.get().result_int();
  for (const auto& field : parser.get()) {
    if (beast::iequals(field.name_string(), "WWW-Authenticate")) {
      reply.challenges.emplace_back(field.value());
    } else if (beast::iequals(field.name_string(), "Persistent-Auth")) {
      reply.persistent_auth = std::string(field.value());
    }
  }
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
  absl::StatusOr<SslCtxPtr> handle = ClientContext(ca_file);
  if (!handle.ok()) {
    return handle.status();
  }
  asio::ssl::context context(handle->release());
  return Opened<beast::ssl_stream<beast::tcp_stream>>(url, context);
}

}  // namespace epa::tool
