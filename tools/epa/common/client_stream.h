// One TCP connection of a client, with TLS or without, and waits that end.
#ifndef EPA_TOOLS_EPA_COMMON_CLIENT_STREAM_H_
#define EPA_TOOLS_EPA_COMMON_CLIENT_STREAM_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/client_tls.h"
#include "tools/epa/common/network_error.h"

namespace epa::tool {

// `Stream` is boost::beast::tcp_stream or boost::beast::ssl_stream of one. Blocks. One owner at a
// time.
template <class Stream>
class ClientStream {
 public:
  // `name`: what messages call the server.
  template <class... Arguments>
  ClientStream(HostPort server, std::string name, Arguments&&... tls)
      : server_(std::move(server)),
        name_(std::move(name)),
        stream_(io_, std::forward<Arguments>(tls)...) {}

  // Connects and, with TLS, checks the certificate. PermissionDenied: it is not trusted.
  // Unavailable: the server cannot be reached.
  absl::Status Open(std::string_view application_protocol);
  // The two halves of it, for protocols that begin TLS later.
  absl::Status Connect();
  absl::Status Handshake(std::string_view application_protocol);

  // Runs one operation, which gets its handler, to its end or until patience does. `doing`: for
  // the message of the error, which is Unavailable.
  template <class Operation>
  absl::Status Await(std::string_view doing, const Operation& operation) {
    return Outcome(doing, Run(operation));
  }

  Stream& stream() { return stream_; }
  // Null without TLS.
  SSL* ssl() {
    if constexpr (kTls) {
      return stream_.native_handle();
    } else {
      return nullptr;
    }
  }

 private:
  using Error = boost::system::error_code;
  static constexpr bool kTls = !std::is_same_v<Stream, boost::beast::tcp_stream>;
  static constexpr std::chrono::seconds kPatience{15};

  template <class Operation>
  Error Run(const Operation& operation) {
    Error outcome;
    boost::beast::get_lowest_layer(stream_).expires_after(kPatience);
    operation([&outcome](Error error, auto&&...) { outcome = error; });
    io_.restart();
    io_.run();
    return outcome;
  }
  absl::Status Outcome(std::string_view doing, const Error& error) const {
    return error ? absl::UnavailableError("cannot " + std::string(doing) + " " + name_ + ": " +
                                          NetworkErrorText(error))
                 : absl::OkStatus();
  }

  const HostPort server_;
  const std::string name_;
  boost::asio::io_context io_;
  Stream stream_;
};

template <class Stream>
absl::Status ClientStream<Stream>::Open(std::string_view application_protocol) {
  EPA_RETURN_IF_ERROR(Connect());
  return Handshake(application_protocol);
}

template <class Stream>
absl::Status ClientStream<Stream>::Connect() {
  Error error;
  boost::asio::ip::tcp::resolver resolver(io_);
  const auto addresses = resolver.resolve(server_.host, std::to_string(server_.port), error);
  EPA_RETURN_IF_ERROR(Outcome("find", error));
  return Await("connect to", [&](auto done) {
    boost::beast::get_lowest_layer(stream_).async_connect(addresses, std::move(done));
  });
}

template <class Stream>
absl::Status ClientStream<Stream>::Handshake(std::string_view application_protocol) {
  if constexpr (kTls) {
    if (!ExpectServer(ssl(), server_.host, application_protocol)) {
      return absl::InvalidArgumentError("not a host name: " + server_.host);
    }
    const Error error = Run([&](auto done) {
      stream_.async_handshake(boost::asio::ssl::stream_base::client, std::move(done));
    });
    const long trust = SSL_get_verify_result(ssl());
    if (error && trust != X509_V_OK) {
      return absl::PermissionDeniedError("the certificate of " + name_ + " is not trusted: " +
                                         X509_verify_cert_error_string(trust));
    }
    return Outcome("speak TLS with", error);
  } else {
    return absl::OkStatus();
  }
}

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_CLIENT_STREAM_H_
