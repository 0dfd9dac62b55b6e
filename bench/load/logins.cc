#include "bench/load/logins.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "bench/load/tls_client.h"
#include "bench/require.h"
#include "epa/core/security_context.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/base64.h"
#include "lib/base/file_descriptor.h"
#include "lib/realm/loopback_port.h"

namespace epa::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than anybody is to wait for a login.
constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

struct Answer {
  int status = 0;
  std::vector<uint8_t> token;
};

// One connection. Blocks.
class Connection {
 public:
  Connection(SSL_CTX* context, uint16_t port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), tls_(context) {
    constexpr int kOn = 1;
    const sockaddr_in address = tool::LoopbackAddress(port);
    setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof(kOn));
    setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    connected_ = connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                         sizeof(address)) == 0;
  }

  bool Shake() {
    while (connected_ && !tls_.shaken()) {
      if (!Flush() || !Receive()) {
        return false;
      }
    }
    return connected_;
  }
  SSL* ssl() const { return tls_.ssl(); }

  std::optional<Answer> Ask(const std::string& request) {
    if (!tls_.Say(request) || !Flush()) {
      return std::nullopt;
    }
    std::string text;
    while (true) {
      if (!tls_.Hear(text)) {
        return std::nullopt;
      }
      if (IsWhole(text)) {
        return Parse(text);
      }
      if (!Receive()) {
        return std::nullopt;
      }
    }
  }

 private:
  bool Flush() {
    const std::string output = tls_.TakeOutput();
    return send(socket_.number(), output.data(), output.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(output.size());
  }
  bool Receive() {
    const ssize_t size = recv(socket_.number(), piece_.data(), piece_.size(), 0);
    return size > 0 && tls_.Take({piece_.data(), static_cast<size_t>(size)});
  }
  static std::string_view FieldOf(std::string_view text, std::string_view name) {
    const size_t begin = text.find(name);
    if (begin == std::string_view::npos) {
      return {};
    }
    const std::string_view rest = text.substr(begin + name.size());
    return rest.substr(0, rest.find("\r\n"));
  }
  static bool IsWhole(std::string_view text) {
    const size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view length = FieldOf(text.substr(0, end + 2), "\r\nContent-Length: ");
    return length.empty() || text.size() - end - 4 >= std::stoul(std::string(length));
  }
  static Answer Parse(std::string_view text) {
    Answer answer;
    answer.status = std::stoi(std::string(text.substr(9, 3)));
    const std::string_view challenge = FieldOf(text, "\r\nWWW-Authenticate: ");
    if (const size_t space = challenge.find(' '); space != std::string_view::npos) {
      answer.token = DecodeBase64(challenge.substr(space + 1)).value_or(std::vector<uint8_t>());
    }
    return answer;
  }

  const FileDescriptor socket_;
  TlsClient tls_;
  bool connected_ = false;
  std::array<char, 16384> piece_;
};

std::string Request(const LoginLoad& load, const std::string& more = "") {
  return "GET " + load.path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

std::string Request(const LoginLoad& load, std::span<const uint8_t> token) {
  return Request(load, "Authorization: " + load.scheme + " " + EncodeBase64(token) + "\r\n");
}

std::unique_ptr<SecurityContext> Begin(const LoginLoad& load, const Connection& connection) {
  auto channel = tls::ChannelOf(connection.ssl());
  Require(channel.ok(), "no channel");
  InitiateOptions options;
  options.credentials = load.credentials;
  options.channel = *std::move(channel);
  options.parameters.target_name = load.target_name;
  auto login = SecurityContext::Initiate(std::move(options));
  Require(login.ok(), std::string(login.status().message()));
  return *std::move(login);
}

bool AskOften(const LoginLoad& load, Connection& connection) {
  for (int i = 0; i < load.requests; ++i) {
    const std::optional<Answer> answer = connection.Ask(Request(load));
    if (!answer.has_value() || answer->status != 200) {
      return false;
    }
  }
  return true;
}

bool LogIn(const LoginLoad& load, Connection& connection) {
  if (!connection.Shake()) {
    return false;
  }
  if (load.credentials == nullptr) {
    return AskOften(load, connection);
  }
  const auto login = Begin(load, connection);
  std::vector<uint8_t> token;
  for (int round = 0; round < 4; ++round) {
    const auto step = StepBlocking(*login, token);
    if (!step.ok() || step->state == StepState::kRejected || step->token.empty()) {
      return false;
    }
    const std::optional<Answer> answer = connection.Ask(Request(load, step->token));
    if (!answer.has_value() || (answer->status != 200 && answer->status != 401)) {
      return false;
    }
    if (answer->status == 200) {
      return login->established() || StepBlocking(*login, answer->token).ok();
    }
    token = answer->token;
  }
  return false;
}

bool LogInHalf(const LoginLoad& load, Connection& connection) {
  if (!connection.Shake()) {
    return false;
  }
  const auto step = StepBlocking(*Begin(load, connection), {});
  if (!step.ok()) {
    return false;
  }
  const std::optional<Answer> answer = connection.Ask(Request(load, step->token));
  return answer.has_value() && answer->status == 401 && !answer->token.empty();
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

namespace {

// One client's part of a load.
struct Part {
  bool Goes() {
    return left.fetch_sub(1) > 0 && (time.count() == 0 || Clock::now() - begin < time);
  }
  // Whether it goes well is counted.
  template <typename Act>
  void Time(const Act& act) {
    const auto start = Clock::now();
    if (act()) {
      times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    } else {
      ++failed;
    }
  }

  std::atomic<int>& left;
  const std::chrono::duration<double> time;
  const Clock::time_point begin;
  std::vector<double> times;
  int failed = 0;
};

template <typename Act>
LoginFigures Run(const LoginLoad& load, const Act& act) {
  LoginFigures figures;
  std::mutex mutex;
  std::atomic<int> left = load.count > 0 ? load.count : 1'000'000'000;
  const double processor_before = ProcessorSeconds();
  const auto begin = Clock::now();
  std::vector<std::thread> clients;
  for (int i = 0; i < load.clients; ++i) {
    clients.emplace_back([&] {
      Part part{left, load.time, begin, {}, 0};
      act(NewClientContext().get(), part);
      const std::lock_guard lock(mutex);
      figures.milliseconds.insert(figures.milliseconds.end(), part.times.begin(), part.times.end());
      figures.failed += part.failed;
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  figures.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  figures.processor_seconds = ProcessorSeconds() - processor_before;
  std::sort(figures.milliseconds.begin(), figures.milliseconds.end());
  return figures;
}

}  // namespace

LoginFigures RunLogins(const LoginLoad& load) {
  return Run(load, [&](SSL_CTX* context, Part& part) {
    while (part.Goes()) {
      part.Time([&] {
        Connection connection(context, load.port);
        return LogIn(load, connection);
      });
      std::this_thread::sleep_for(load.pause);
    }
  });
}

LoginFigures RunRequests(const LoginLoad& load) {
  return Run(load, [&](SSL_CTX* context, Part& part) {
    Connection connection(context, load.port);
    Require(LogIn(load, connection), "a login failed");
    const std::string request = Request(load);
    while (part.Goes()) {
      part.Time([&] {
        const std::optional<Answer> answer = connection.Ask(request);
        return answer.has_value() && answer->status == 200;
      });
    }
  });
}

void HoldLogins(const LoginLoad& load, HeldLogin login, const std::function<void()>& wait) {
  const auto context = NewClientContext();
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < load.count; ++i) {
    connections.push_back(std::make_unique<Connection>(context.get(), load.port));
    Require(login == HeldLogin::kHalf ? LogInHalf(load, *connections.back())
                                      : LogIn(load, *connections.back()),
            "a login failed");
  }
  wait();
}

}  // namespace epa::bench
