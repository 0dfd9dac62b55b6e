#include "bench/mail/smtp_path.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bench/require.h"
#include "lib/base/base64.h"
#include "lib/base/file_descriptor.h"
#include "lib/realm/loopback_port.h"

namespace epa::bench {
namespace {

class SmtpConnection {
 public:
  explicit SmtpConnection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr int kOn = 1;
    const sockaddr_in address = tool::LoopbackAddress(port);
    setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn));
    Require(connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof(address)) == 0,
            "no connection to the server");
    Require(Read().starts_with("220 "), "no greeting");
    Require(Ask("EHLO localhost").starts_with("250 "), "no answer to EHLO");
  }

  // The last line of the answer.
  std::string Ask(const std::string& line) {
    const std::string sent = line + "\r\n";
    Require(send(socket_.number(), sent.data(), sent.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(sent.size()),
            "the server takes no line");
    return Read();
  }

 private:
  std::string Read() {
    constexpr size_t kBehindCode = 3;
    while (true) {
      for (size_t end = heard_.find("\r\n"); end != std::string::npos; end = heard_.find("\r\n")) {
        std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 2);
        if (line.size() > kBehindCode && line[kBehindCode] == ' ') {
          return line;
        }
      }
      std::array<char, 4096> piece{};
      const ssize_t size = recv(socket_.number(), piece.data(), piece.size(), 0);
      Require(size > 0, "the server closed the connection");
      heard_.append(piece.data(), static_cast<size_t>(size));
    }
  }

  const FileDescriptor socket_;
  std::string heard_;
};

class SmtpPath final : public LoginPath {
 public:
  SmtpPath(int port, pid_t process) : port_(port), process_(process) {}

  const Channel& channel() const override { return channel_; }
  pid_t process() const override { return process_; }

  std::vector<uint8_t> Challenge(std::span<const uint8_t> negotiate) override {
    connection_.emplace(port_);
    const std::string answer = connection_->Ask("AUTH NTLM " + EncodeBase64(negotiate));
    Require(answer.starts_with("334 "), "the server: " + answer);
    auto token = DecodeBase64(std::string_view(answer).substr(4));
    Require(token.has_value(), "the challenge is not base64");
    return *std::move(token);
  }
  bool Authenticate(std::span<const uint8_t> authenticate) override {
    return connection_->Ask(EncodeBase64(authenticate)).starts_with("235 ");
  }

 private:
  const int port_;
  const pid_t process_;
  const Channel channel_ = Channel::Plain();
  std::optional<SmtpConnection> connection_;
};

}  // namespace

std::unique_ptr<LoginPath> LogInBySmtp(int port, pid_t process) {
  return std::make_unique<SmtpPath>(port, process);
}

}  // namespace epa::bench
