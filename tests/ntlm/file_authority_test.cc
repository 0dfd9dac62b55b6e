#include "providers/ntlm/file_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/ntlm/ntlm_response_maker.h"
#include "tests/support/temporary_folder.h"

namespace epa::ntlm {
namespace {

using testing::HasSubstr;
using testing::Not;

class FileAuthorityTest : public testing::Test {
 protected:
  void Replace(const std::string& text) const { folder_.Replace("accounts", text); }
  void Overwrite(const std::string& text) const { std::ofstream(path_) << text; }

  std::shared_ptr<const NtlmAuthority> Open() const {
    auto authority = CreateFileAuthorityCheckedEvery({}, path_.string());
    EXPECT_TRUE(authority.ok()) << authority.status();
    return *std::move(authority);
  }
  std::string OpenError() const {
    return std::string(CreateFileAuthority(path_.string()).status().message());
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "accounts";
};

TEST_F(FileAuthorityTest, VerifiesAgainstBothFormats) {
  Replace(
      "CORP:alice:secret\n"
      "bob:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
      "[U          ]:LCT-5F5E1000:\n"
      "carol:1001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
      "[UD         ]:LCT-5F5E1000:\n");
  const auto authority = CreateFileAuthority(path_.string());
  ASSERT_TRUE(authority.ok()) << authority.status();
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "secret"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "Secret"}), Reason::kWrongPassword);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "bob", "password"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "carol", "password"}), Reason::kAccountDisabled);
  EXPECT_EQ(RefusalOf(**authority, {"ANY", "dave", "password"}), Reason::kUnknownUser);
  EXPECT_FALSE((*authority)->blocks());
}

TEST_F(FileAuthorityTest, MissingFileIsAnErrorWithItsName) {
  EXPECT_EQ(OpenError(), path_.string() + ": No such file or directory");
}

TEST_F(FileAuthorityTest, FolderIsAnError) {
  EXPECT_THAT(std::string(CreateFileAuthority(folder_.path().string()).status().message()),
              HasSubstr("not a regular file"));
}

TEST_F(FileAuthorityTest, BadLineIsAnErrorWithFileAndLine) {
  Replace("CORP:alice:secret\nhunter2\n");
  EXPECT_EQ(OpenError(), path_.string() + ":2: neither DOMAIN:user:password nor an smbpasswd line");
}

TEST_F(FileAuthorityTest, NameThatOccursTwiceIsAnErrorWithTheFile) {
  Replace("CORP:alice:secret\ncorp:Alice:other\n");
  EXPECT_EQ(OpenError(), path_.string() + ": account corp\\Alice occurs twice");
}

TEST_F(FileAuthorityTest, ReplacedFileIsReadAgain) {
  Replace("CORP:alice:old\n");
  const auto authority = Open();
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "old"}), Reason::kNone);
  Replace("CORP:alice:new\n");
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "new"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "old"}), Reason::kWrongPassword);
}

TEST_F(FileAuthorityTest, FileWrittenInPlaceIsReadAgain) {
  Replace("CORP:alice:old\n");
  const auto authority = Open();
  Overwrite("CORP:alice:old\nCORP:bob:new\n");
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "new"}), Reason::kNone);
}

// Two changes within one tick of the file system's clock leave the same size and the same times.
TEST_F(FileAuthorityTest, ChangeRightAfterAReadingIsNotMissed) {
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::string password(8, c);
    Overwrite("CORP:alice:" + password + "\n");
    const auto authority = Open();
    Overwrite("CORP:alice:ABCDEFGH\n");
    EXPECT_EQ(RefusalOf(*authority, {"CORP", "alice", "ABCDEFGH"}), Reason::kNone) << c;
  }
}

TEST_F(FileAuthorityTest, RemovedAccountIsRefusedAfterwards) {
  Replace("CORP:alice:secret\nCORP:bob:secret\n");
  const auto authority = Open();
  Replace("CORP:alice:secret\n");
  EXPECT_EQ(RefusalOf(*authority, {"CORP", "bob", "secret"}), Reason::kUnknownUser);
}

TEST_F(FileAuthorityTest, ChangesAreLookedForNoMoreOftenThanAsked) {
  Replace("CORP:alice:old\n");
  const auto authority = CreateFileAuthorityCheckedEvery(std::chrono::hours(1), path_.string());
  ASSERT_TRUE(authority.ok()) << authority.status();
  Replace("CORP:alice:new\n");
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "alice", "old"}), Reason::kNone);
}

// CVE-2022-24883: a file that cannot be read let everybody in.
TEST_F(FileAuthorityTest, Cve202224883VanishedFileIsAFaultUntilItIsBack) {
  Replace("CORP:alice:secret\n");
  const auto authority = Open();
  std::filesystem::remove(path_);
  const Logon logon("CORP", "alice", "secret");
  const auto verdict = authority->Verify(logon.Request());
  EXPECT_EQ(verdict.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(authority->Verify(logon.Request()).ok());
  EXPECT_FALSE(authority->Verify(Logon("CORP", "mallory", "").Request()).ok());
  Replace("CORP:alice:secret\n");
  EXPECT_EQ(RefusalOf(*authority, logon), Reason::kNone);
}

TEST_F(FileAuthorityTest, GarbledFileIsAFaultUntilItIsMended) {
  Replace("CORP:alice:secret\n");
  const auto authority = Open();
  Replace("CORP:alice:secret\nhunter2\n");
  const Logon logon("CORP", "alice", "secret");
  const auto verdict = authority->Verify(logon.Request());
  ASSERT_FALSE(verdict.ok());
  EXPECT_THAT(std::string(verdict.status().message()), HasSubstr(":2: "));
  EXPECT_THAT(std::string(verdict.status().message()), Not(HasSubstr("hunter2")));
  EXPECT_FALSE(authority->Verify(logon.Request()).ok());
  Replace("CORP:alice:secret\n");
  EXPECT_EQ(RefusalOf(*authority, logon), Reason::kNone);
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
  const auto authority = CreateFileAuthorityCheckedEvery(std::chrono::hours(1), path_.string());
  ASSERT_TRUE(authority.ok()) << authority.status();
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "user0", "password0"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"corp", "USER99999", "password99999"}), Reason::kNone);
  EXPECT_EQ(RefusalOf(**authority, {"CORP", "user99999", "password0"}), Reason::kWrongPassword);
}

}  // namespace
}  // namespace epa::ntlm
