#include "bench/load/attackers.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/tls_client.h"
#include "bench/require.h"
#include "lib/base/file_descriptor.h"
#include "lib/realm/loopback_port.h"

namespace epa::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kQuestion = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
// [MS-NLMP] 2.2.1.1, as browsers send it.
constexpr std::string_view kNegotiate =
    "GET / HTTP/1.1\r\nHost: localhost\r\n"
    "Authorization: NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==\r\n\r\n";
constexpr in_addr_t kFirstAddress = 0x7f000101;

struct Attacker {
  sockaddr_in from{};
  std::string_view text;
  FileDescriptor socket;
  std::optional<TlsClient> tls;
};

class Crowd {
 public:
  explicit Crowd(const AttackLoad& load)
      : load_(load),
        context_(NewClientContext()),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        to_(tool::LoopbackAddress(load.port)),
        attackers_(static_cast<size_t>(load.attackers)) {
    for (size_t i = 0; i < attackers_.size(); ++i) {
      Attacker& attacker = attackers_[i];
      attacker.from.sin_family = AF_INET;
      attacker.from.sin_addr.s_addr =
          htonl(kFirstAddress + static_cast<in_addr_t>(i) % static_cast<in_addr_t>(load.addresses));
      attacker.text = i % 2 == 0 ? kQuestion : kNegotiate;
    }
  }

  AttackFigures Run(const std::atomic<bool>& enough) {
    const auto begin = Clock::now();
    size_t acted = 0;
    while (!enough) {
      const double periods = std::chrono::duration<double>(Clock::now() - begin) / load_.period;
      const auto due = static_cast<size_t>(periods * static_cast<double>(attackers_.size()));
      for (; acted < due; ++acted) {
        Act(attackers_[acted % attackers_.size()]);
      }
      Listen();
    }
    for (const Attacker& attacker : attackers_) {
      figures_.open += attacker.socket.valid() ? 1 : 0;
    }
    return figures_;
  }

 private:
  void Act(Attacker& attacker) {
    if (!attacker.socket.valid()) {
      Connect(attacker);
    } else if (attacker.tls->shaken()) {
      attacker.tls->Say(attacker.text);
      Flush(attacker);
    }
  }

  void Connect(Attacker& attacker) {
    constexpr int kOn = 1;
    FileDescriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    setsockopt(made.number(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &kOn, sizeof(kOn));
    Require(made.valid() && bind(made.number(), reinterpret_cast<sockaddr*>(&attacker.from),
                                 sizeof(attacker.from)) == 0,
            "no socket for an attacker");
    const int result = connect(made.number(), reinterpret_cast<const sockaddr*>(&to_), sizeof(to_));
    if (result != 0 && errno != EINPROGRESS) {
      return;
    }
    ++figures_.connections;
    attacker.socket = std::move(made);
    attacker.tls.emplace(context_.get());
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &attacker;
    epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, attacker.socket.number(), &event);
  }

  void Listen() {
    constexpr int kBeat = 5;
    std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const int count = epoll_wait(epoll_.number(), events.data(), events.size(), kBeat);
    for (int i = 0; i < count; ++i) {
      Attacker& attacker = *static_cast<Attacker*>(events[static_cast<size_t>(i)].data.ptr);
      if (attacker.socket.valid() && !(Flush(attacker) && Hear(attacker))) {
        ++figures_.ended_by_server;
        attacker.tls.reset();
        attacker.socket = FileDescriptor();
      }
    }
  }

  // Small enough for the kernel to take it whole.
  bool Flush(Attacker& attacker) {
    const std::string output = attacker.tls->TakeOutput();
    return output.empty() || send(attacker.socket.number(), output.data(), output.size(),
                                  MSG_NOSIGNAL) == static_cast<ssize_t>(output.size());
  }

  bool Hear(Attacker& attacker) {
    const bool shaken = attacker.tls->shaken();
    ssize_t size = 0;
    while ((size = recv(attacker.socket.number(), piece_.data(), piece_.size(), 0)) > 0) {
      if (!attacker.tls->Take({piece_.data(), static_cast<size_t>(size)})) {
        return false;
      }
    }
    if (size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      return false;
    }
    if (!attacker.tls->shaken()) {
      return Flush(attacker);
    }
    if (!shaken) {
      ++figures_.handshakes;
      attacker.tls->Say(attacker.text);
    }
    heard_.clear();
    const bool open = attacker.tls->Hear(heard_);
    figures_.answers += heard_.empty() ? 0 : 1;
    return open && Flush(attacker);
  }

  const AttackLoad load_;
  const std::unique_ptr<SSL_CTX, FreeSsl> context_;
  const FileDescriptor epoll_;
  const sockaddr_in to_;
  std::vector<Attacker> attackers_;
  AttackFigures figures_;
  std::string heard_;
  std::array<char, 16384> piece_{};
};

}  // namespace

AttackFigures Attack(const AttackLoad& load, const std::atomic<bool>& enough) {
  return Crowd(load).Run(enough);
}

}  // namespace epa::bench
