// One thread serves all connections and never waits: logins that must ask a directory are work for
// a pool.
//
//   event_loop_server cert.pem key.pem [port]
//
// The accounts are those of remote_authority.h: alice with the password "secret".
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/audit_json/json_lines.h"
#include "epa/core/work_pool.h"
#include "epa/defaults/defaults.h"
#include "epa/http/authenticator.h"
#include "epa/tls/channel_binding.h"
#include "examples/remote_authority.h"

namespace {

using epa::http::Verdict;

// Ends the program with a message where there is no value.
template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "event_loop_server: %s\n", value.status().ToString().c_str());
    std::exit(2);
  }
  return *std::move(value);
}

// What the loop's thread alone touches. It lives on while its login waits, though the client went.
struct Connection {
  Connection(SSL_CTX* context, int descriptor) : socket(descriptor), tls(SSL_new(context)) {
    SSL_set_fd(tls, socket);
    SSL_set_accept_state(tls);
  }
  ~Connection() {
    SSL_free(tls);
    close(socket);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const int socket;
  SSL* const tls;
  std::optional<epa::http::Authenticator> authenticator;  // after the handshake
  std::string input;
  bool waits = false;  // for its login
  bool ended = false;
};

// Where the pool's threads put what is done. Shared with the work, which may outlive the loop.
class Mailbox {
 public:
  struct Letter {
    std::shared_ptr<Connection> connection;
    std::unique_ptr<epa::PendingWork> work;
  };

  ~Mailbox() { close(event_); }
  int descriptor() const { return event_; }  // readable when there is something
  void Put(Letter letter) {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(letter));
    eventfd_write(event_, 1);
  }
  std::vector<Letter> TakeAll() {
    eventfd_t count = 0;
    eventfd_read(event_, &count);
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
  }

 private:
  const int event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::mutex mutex_;
  std::vector<Letter> letters_;
};

struct Server {
  std::shared_ptr<const epa::http::AuthenticatorConfig> config;
  std::shared_ptr<const epa::tls::ServerCertificates> certificates;
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  std::unique_ptr<epa::WorkPool> pool = OrExit(epa::WorkPool::Create({}));

  void Answer(const std::shared_ptr<Connection>& connection, Verdict verdict);
  void OnReadable(const std::shared_ptr<Connection>& connection);
  void OnInput(const std::shared_ptr<Connection>& connection);
};

// Hands on a login that must wait, and answers what needs no waiting.
void Server::Answer(const std::shared_ptr<Connection>& connection, Verdict verdict) {
  if (verdict.action == Verdict::Action::kPending) {
    const absl::Status accepted = pool->RunPending(
        verdict.pending_work,
        [mailbox = mailbox, connection](std::unique_ptr<epa::PendingWork> work) mutable {
          mailbox->Put({std::move(connection), std::move(work)});
        });
    connection->waits = accepted.ok();
    if (!connection->waits) {  // too many wait: 500
      Answer(connection, connection->authenticator->Resume(std::move(verdict.pending_work)));
    }
    return;
  }
  const bool served = verdict.action == Verdict::Action::kServe;
  const std::string body =
      served ? "hello, " + connection->authenticator->context()->peer()->account()->user : "";
  std::string text = "HTTP/1.1 " + std::to_string(served ? 200 : verdict.status) + " \r\n";
  for (const auto& [name, value] : verdict.headers) {
    text += name + ": " + value + "\r\n";
  }
  text += verdict.close ? "Connection: close\r\n" : "";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  // An answer is shorter than any socket's buffer; whoever does not read the earlier ones is gone.
  const bool sent = SSL_write(connection->tls, text.data(), static_cast<int>(text.size())) > 0;
  connection->ended = !sent || verdict.close;
}

// Requests without a body, one after the other.
void Server::OnInput(const std::shared_ptr<Connection>& connection) {
  constexpr std::string_view kName = "\r\nauthorization: ";
  for (size_t end = connection->input.find("\r\n\r\n");
       !connection->waits && !connection->ended && end != std::string::npos;
       end = connection->input.find("\r\n\r\n")) {
    const std::string head = connection->input.substr(0, end + 2);
    connection->input.erase(0, end + 4);
    epa::http::RequestView request;
    for (size_t i = 0; i + kName.size() < head.size(); ++i) {
      if (OPENSSL_strncasecmp(head.c_str() + i, kName.data(), kName.size()) == 0) {
        const size_t begin = i + kName.size();
        request.authorization.push_back(
            std::string_view(head).substr(begin, head.find("\r\n", begin) - begin));
      }
    }
    Answer(connection, connection->authenticator->OnRequest(request));
  }
}

void Server::OnReadable(const std::shared_ptr<Connection>& connection) {
  constexpr size_t kLongestHead = 65536;
  char piece[16384];
  ERR_clear_error();  // or else SSL_get_error would tell of another connection's end
  int size = SSL_read(connection->tls, piece, sizeof(piece));
  for (; size > 0; size = SSL_read(connection->tls, piece, sizeof(piece))) {
    connection->input.append(piece, static_cast<size_t>(size));
  }
  connection->ended = SSL_get_error(connection->tls, size) != SSL_ERROR_WANT_READ ||
                      connection->input.size() > kLongestHead;
  if (!connection->authenticator.has_value() && SSL_is_init_finished(connection->tls) == 1) {
    if (auto channel = certificates->ChannelOf(connection->tls); channel.ok()) {
      connection->authenticator.emplace(config, *std::move(channel), "a client");
    } else {
      connection->ended = true;
    }
  }
  OnInput(connection);
}

[[noreturn]] void Loop(Server& server, SSL_CTX* tls, int listener) {
  std::list<std::shared_ptr<Connection>> connections;
  while (true) {
    connections.remove_if([](const auto& connection) { return connection->ended; });
    std::vector<pollfd> events = {{listener, POLLIN, 0}, {server.mailbox->descriptor(), POLLIN, 0}};
    for (const auto& connection : connections) {
      // Negative: not looked at.
      events.push_back({connection->waits ? -1 : connection->socket, POLLIN, 0});
    }
    if (poll(events.data(), events.size(), -1) < 0) {
      continue;
    }
    size_t place = 2;
    for (const auto& connection : connections) {
      if (events[place++].revents != 0) {
        server.OnReadable(connection);
      }
    }
    if (events[1].revents != 0) {
      for (auto& [connection, work] : server.mailbox->TakeAll()) {
        connection->waits = false;
        server.Answer(connection, connection->authenticator->Resume(std::move(work)));
        server.OnInput(connection);
      }
    }
    if (events[0].revents != 0) {
      const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket >= 0) {
        connections.push_back(std::make_shared<Connection>(tls, socket));
      }
    }
  }
}

std::shared_ptr<const epa::http::AuthenticatorConfig> Config() {
  epa::ServerPackages packages;
  packages.ntlm.emplace().authority = std::make_shared<const RemoteAuthority>();
  epa::ExtendedProtectionOptions protection;
  protection.mode = epa::ExtendedProtectionMode::kRequire;
  epa::http::AuthenticatorOptions options;
  options.schemes = {{"Negotiate", OrExit(epa::CreateServerCredentials(std::move(packages)))}};
  options.policy = std::make_shared<epa::ExtendedProtectionPolicy>(
      OrExit(epa::ExtendedProtectionPolicy::Create(std::move(protection))));
  options.audit = OrExit(epa::JsonLinesAuditSink::Create("/dev/null"));
  return OrExit(epa::http::AuthenticatorConfig::Create(std::move(options)));
}

}  // namespace

int main(int argc, char** argv) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> owner(SSL_CTX_new(TLS_server_method()),
                                                                SSL_CTX_free);
  SSL_CTX* const tls = owner.get();
  if (argc < 3 || SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "usage: event_loop_server cert.pem key.pem [port]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a client that is gone ends its connection, not the server
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argc > 3 ? argv[3] : "8443")));
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, name, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, name, &size) != 0) {
    std::perror("event_loop_server");
    return 2;
  }
  std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  Server server{Config(), OrExit(epa::tls::ServerCertificates::Create(std::span(&tls, 1)))};
  Loop(server, tls, listener);
}
