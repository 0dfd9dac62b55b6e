// A client's TCP connection to a server under test.
#ifndef EPA_TESTS_TOOLS_LOOPBACK_CLIENT_H_
#define EPA_TESTS_TOOLS_LOOPBACK_CLIENT_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/file_descriptor.h"
#include "lib/realm/loopback_port.h"

namespace epa::tool {

// Reached only by a server that does not do what is waited for; far enough for a busy machine.
inline constexpr std::chrono::milliseconds kLongest{20'000};

class LoopbackClient {
 public:
  // `source`: one of the machine's addresses in 127.0.0.0/8.
  explicit LoopbackClient(uint16_t port, const char* source = "127.0.0.1")
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    inet_pton(AF_INET, source, &from.sin_addr);
    const sockaddr_in to = LoopbackAddress(port);
    EXPECT_EQ(bind(descriptor(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)), 0);
    EXPECT_EQ(connect(descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }

  int descriptor() const { return socket_.number(); }

  // False where the server has ended the connection.
  bool Send(std::span<const uint8_t> octets) const {
    return send(descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(octets.size());
  }
  bool Send(std::string_view text) const {
    return Send(std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
  }
  // Whether the server says something, or ends the connection, in this time.
  bool Hears(std::chrono::milliseconds wait) const {
    pollfd event{.fd = descriptor(), .events = POLLIN, .revents = 0};
    return poll(&event, 1, static_cast<int>(wait.count())) == 1;
  }
  // What there is, after waiting for it; empty at the end of the connection, and where nothing
  // comes.
  std::string Receive() const {
    std::array<char, 16384> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const ssize_t size = Hears(kLongest) ? recv(descriptor(), piece.data(), piece.size(), 0) : 0;
    return std::string(piece.data(), size > 0 ? static_cast<size_t>(size) : 0);
  }
  // Whether the server ends the connection in this time, whatever it says before.
  bool EndsWithin(std::chrono::milliseconds wait) const {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !Hears(left)) {
        return false;
      }
      if (Receive().empty()) {
        return true;
      }
    }
  }

 private:
  const FileDescriptor socket_;
};

}  // namespace epa::tool

#endif  // EPA_TESTS_TOOLS_LOOPBACK_CLIENT_H_
