// What `epa serve smb` does with clients that take their time.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "epa/smb2/client_connection.h"
#include "epa/smb2/framing.h"
#include "epa/smb2/server_names.h"
#include "lib/realm/loopback_port.h"
#include "tools/epa/serve/smb_site.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience(2);
constexpr char kPassword[] = "correct horse";

std::shared_ptr<const smb2::ServerConfig> Config() {
  ntlm::Account account;
  account.user = "alice";
  account.nt_hash = *ntlm::NtHashFromPassword(kPassword);
  std::vector<ntlm::Account> accounts;
  accounts.push_back(std::move(account));
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = *ntlm::CreateMemoryAuthority(std::move(accounts));
  smb2::ServerOptions options;
  options.credentials = *ntlm::CreateAcceptorCredentials(std::move(acceptor));
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      *smb2::CreateNameHardeningPolicy({.level = 2}));
  options.audit = NoAudit();
  return *smb2::ServerConfig::Create(std::move(options));
}

// A client's socket.
class Client {
 public:
  explicit Client(uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = LoopbackAddress(port);
    EXPECT_EQ(connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
              0);
  }
  ~Client() { close(descriptor_); }

  bool Send(std::span<const uint8_t> octets) {
    return send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL) > 0;
  }
  // Sends an octet every 50 ms until the server closes the connection, or for a time.
  Clock::duration Drip(Clock::duration longest) {
    constexpr std::array<uint8_t, 1> kOctet = {0};
    constexpr timeval kPause{.tv_sec = 0, .tv_usec = 50'000};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kPause, sizeof(kPause));
    const auto begin = Clock::now();
    while (Clock::now() - begin < longest && Send(kOctet)) {
      if (recv(descriptor_, piece_.data(), piece_.size(), 0) == 0) {
        break;
      }
    }
    return Clock::now() - begin;
  }
  // Whether the server keeps the connection open for a time.
  bool StaysOpenFor(std::chrono::milliseconds time) {
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, static_cast<int>(time.count())) == 0;
  }
  // No more than there is; empty at the end.
  std::span<const uint8_t> Receive() {
    const ssize_t size = recv(descriptor_, piece_.data(), piece_.size(), 0);
    return std::span(piece_).first(size > 0 ? static_cast<size_t>(size) : 0);
  }
  // Logs in as alice.
  bool LogIn() {
    ntlm::InitiatorOptions initiator;
    initiator.user = "alice";
    initiator.password = SecretBytes::FromText(kPassword);
    smb2::ClientOptions options;
    options.credentials = *ntlm::CreateInitiatorCredentials(std::move(initiator));
    options.parameters.target_name = "cifs/127.0.0.1";
    const auto smb = *smb2::ClientConnection::Create(std::move(options));
    smb2::FrameReader frames;
    std::vector<uint8_t> out = smb->Start();
    while (!smb->established() && !smb->refusal().has_value() && (out.empty() || Send(out))) {
      out.clear();
      const auto in = Receive();
      frames.Append(in);
      const auto message = *frames.Next(smb->max_message_size());
      if (in.empty()) {
        return false;
      }
      if (message.has_value()) {
        out = smb->OnMessage(*message)->send;
      }
    }
    return smb->established();
  }

 private:
  const int descriptor_;
  std::array<uint8_t, 4096> piece_;
};

class SmbServerTest : public ::testing::Test {
 protected:
  SmbServerTest() {
    auto share = std::make_shared<const SmbShare>(
        SmbShare{"docs", *SharedDirectory::Create(std::filesystem::temp_directory_path())});
    server_ = *TcpServer::Create(
        {.times = {.login = kPatience, .patience = kPatience}},
        std::make_shared<const SmbSite>(Config(), std::move(share), SmbFilesLimits{}));
    server_->Start();
  }

  std::unique_ptr<TcpServer> server_;
};

// Reached only by a server that waits for more octets each time; far enough for a busy machine.
constexpr std::chrono::seconds kLongest = 10 * kPatience;
// The beginning of a message that needs more octets than are ever sent here.
constexpr std::array<uint8_t, 8> kBeginning = {0, 0, 4, 0, 0xfe, 'S', 'M', 'B'};

TEST_F(SmbServerTest, WhoeverDoesNotLogInIsSentAway) {
  Client silent(server_->port());
  Client slow(server_->port());
  ASSERT_TRUE(slow.Send(kBeginning));
  EXPECT_LT(slow.Drip(kLongest), kLongest);
  EXPECT_FALSE(silent.StaysOpenFor(kLongest));
}

TEST_F(SmbServerTest, WhoeverIsLoggedInMayBeSilentButNotSlow) {
  Client silent(server_->port());
  ASSERT_TRUE(silent.LogIn());
  Client slow(server_->port());
  ASSERT_TRUE(slow.LogIn());
  ASSERT_TRUE(slow.Send(kBeginning));
  EXPECT_LT(slow.Drip(kLongest), kLongest);
  EXPECT_TRUE(silent.StaysOpenFor(std::chrono::milliseconds(500)));
}

}  // namespace
}  // namespace epa::tool
