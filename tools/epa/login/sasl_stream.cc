#include "tools/epa/login/sasl_stream.h"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/client_stream.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

}  // namespace

class SaslStream::Impl {
 public:
  Impl(const HostPort& server, const std::string& name, SslCtxPtr context)
      : context_(context.release()), connection_(server, name, context_) {}

  absl::Status Connect() { return connection_.Connect(); }
  absl::Status StartTls(std::string_view application_protocol) {
    EPA_RETURN_IF_ERROR(connection_.Handshake(application_protocol));
    sealed_ = true;
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(std::span<uint8_t> room) {
    size_t size = 0;
    EPA_RETURN_IF_ERROR(connection_.Await("read from", [&](auto done) {
      auto take = [&size, done](boost::system::error_code error, size_t octets) {
        size = octets;
        done(error);
      };
      const auto buffer = asio::buffer(room.data(), room.size());
      sealed_ ? connection_.stream().async_read_some(buffer, std::move(take))
              : connection_.stream().next_layer().async_read_some(buffer, std::move(take));
    }));
    return size;
  }

  absl::Status Write(std::span<const uint8_t> octets) {
    const auto buffer = asio::buffer(octets.data(), octets.size());
    return connection_.Await("write to", [&](auto done) {
      sealed_ ? asio::async_write(connection_.stream(), buffer, std::move(done))
              : asio::async_write(connection_.stream().next_layer(), buffer, std::move(done));
    });
  }

  SSL* ssl() { return sealed_ ? connection_.ssl() : nullptr; }

 private:
  asio::ssl::context context_;
  ClientStream<beast::ssl_stream<beast::tcp_stream>> connection_;
  bool sealed_ = false;
};

SaslStream::SaslStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SaslStream::~SaslStream() = default;

absl::StatusOr<std::unique_ptr<SaslStream>> SaslStream::Create(const HostPort& server,
                                                               const std::string& name,
                                                               const std::string& ca_file) {
  EPA_ASSIGN_OR_RETURN(SslCtxPtr context, ClientTlsContext(ca_file));
  return std::unique_ptr<SaslStream>(
      new SaslStream(std::make_unique<Impl>(server, name, std::move(context))));
}

absl::Status SaslStream::Connect() { return impl_->Connect(); }
absl::Status SaslStream::StartTls(std::string_view application_protocol) {
  return impl_->StartTls(application_protocol);
}
absl::StatusOr<size_t> SaslStream::Read(std::span<uint8_t> room) { return impl_->Read(room); }
absl::Status SaslStream::Write(std::span<const uint8_t> octets) { return impl_->Write(octets); }
absl::Status SaslStream::Write(std::string_view text) {
  return impl_->Write({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}
SSL* SaslStream::ssl() { return impl_->ssl(); }

}  // namespace epa::tool
