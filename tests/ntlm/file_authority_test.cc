#include "providers/ntlm/file_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/ntlm/ntlm_response_maker.h"
#include "tests/support/file_reports.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::ntlm {
namespace {

using testing::HasSubstr;
using testing::Not;

class FileAuthorityTest : public testing::Test {
 protected:
  void Replace(const std::string& text) const { folder_.Replace("accounts", text); }

  // Looks for changes when it is told to.
  std::shared_ptr<const FileAuthority> Open() const {
    auto authority = FileAuthority::Create({.paths = {path_}, .interval = {}});
    EXPECT_THAT(authority, test::IsOk());
    return *std::move(authority);
  }
  std::string OpenError() const {
    return std::string(CreateFileAuthority(path_).status().message());
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.File("accounts");
};

TEST_F(FileAuthorityTest, VerifiesAgainstBothFormats) {
  Replace(
      "CORP:alice:secret\n"
      "bob:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
      "[U          ]:LCT-5F5E1000:\n"
      "carol:1001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
      "[UD         ]:LCT-5F5E1000:\n");
  const auto authority = CreateFileAuthority(path_);
  ASSERT_TRUE(authority.ok()) << authority.status();
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "secret"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "Secret"}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "bob", "password"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "carol", "password"}), Reason::kAccountDisabled);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "dave", "password"}), Reason::kUnknownUser);
  EXPECT_FALSE((*authority)->blocks());
}

TEST_F(FileAuthorityTest, MissingFileIsAnErrorWithItsName) {
  EXPECT_EQ(OpenError(), path_ + ": No such file or directory");
}

TEST_F(FileAuthorityTest, FolderIsAnError) {
  EXPECT_THAT(std::string(CreateFileAuthority(folder_.path().string()).status().message()),
              HasSubstr("not a regular file"));
}

TEST_F(FileAuthorityTest, BadLineIsAnErrorWithFileAndLine) {
  Replace("CORP:alice:secret\nhunter2\n");
  EXPECT_EQ(OpenError(), path_ + ":2: neither DOMAIN:user:password nor an smbpasswd line");
}

// A full disk or a crash leaves such files; "secr" is a weaker password than "secret".
TEST_F(FileAuthorityTest, CutOffIsDamagedAndNotShorter) {
  const std::string whole =
      "CORP:bob:long\nCORP:alice:secret\n"
      "carol:1001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
      "[UD         ]:LCT-5F5E1000:\n";
  for (size_t size = 0; size < whole.size(); ++size) {
    Replace(whole.substr(0, size));
    EXPECT_EQ(CreateFileAuthority(path_).ok(), size > 0 && whole[size - 1] == '\n') << size;
  }
  Replace("CORP:alice:secr");
  EXPECT_EQ(OpenError(), path_ + ": cut off: the last line has no line end");
  Replace("");
  EXPECT_EQ(OpenError(), path_ + ": empty");
}

TEST_F(FileAuthorityTest, FileOfCommentsAloneIsWhole) {
  Replace("# none yet\n");
  EXPECT_EQ(RefusalOf(*Open(), {"CORP", "alice", "secret"}), Reason::kUnknownUser);
}

TEST_F(FileAuthorityTest, NameThatOccursTwiceIsAnErrorWithTheFile) {
  Replace("CORP:alice:secret\ncorp:Alice:other\n");
  EXPECT_EQ(OpenError(), path_ + ": account corp\\Alice occurs twice");
}

TEST_F(FileAuthorityTest, ReplacedFileIsReadAgain) {
  Replace("CORP:alice:old\n");
  const auto authority = Open();
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "old"}), Reason::kNone);
  Replace("CORP:alice:new\n");
  EXPECT_OK(authority->Check());
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "new"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "old"}), Reason::kWrongPassword);
}

TEST_F(FileAuthorityTest, FileWrittenInPlaceIsReadAgain) {
  Replace("CORP:alice:old\n");
  const auto authority = Open();
  folder_.Write("accounts", "CORP:alice:old\nCORP:bob:new\n");
  EXPECT_OK(authority->Check());
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "new"}), Reason::kNone);
}

// Two changes within one tick of the file system's clock leave the same size and the same times.
TEST_F(FileAuthorityTest, ChangeRightAfterAReadingIsNotMissed) {
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::string password(8, c);
    folder_.Write("accounts", "CORP:alice:" + password + "\n");
    const auto authority = Open();
    folder_.Write("accounts", "CORP:alice:ABCDEFGH\n");
    EXPECT_OK(authority->Check());
    EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "ABCDEFGH"}), Reason::kNone) << c;
  }
}

TEST_F(FileAuthorityTest, RemovedAccountIsRefusedAfterwards) {
  Replace("CORP:alice:secret\nCORP:bob:secret\n");
  const auto authority = Open();
  Replace("CORP:alice:secret\n");
  EXPECT_OK(authority->Check());
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "secret"}), Reason::kUnknownUser);
}

// Nobody looks but the thread: a login does not.
TEST_F(FileAuthorityTest, VerifyDoesNotTouchTheFile) {
  Replace("CORP:alice:old\n");
  const auto authority = Open();
  Replace("CORP:alice:new\n");
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "old"}), Reason::kNone);
}

TEST_F(FileAuthorityTest, ChangesTakeEffectByThemselvesAndAreReported) {
  Replace("CORP:alice:old\n");
  const test::FileReports reports;
  const auto authority = CreateFileAuthority(path_, reports.observer());
  ASSERT_OK(authority);
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "old"}), Reason::kNone);
  Replace("CORP:alice:new\n");
  EXPECT_TRUE(reports.AwaitSuccess());
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "new"}), Reason::kNone);
}

// CVE-2022-24883: a file that cannot be read let everybody in.
TEST_F(FileAuthorityTest, Cve202224883VanishedFileLeavesTheAccountsAsTheyWere) {
  Replace("CORP:alice:secret\n");
  const auto authority = Open();
  std::filesystem::remove(path_);
  EXPECT_THAT(authority->Check(), test::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "secret"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", ""}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "mallory", ""}), Reason::kUnknownUser);
  EXPECT_FALSE(CreateFileAuthority(path_).ok());
}

TEST_F(FileAuthorityTest, DamagedFileLeavesTheAccountsAsTheyWere) {
  Replace("CORP:alice:secret\nCORP:bob:secret\n");
  const auto authority = Open();
  for (const std::string damaged : {"CORP:alice:secret\nhunter2\n", "CORP:alice:hunter2", ""}) {
    Replace(damaged);
    const absl::Status status = authority->Check();
    EXPECT_FALSE(status.ok()) << damaged;
    EXPECT_THAT(std::string(status.message()), testing::StartsWith(path_));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
    EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "secret"}), Reason::kNone) << damaged;
  }
  Replace("CORP:alice:secret\n");
  EXPECT_OK(authority->Check());
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "secret"}), Reason::kUnknownUser);
}

TEST_F(FileAuthorityTest, ThreadsVerifyWhileTheFileIsReplaced) {
  Replace("CORP:alice:secret\n");
  const auto authority = Open();
  const Logon logon("CORP", "alice", "secret");
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        failures += RefusalOf(*authority, logon) == Reason::kNone ? 0 : 1;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    Replace("CORP:alice:secret\nCORP:user" + std::to_string(i) + ":x\n");
    EXPECT_OK(authority->Check());
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "user49", "x"}), Reason::kNone);
}

TEST_F(FileAuthorityTest, HundredThousandAccounts) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "CORP:user" + std::to_string(i) + ":password" + std::to_string(i) + "\n";
  }
  Replace(text);
  const auto authority = Open();
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "user0", "password0"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"corp", "USER99999", "password99999"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "user99999", "password0"}), Reason::kWrongPassword);
}

}  // namespace
}  // namespace epa::ntlm
