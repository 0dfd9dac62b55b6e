#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <optional>
#include <string_view>

#include "bench/require.h"
#include "bench/winbind/login_path.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/base64.h"

namespace epa::bench {
namespace {

constexpr std::string_view kChallenge = "\r\nWWW-Authenticate: NTLM ";

class HttpsPath final : public LoginPath {
 public:
  HttpsPath(const std::string& port, pid_t process)
      : process_(process),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        io_(BIO_new_ssl_connect(context_.get()), BIO_free_all) {
    BIO_set_conn_hostname(io_.get(), ("127.0.0.1:" + port).c_str());
    Require(BIO_do_handshake(io_.get()) == 1, "no TLS connection to the server");
    SSL* ssl = nullptr;
    BIO_get_ssl(io_.get(), &ssl);
    channel_ = Value(tls::ChannelOf(ssl));
  }

  const Channel& channel() const override { return *channel_; }
  pid_t process() const override { return process_; }

  std::vector<uint8_t> Challenge(std::span<const uint8_t> negotiate) override {
    const std::string answer = Ask(negotiate);
    const size_t begin = answer.find(kChallenge);
    Require(begin != std::string::npos, "the server sent no challenge");
    const size_t end = answer.find("\r\n", begin + kChallenge.size());
    const auto token = DecodeBase64(std::string_view(answer).substr(
        begin + kChallenge.size(), end - begin - kChallenge.size()));
    Require(token.has_value(), "the challenge is not base64");
    return *token;
  }
  bool Authenticate(std::span<const uint8_t> authenticate) override {
    return Ask(authenticate).starts_with("HTTP/1.1 200 ");
  }

 private:
  // The answer's head and body.
  std::string Ask(std::span<const uint8_t> token) {
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: NTLM " +
                                EncodeBase64(token) + "\r\n\r\n";
    Require(BIO_write(io_.get(), request.data(), static_cast<int>(request.size())) ==
                static_cast<int>(request.size()),
            "the server takes no request");
    std::string answer;
    while (!IsWhole(answer)) {
      std::array<char, 4096> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
      const int size = BIO_read(io_.get(), piece.data(), piece.size());
      Require(size > 0, "the server closed the connection");
      answer.append(piece.data(), static_cast<size_t>(size));
    }
    return answer;
  }
  static bool IsWhole(std::string_view answer) {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t head = answer.find("\r\n\r\n");
    if (head == std::string_view::npos) {
      return false;
    }
    const size_t length = answer.find(kLength);
    const size_t body =
        length < head ? std::strtoul(answer.data() + length + kLength.size(), nullptr, 10) : 0;
    return answer.size() >= head + 4 + body;
  }

  const pid_t process_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&BIO_free_all)> io_;
  std::optional<Channel> channel_;
};

}  // namespace

std::unique_ptr<LoginPath> ConnectToServer(const std::string& port, pid_t process) {
  return std::make_unique<HttpsPath>(port, process);
}

}  // namespace epa::bench
