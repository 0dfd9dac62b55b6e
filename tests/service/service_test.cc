// A service over time: what is changed takes effect, and what cannot be used changes nothing.
#include "epa/service/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/file_reports.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::service {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CreateCertificate;
using ::epa::test::IsOk;
using ::epa::test::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ChannelBindingToken TokenOf(const Certificate& certificate) {
  return tls::EndpointBindingOf(certificate.der, tls::UndefinedHashRule::kFail)
      .value()
      .bindings->token();
}

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    folder_.Write("accounts", "DEMO:alice:secret\n");
    folder_.Write("cert.pem", one_.certificate_pem);
  }
  // A service whose TLS ends elsewhere.
  ServiceOptions Options() {
    ServiceOptions options;
    options.service = {Protocol::kImap, ""};
    options.configuration = folder_.File("epa.conf");
    options.tls_end = TlsEnd::kElsewhere;
    return options;
  }
  std::string Configure(std::string_view more) {
    return folder_.Replace(
        "epa.conf", "[common]\naccounts = accounts\n[imap]\ncert = cert.pem\n" + std::string(more));
  }
  std::unique_ptr<Service> Create() {
    Configure("");
    return Service::Create(Options()).value();
  }

  static inline const Certificate one_ = CreateCertificate().value();
  static inline const Certificate two_ = CreateCertificate().value();

  test::TemporaryFolder folder_;
};

TEST_F(ServiceTest, IsMadeOfItsSection) {
  const auto service = Create();
  const auto parts = service->parts();
  EXPECT_EQ(parts->policy->mode(), ExtendedProtectionMode::kRequire);
  EXPECT_NE(parts->packages.negotiate, nullptr);
  EXPECT_NE(parts->packages.ntlm, nullptr);
  EXPECT_EQ(parts->packages.kerberos, nullptr);
  EXPECT_EQ(parts->audit, NoAudit());
  ASSERT_OK_AND_ASSIGN(const Channel channel, parts->ChannelNow());
  EXPECT_TRUE(channel.Find(TokenOf(one_)).has_value());
}

TEST_F(ServiceTest, OptionsWinOverTheFile) {
  Configure("extended-protection = 1\n");
  ServiceOptions options = Options();
  options.overrides = {{"extended-protection", "0", "--extended-protection", "", false}};
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Create(options));
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kLegacy);
  ASSERT_THAT(service->Reload(), IsOk());
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kLegacy);
}

TEST_F(ServiceTest, AReloadTakesEffectAndLeavesThoseWhoHoldTheOldOneAlone) {
  const auto service = Create();
  const auto before = service->parts();
  Configure("extended-protection = 1\n");
  EXPECT_EQ(service->parts(), before);
  ASSERT_THAT(service->Reload(), IsOk());
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kAllow);
  EXPECT_EQ(before->policy->mode(), ExtendedProtectionMode::kRequire);
}

TEST_F(ServiceTest, AReloadThatFailsChangesNothing) {
  const auto service = Create();
  const auto before = service->parts();
  const std::string conf = Configure("extended-protection = 1\nscenario = there\n");
  EXPECT_THAT(service->Reload(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       conf + ":6: scenario 'there': expected tls, proxy or clear"));
  Configure("extended-protection = 1\nkeytab = missing\n");
  EXPECT_THAT(service->Reload(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(conf + ":6: keytab: ")));
  Configure("extended-protection = 1\naccounts = missing\n");
  EXPECT_THAT(service->Reload(),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(conf + ":6: accounts: ")));
  folder_.Replace("epa.conf", "[common]\naccounts = accounts\n");
  EXPECT_THAT(service->Reload(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("[imap]")));
  folder_.Replace("epa.conf", "[common]\naccounts = accou");
  EXPECT_THAT(service->Reload(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut off")));
  std::filesystem::remove(conf);
  EXPECT_THAT(service->Reload(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(conf)));
  EXPECT_EQ(service->parts(), before);
}

TEST_F(ServiceTest, ACertificateCountsOnAfterAReloadThatReplacesIt) {
  const auto service = Create();
  folder_.Write("new.pem", two_.certificate_pem);
  folder_.Replace("epa.conf", "[imap]\naccounts = accounts\ncert = new.pem\n");
  ASSERT_THAT(service->Reload(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Channel channel, service->parts()->ChannelNow());
  EXPECT_TRUE(channel.Find(TokenOf(one_)).has_value());
  EXPECT_TRUE(channel.Find(TokenOf(two_)).has_value());
}

TEST_F(ServiceTest, FilesThatChangeAreTold) {
  const test::FileReports reports;
  Configure("");
  ServiceOptions options = Options();
  options.observer = [observer = reports.observer()](std::string_view what,
                                                     const absl::Status& status) {
    observer(what == "certificates" ? status : absl::DataLossError("not this one"));
  };
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Create(options));
  EXPECT_THAT(service->parts()->ChannelNow(), IsOk());
  folder_.Replace("cert.pem", two_.certificate_pem);
  ASSERT_TRUE(reports.AwaitSuccess());
  ASSERT_OK_AND_ASSIGN(const Channel channel, service->parts()->ChannelNow());
  EXPECT_TRUE(channel.Find(TokenOf(two_)).has_value());
}

TEST_F(ServiceTest, AWatchedConfigurationTakesEffectByItself) {
  const test::FileReports reports;
  Configure("");
  ServiceOptions options = Options();
  options.watch_configuration = true;
  options.observer = [observer = reports.observer()](std::string_view /*what*/,
                                                     const absl::Status& status) {
    observer(status);
  };
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Create(options));
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kRequire);
  Configure("extended-protection = 4\n");
  ASSERT_TRUE(reports.Await([](const absl::Status& status) { return !status.ok(); }));
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kRequire);
  Configure("extended-protection = 1\n");
  ASSERT_TRUE(reports.AwaitSuccess());
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kAllow);
}

TEST_F(ServiceTest, WhatAProgramCannotUseDoesNotTakeEffect) {
  Configure("");
  bool usable = false;
  ServiceOptions options = Options();
  options.use = [&usable](const std::shared_ptr<const ServiceParts>& parts) {
    EXPECT_NE(parts->policy, nullptr);
    return usable ? absl::OkStatus() : absl::InvalidArgumentError("not with me");
  };
  EXPECT_THAT(Service::Create(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "not with me"));
  usable = true;
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Create(options));
  const auto before = service->parts();
  usable = false;
  EXPECT_THAT(service->Reload(), StatusIs(absl::StatusCode::kInvalidArgument, "not with me"));
  EXPECT_EQ(service->parts(), before);
}

TEST_F(ServiceTest, IsForSeveralThreads) {
  const auto service = Create();
  std::atomic<bool> stop = false;
  std::vector<std::thread> users;
  for (int i = 0; i < 2; ++i) {
    users.emplace_back([&] {
      while (!stop) {
        const auto parts = service->parts();
        const bool whole = parts->packages.negotiate != nullptr && parts->ChannelNow().ok();
        EXPECT_TRUE(whole);
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    Configure(i % 2 == 0 ? "extended-protection = 1\n" : "extended-protection = there\n");
    EXPECT_EQ(service->Reload().ok(), i % 2 == 0);
  }
  stop = true;
  for (std::thread& user : users) {
    user.join();
  }
  EXPECT_EQ(service->parts()->policy->mode(), ExtendedProtectionMode::kAllow);
}

TEST_F(ServiceTest, WithoutAFileSettingsAreThoseOfTheProgram) {
  ServiceOptions options;
  options.service.protocol = Protocol::kHttp;
  options.configuration = "";
  options.prefix = "--";
  options.overrides = {{"scenario", "proxy", "--scenario", "", false},
                       {"spn", "HTTP/www.example.com", "--spn", "", false}};
  EXPECT_THAT(Service::Create(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "--accounts (NTLM) or --keytab (Kerberos) is needed"));
  options.overrides.push_back({"accounts", folder_.File("accounts"), "--accounts", "", false});
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Create(options));
  ASSERT_OK_AND_ASSIGN(const Channel channel, service->parts()->ChannelNow());
  EXPECT_EQ(channel.kind(), ChannelKind::kTrustedProxy);
}

}  // namespace
}  // namespace epa::service
