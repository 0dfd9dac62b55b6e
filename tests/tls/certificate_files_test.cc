// Channels of certificates on disk: which count, from when, and until when.
#include "epa/tls/certificate_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/certificates.h"
#include "tests/support/file_reports.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::tls {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CreateCertificate;
using ::epa::test::IsOk;
using ::epa::test::KeyType;
using ::epa::test::StatusIs;
using ::testing::HasSubstr;

constexpr uint64_t kHour = 3600;

ChannelBindingToken TokenOf(const Certificate& certificate) {
  return EndpointBindingOf(certificate.der, UndefinedHashRule::kSha256).value().bindings->token();
}

std::string Text(const std::vector<uint8_t>& octets) { return {octets.begin(), octets.end()}; }

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesOptions Options(std::vector<std::string> paths) {
    CertificateFilesOptions options;
    options.paths = std::move(paths);
    options.clock = &clock_;
    options.observer = reports_.observer();
    return options;
  }
  std::unique_ptr<CertificateFiles> Create(std::vector<std::string> paths) {
    return CertificateFiles::Create(Options(std::move(paths))).value();
  }
  absl::Status CreateFails(std::vector<std::string> paths) {
    return CertificateFiles::Create(Options(std::move(paths))).status();
  }
  static bool Counts(const CertificateFiles& files, const Certificate& certificate) {
    return files.ChannelNow().Find(TokenOf(certificate)).has_value();
  }
  std::string Folder() {
    std::filesystem::create_directory(folder_.path() / "certs");
    return folder_.File("certs");
  }

  static inline const Certificate one_ = CreateCertificate().value();
  static inline const Certificate two_ = CreateCertificate({.digest = "SHA384"}).value();
  static inline const Certificate edwards_ = CreateCertificate({.key = KeyType::kEd25519}).value();

  test::TemporaryFolder folder_;
  test::FixedClock clock_;
  test::FileReports reports_;
};

TEST_F(CertificateFilesTest, TheFirstCertificateOfAFileCounts) {
  const auto files =
      Create({folder_.Write("pem", one_.key_pem + one_.certificate_pem + two_.certificate_pem)});
  EXPECT_EQ(files->ChannelNow().kind(), ChannelKind::kTls);
  EXPECT_EQ(files->ChannelNow().bindings().size(), 1U);
  EXPECT_TRUE(Counts(*files, one_));
}

TEST_F(CertificateFilesTest, DerIsReadToo) {
  EXPECT_TRUE(Counts(*Create({folder_.Write("der", Text(one_.der))}), one_));
}

TEST_F(CertificateFilesTest, EveryFileCountsOnce) {
  const auto files =
      Create({folder_.Write("a", one_.certificate_pem), folder_.Write("b", two_.certificate_pem),
              folder_.Write("c", Text(one_.der))});
  EXPECT_EQ(files->ChannelNow().bindings().size(), 2U);
  ASSERT_EQ(files->List().size(), 2U);
  EXPECT_EQ(files->List()[1].path, folder_.File("b"));
  EXPECT_EQ(files->List()[1].binding.hash.digest, "SHA384");
}

TEST_F(CertificateFilesTest, AFolderHasTheCertificatesInIt) {
  const std::string certs = Folder();
  folder_.Write("certs/a.pem", one_.certificate_pem);
  folder_.Write("certs/b.crt", Text(two_.der));
  folder_.Write("certs/key.pem", one_.key_pem);
  folder_.Write("certs/.hidden.pem", "not looked at");
  folder_.Write("certs/notes.txt", "not looked at");
  std::filesystem::create_directory(folder_.path() / "certs/old.pem");
  const auto files = Create({certs});
  EXPECT_EQ(files->ChannelNow().bindings().size(), 2U);
  EXPECT_TRUE(Counts(*files, one_));
  EXPECT_TRUE(Counts(*files, two_));
}

TEST_F(CertificateFilesTest, WhatHoldsNoCertificateIsRefusedWithItsName) {
  const std::string key = folder_.Write("key.pem", one_.key_pem);
  EXPECT_THAT(CreateFails({key}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(key + ": no certificate")));
  const std::string text = folder_.Write("text", "hello");
  EXPECT_THAT(CreateFails({text}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  EXPECT_THAT(CreateFails({folder_.File("missing")}), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(CreateFails({}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CreateFails({Folder()}), StatusIs(absl::StatusCode::kNotFound));
  folder_.Write("certs/key.pem", one_.key_pem);
  EXPECT_THAT(CreateFails({Folder()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no certificate")));
}

TEST_F(CertificateFilesTest, ADamagedCertificateIsRefusedInAFolderToo) {
  const std::string cut = one_.certificate_pem.substr(0, one_.certificate_pem.size() / 2);
  EXPECT_THAT(CreateFails({folder_.Write("cut.pem", cut)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut.pem: damaged")));
  const std::string certs = Folder();
  folder_.Write("certs/good.pem", one_.certificate_pem);
  folder_.Write("certs/cut.pem", cut);
  EXPECT_THAT(CreateFails({certs}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut.pem: damaged")));
}

TEST_F(CertificateFilesTest, AnUndefinedHashFollowsTheRule) {
  CertificateFilesOptions options = Options({folder_.Write("ed.pem", edwards_.certificate_pem)});
  EXPECT_THAT(CertificateFiles::Create(options).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("ed.pem")));
  options.rule = UndefinedHashRule::kUnbound;
  ASSERT_OK_AND_ASSIGN(const auto unbound, CertificateFiles::Create(options));
  EXPECT_FALSE(unbound->ChannelNow().has_bindings());
  EXPECT_FALSE(unbound->List().front().binding.bindings.has_value());
  options.rule = UndefinedHashRule::kSha256;
  ASSERT_OK_AND_ASSIGN(const auto sha256, CertificateFiles::Create(options));
  EXPECT_TRUE(Counts(*sha256, edwards_));
}

TEST_F(CertificateFilesTest, OneThatWasReplacedCountsForItsTime) {
  const auto files = Create({folder_.Write("cert", one_.certificate_pem)});
  folder_.Replace("cert", two_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  EXPECT_TRUE(Counts(*files, two_));
  EXPECT_TRUE(Counts(*files, one_));
  ASSERT_EQ(files->List().size(), 2U);
  EXPECT_EQ(files->List()[1].counts_for, std::chrono::hours(1));
  clock_.AdvanceSeconds(kHour - 1);
  EXPECT_TRUE(Counts(*files, one_));
  clock_.AdvanceSeconds(1);
  EXPECT_FALSE(Counts(*files, one_));
  EXPECT_EQ(files->List().size(), 1U);
}

TEST_F(CertificateFilesTest, OneThatComesBackIsThereAndNotRetired) {
  const auto files = Create({folder_.Write("cert", one_.certificate_pem)});
  folder_.Replace("cert", two_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  folder_.Replace("cert", one_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  clock_.AdvanceSeconds(kHour);
  EXPECT_TRUE(Counts(*files, one_));
  EXPECT_FALSE(Counts(*files, two_));
}

TEST_F(CertificateFilesTest, ChangesInARowKeepWhatStillCounts) {
  const auto files = Create({folder_.Write("cert", one_.certificate_pem)});
  folder_.Replace("cert", two_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  clock_.AdvanceSeconds(kHour / 2);
  const Certificate three = CreateCertificate().value();
  folder_.Replace("cert", three.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  EXPECT_EQ(files->ChannelNow().bindings().size(), 3U);
  clock_.AdvanceSeconds(kHour / 2);
  EXPECT_FALSE(Counts(*files, one_));
  EXPECT_TRUE(Counts(*files, two_));
}

TEST_F(CertificateFilesTest, AFileOfAFolderMayComeAndGo) {
  const std::string certs = Folder();
  folder_.Write("certs/a.pem", one_.certificate_pem);
  const auto files = Create({certs});
  EXPECT_FALSE(Counts(*files, two_));
  folder_.Write("certs/b.pem", two_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  EXPECT_TRUE(Counts(*files, two_));
  std::filesystem::remove(folder_.path() / "certs/a.pem");
  ASSERT_THAT(files->Check(), IsOk());
  EXPECT_TRUE(Counts(*files, one_));
  clock_.AdvanceSeconds(kHour);
  EXPECT_FALSE(Counts(*files, one_));
}

TEST_F(CertificateFilesTest, WhatCannotBeUsedLeavesThingsAsTheyWere) {
  const std::string path = folder_.Write("cert", one_.certificate_pem);
  const auto files = Create({path});
  folder_.Replace("cert", "-----BEGIN CERTIFICATE-----\n");
  EXPECT_THAT(files->Check(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path)));
  std::filesystem::remove(path);
  EXPECT_THAT(files->Check(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  clock_.AdvanceSeconds(2 * kHour);
  EXPECT_TRUE(Counts(*files, one_));
}

TEST_F(CertificateFilesTest, AreReadAgainWithoutBeingAsked) {
  const std::string certs = Folder();
  folder_.Write("certs/a.pem", one_.certificate_pem);
  const auto files = Create({certs});
  EXPECT_TRUE(Counts(*files, one_));
  folder_.Write("certs/b.pem.new", two_.certificate_pem);
  std::filesystem::rename(folder_.path() / "certs/b.pem.new", folder_.path() / "certs/b.pem");
  ASSERT_TRUE(reports_.AwaitSuccess());
  EXPECT_TRUE(Counts(*files, two_));
}

TEST_F(CertificateFilesTest, ASuccessorKeepsWhatItsPredecessorHad) {
  const auto first = Create({folder_.Write("first", one_.certificate_pem)});
  CertificateFilesOptions options = Options({folder_.Write("second", two_.certificate_pem)});
  ASSERT_OK_AND_ASSIGN(const auto second, CertificateFiles::Create(options, first.get()));
  EXPECT_TRUE(Counts(*second, one_));
  EXPECT_FALSE(Counts(*first, two_));
  clock_.AdvanceSeconds(kHour);
  EXPECT_FALSE(Counts(*second, one_));
}

TEST_F(CertificateFilesTest, WithoutARollOverTheOldOneCountsNoMore) {
  CertificateFilesOptions options = Options({folder_.Write("cert", one_.certificate_pem)});
  options.roll_over = std::chrono::seconds(0);
  ASSERT_OK_AND_ASSIGN(const auto files, CertificateFiles::Create(options));
  folder_.Replace("cert", two_.certificate_pem);
  ASSERT_THAT(files->Check(), IsOk());
  EXPECT_FALSE(Counts(*files, one_));
}

}  // namespace
}  // namespace epa::tls
