// A failure of one kind has one name, whatever the protocol: an authority that cannot answer is a
// fault, for the audit, for the operator, and for the client where its protocol has a word for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "epa/defaults/defaults.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "epa/smb2/server_names.h"
#include "tests/support/recording_audit_sink.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/login/login_https.h"
#include "tools/epa/login/login_smb.h"
#include "tools/epa/login/login_telnet.h"
#include "tools/epa/serve/https_site.h"
#include "tools/epa/serve/smb_site.h"
#include "tools/epa/serve/tcp_server.h"
#include "tools/epa/serve/telnet_site.h"

namespace epa::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AwayAuthority final : public ntlm::NtlmAuthority {
 public:
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& /*request*/) const override {
    return absl::UnavailableError("the directory is away");
  }
};

class ServeFaultsTest : public ::testing::Test {
 protected:
  static ntlm::AcceptorOptions Acceptor() {
    ntlm::AcceptorOptions options;
    options.authority = std::make_shared<const AwayAuthority>();
    options.names.netbios_computer = "HERE";
    return options;
  }
  static std::shared_ptr<const Credentials> NtlmAlone() {
    return ntlm::CreateAcceptorCredentials(Acceptor()).value();
  }
  static std::shared_ptr<const Credentials> Negotiate() {
    ServerPackages packages;
    packages.ntlm = Acceptor();
    return CreateServerCredentials(std::move(packages)).value();
  }
  std::vector<std::string> LoginTo(const std::string& address) const {
    return {address, "--user", "alice", "--password-file",
            folder_.Write("password", "correct horse\n")};
  }
  static std::shared_ptr<const ExtendedProtectionPolicy> Policy() {
    return std::make_shared<const ExtendedProtectionPolicy>(
        ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  }

  HostPort Serve(std::shared_ptr<const Site> site) {
    TcpServerOptions options;
    options.on_fault = [this](const std::string& text) {
      const std::lock_guard lock(mutex_);
      told_.push_back(text);
    };
    server_ = TcpServer::Create(std::move(options), std::move(site)).value();
    server_->Start();
    return {"127.0.0.1", server_->port()};
  }

  void ExpectOneFault() {
    ASSERT_TRUE(server_->Stop());
    ASSERT_EQ(audit_->events.size(), 1U);
    EXPECT_EQ(audit_->events[0].outcome, AuditOutcome::kFault);
    EXPECT_EQ(audit_->events[0].reason, Reason::kAuthorityUnavailable);
    EXPECT_THAT(audit_->events[0].detail, HasSubstr("the directory is away"));
    EXPECT_EQ(server_->counters().faults, 1U);
    EXPECT_THAT(told_, ElementsAre(HasSubstr("the directory is away")));
  }

  const test::TemporaryFolder folder_;
  const std::shared_ptr<test::RecordingAuditSink> audit_ =
      std::make_shared<test::RecordingAuditSink>();
  std::mutex mutex_;
  std::vector<std::string> told_;
  std::unique_ptr<TcpServer> server_;
};

TEST_F(ServeFaultsTest, OverHttp) {
  http::AuthenticatorOptions options;
  options.schemes = {{"NTLM", NtlmAlone()}};
  options.policy = Policy();
  options.audit = audit_;
  ASSERT_OK_AND_ASSIGN(
      auto site,
      HttpsSite::Create({}, http::AuthenticatorConfig::Create(std::move(options)).value()));
  const HostPort server = Serve(std::move(site));
  EXPECT_EQ(RunLoginHttps(LoginTo("http://" + server.ToString())), kExitFault);
  ExpectOneFault();
}

TEST_F(ServeFaultsTest, OverSmb) {
  smb2::ServerOptions options;
  options.credentials = Negotiate();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      smb2::CreateNameHardeningPolicy({.level = 0}).value());
  options.audit = audit_;
  ASSERT_OK_AND_ASSIGN(auto directory, SharedDirectory::Create(folder_.path().string()));
  const HostPort server = Serve(std::make_shared<const SmbSite>(
      smb2::ServerConfig::Create(std::move(options)).value(),
      std::make_shared<const SmbShare>(SmbShare{"docs", std::move(directory)}), SmbFilesLimits{}));
  EXPECT_EQ(RunLoginSmb(LoginTo("//" + server.ToString() + "/docs")), kExitFault);
  ExpectOneFault();
}

TEST_F(ServeFaultsTest, OverTelnet) {
  telnet::ServerOptions options;
  options.credentials = NtlmAlone();
  options.policy = Policy();
  options.audit = audit_;
  ASSERT_OK_AND_ASSIGN(
      auto site, TelnetSite::Create({}, telnet::ServerConfig::Create(std::move(options)).value()));
  const HostPort server = Serve(std::move(site));
  EXPECT_EQ(RunLoginTelnet(LoginTo(server.ToString())), kExitRefused)
      << "it knows accept and reject";
  ExpectOneFault();
}

}  // namespace
}  // namespace epa::tool
