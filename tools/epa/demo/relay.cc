#include "tools/epa/demo/relay.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "lib/realm/loopback_port.h"

namespace epa::tool {
namespace {

// How often a waiting relay looks whether it is to stop.
constexpr int kPollMilliseconds = 50;
constexpr timeval kPatience{10, 0};

absl::StatusOr<FileDescriptor> Listen() {
  FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(0);
  if (!listener.valid() ||
      bind(listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener.number(), SOMAXCONN) != 0) {
    return absl::InternalError("the relay cannot listen");
  }
  return listener;
}

// None where nobody listens.
FileDescriptor ConnectTo(uint16_t port) {
  FileDescriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(port);
  if (!server.valid() ||
      connect(server.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return FileDescriptor();
  }
  return server;
}

SslPtr NewSsl(SSL_CTX* context, int fd) {
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  SslPtr ssl(SSL_new(context));
  if (ssl != nullptr && SSL_set_fd(ssl.get(), fd) != 1) {
    ssl.reset();
  }
  return ssl;
}

// Passes on what `from` has; false when one of the two has ended.
bool PassOn(SSL* from, SSL* to) {
  std::array<char, 16384> buffer{};
  const int got = SSL_read(from, buffer.data(), static_cast<int>(buffer.size()));
  if (got <= 0) {
    return SSL_get_error(from, got) == SSL_ERROR_WANT_READ;
  }
  return SSL_write(to, buffer.data(), got) == got;
}

}  // namespace

Relay::Relay(SslCtxPtr victim_side, SslCtxPtr server_side, FileDescriptor listener,
             uint16_t server_port)
    : victim_side_(std::move(victim_side)),
      server_side_(std::move(server_side)),
      listener_(std::move(listener)),
      server_port_(server_port) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  stopping_ = true;
  thread_.join();
}

absl::StatusOr<std::unique_ptr<Relay>> Relay::Start(const KeyPairFiles& own_certificate,
                                                    uint16_t server_port) {
  SslCtxPtr victim_side(SSL_CTX_new(TLS_server_method()));
  SslCtxPtr server_side(SSL_CTX_new(TLS_client_method()));
  if (victim_side == nullptr || server_side == nullptr ||
      SSL_CTX_use_certificate_chain_file(victim_side.get(), own_certificate.certificate.c_str()) !=
          1 ||
      SSL_CTX_use_PrivateKey_file(victim_side.get(), own_certificate.key.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return absl::InternalError("the relay cannot set up TLS: " + OpenSslReason());
  }
  // A session ticket is not data: do not wait for more inside SSL_read.
  SSL_CTX_clear_mode(victim_side.get(), SSL_MODE_AUTO_RETRY);
  SSL_CTX_clear_mode(server_side.get(), SSL_MODE_AUTO_RETRY);
  // The attacker knows whom it talks to and does not care for certificates.
  SSL_CTX_set_verify(server_side.get(), SSL_VERIFY_NONE, nullptr);
  absl::StatusOr<FileDescriptor> listener = Listen();
  if (!listener.ok()) {
    return listener.status();
  }
  return std::unique_ptr<Relay>(
      new Relay(std::move(victim_side), std::move(server_side), *std::move(listener), server_port));
}

void Relay::Run() {
  while (!stopping_) {
    pollfd waiting{listener_.number(), POLLIN, 0};
    if (poll(&waiting, 1, kPollMilliseconds) > 0) {
      const FileDescriptor victim(accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (victim.valid()) {
        Forward(victim.number());
      }
    }
  }
}

void Relay::Forward(int victim) {
  const FileDescriptor server = ConnectTo(server_port_);
  if (!server.valid()) {
    return;
  }
  const SslPtr to_victim = NewSsl(victim_side_.get(), victim);
  const SslPtr to_server = NewSsl(server_side_.get(), server.number());
  if (to_victim == nullptr || to_server == nullptr || SSL_accept(to_victim.get()) != 1 ||
      SSL_connect(to_server.get()) != 1) {
    ERR_clear_error();
    return;
  }
  for (bool open = true; open && !stopping_;) {
    std::array<pollfd, 2> ends{pollfd{victim, POLLIN, 0}, pollfd{server.number(), POLLIN, 0}};
    poll(ends.data(), ends.size(), kPollMilliseconds);
    if (ends[0].revents != 0 || SSL_pending(to_victim.get()) > 0) {
      open = PassOn(to_victim.get(), to_server.get());
    }
    if (open && (ends[1].revents != 0 || SSL_pending(to_server.get()) > 0)) {
      open = PassOn(to_server.get(), to_victim.get());
    }
  }
  ERR_clear_error();
}

}  // namespace epa::tool
