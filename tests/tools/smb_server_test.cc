// `epa serve smb` and clients that take their time or, like that of `epa login smb`, take no more
// than they want.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "epa/smb2/client_connection.h"
#include "epa/smb2/framing.h"
#include "epa/smb2/server_names.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/loopback_client.h"
#include "tools/epa/login/smb_client.h"
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

smb2::ClientOptions ClientOptions() {
  ntlm::InitiatorOptions initiator;
  initiator.user = "alice";
  initiator.password = SecretBytes::FromText(kPassword);
  smb2::ClientOptions options;
  options.credentials = *ntlm::CreateInitiatorCredentials(std::move(initiator));
  options.parameters.target_name = "cifs/127.0.0.1";
  return options;
}

class Client : public LoopbackClient {
 public:
  using LoopbackClient::LoopbackClient;

  // Sends an octet every 50 ms until the server closes the connection, or for a time.
  Clock::duration Drip(Clock::duration longest) const {
    constexpr std::array<uint8_t, 1> kOctet = {0};
    const auto begin = Clock::now();
    while (Clock::now() - begin < longest && Send(kOctet) &&
           !EndsWithin(std::chrono::milliseconds(50))) {
    }
    return Clock::now() - begin;
  }
  // Logs in as alice.
  bool LogIn() const {
    const auto smb = *smb2::ClientConnection::Create(ClientOptions());
    smb2::FrameReader frames;
    std::vector<uint8_t> out = smb->Start();
    while (!smb->established() && !smb->refusal().has_value() && (out.empty() || Send(out))) {
      out.clear();
      const std::string in = Receive();
      frames.Append({reinterpret_cast<const uint8_t*>(in.data()), in.size()});
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
};

class SmbServerTest : public ::testing::Test {
 protected:
  SmbServerTest() {
    auto share = std::make_shared<const SmbShare>(
        SmbShare{"docs", *SharedDirectory::Create(shared_.path().string())});
    server_ = *TcpServer::Create(
        {.times = {.login = kPatience, .patience = kPatience}},
        std::make_shared<const SmbSite>(Config(), std::move(share), SmbFilesLimits{}));
    server_->Start();
  }

  const test::TemporaryFolder shared_;
  std::unique_ptr<TcpServer> server_;
};

// The beginning of a message that needs more octets than are ever sent here.
constexpr std::array<uint8_t, 8> kBeginning = {0, 0, 4, 0, 0xfe, 'S', 'M', 'B'};

TEST_F(SmbServerTest, WhoeverDoesNotLogInIsSentAway) {
  const Client silent(server_->port());
  const Client slow(server_->port());
  ASSERT_TRUE(slow.Send(kBeginning));
  EXPECT_LT(slow.Drip(kLongest), kLongest);
  EXPECT_TRUE(silent.EndsWithin(kLongest));
}

TEST_F(SmbServerTest, WhoeverIsLoggedInMayBeSilentButNotSlow) {
  const Client silent(server_->port());
  ASSERT_TRUE(silent.LogIn());
  const Client slow(server_->port());
  ASSERT_TRUE(slow.LogIn());
  ASSERT_TRUE(slow.Send(kBeginning));
  EXPECT_LT(slow.Drip(kLongest), kLongest);
  EXPECT_FALSE(silent.Hears(std::chrono::milliseconds(500)));
}

TEST_F(SmbServerTest, ClientsSetTheLengthOfAListing) {
  for (const char* name : {"a", "b", "c"}) {
    shared_.Write(name, "");
  }
  const auto client = *SmbClient::LogIn({{"127.0.0.1", server_->port()}, "docs"}, ClientOptions());
  ASSERT_TRUE(client->connection().established());
  ASSERT_TRUE(client->ConnectTree().ok());
  constexpr size_t kEntries = 5;  // . and .. too
  EXPECT_EQ(client->List(kEntries)->size(), kEntries);
  EXPECT_EQ(client->List(kEntries - 1).status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace epa::tool
