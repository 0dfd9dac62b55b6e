#include "lib/base/regular_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>

#include "lib/base/file_descriptor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa {
namespace {

using absl::StatusCode;
using test::StatusIs;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class RegularFileTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

TEST_F(RegularFileTest, IsReadWhole) {
  const std::string text = std::string(100'000, 'x') + '\0' + "end";
  const auto content = ReadRegularFile(folder_.Write("file", text));
  ASSERT_THAT(content, test::IsOk());
  EXPECT_EQ(content->octets.ExposeText(), text);
}

TEST_F(RegularFileTest, MayBeEmpty) {
  const auto content = ReadRegularFile(folder_.Write("file", ""));
  ASSERT_THAT(content, test::IsOk());
  EXPECT_TRUE(content->octets.empty());
}

TEST_F(RegularFileTest, ThatIsMissingIsNotFound) {
  const std::string path = folder_.File("missing");
  EXPECT_THAT(ReadRegularFile(path),
              StatusIs(StatusCode::kNotFound, path + ": No such file or directory"));
  EXPECT_EQ(StampOf(path), std::nullopt);
}

TEST_F(RegularFileTest, OfExactlyTheGreatestSizeIsReadAndALargerOneIsNot) {
  const std::string path = folder_.Write("file", "12345");
  EXPECT_THAT(ReadRegularFile(path, 5), test::IsOk());
  EXPECT_THAT(ReadRegularFile(path, 4),
              StatusIs(StatusCode::kInvalidArgument, path + ": larger than 4 octets"));
}

// Each of these would block, wake a device or never end.
TEST_F(RegularFileTest, IsNoPipeFolderDeviceOrSocket) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string socket_path = folder_.File("socket");
  const FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  ASSERT_LT(socket_path.size(), sizeof(address.sun_path));
  socket_path.copy(address.sun_path, socket_path.size());
  ASSERT_EQ(bind(listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);
  for (const std::string& path :
       {pipe, socket_path, folder_.path().string(), std::string("/dev/zero")}) {
    EXPECT_THAT(ReadRegularFile(path),
                StatusIs(StatusCode::kInvalidArgument, path + ": not a regular file"));
  }
}

TEST_F(RegularFileTest, BehindALinkIsRead) {
  std::filesystem::create_symlink(folder_.Write("file", "text"), folder_.File("link"));
  const auto content = ReadRegularFile(folder_.File("link"));
  ASSERT_THAT(content, test::IsOk());
  EXPECT_EQ(content->octets.ExposeText(), "text");
}

TEST_F(RegularFileTest, LeavesNoDescriptorOpen) {
  const std::string path = folder_.Write("file", "text");
  const FileDescriptor before(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_THAT(ReadRegularFile(path), test::IsOk());
  EXPECT_FALSE(ReadRegularFile(path, 1).ok());
  const FileDescriptor after(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(after.number(), before.number() + 1);
}

TEST_F(RegularFileTest, WrittenJustNowHasNoStamp) {
  const std::string path = folder_.Write("file", "text");
  const auto content = ReadRegularFile(path);
  ASSERT_THAT(content, test::IsOk());
  EXPECT_EQ(content->stamp, std::nullopt);
}

// Waits until the file is older than what counts as "just now".
FileStamp SettledStamp(const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    const auto content = ReadRegularFile(path);
    if (content.ok() && content->stamp.has_value()) {
      return *content->stamp;
    }
  }
  ADD_FAILURE() << path << " never came to rest";
  return *StampOf(path);
}

TEST_F(RegularFileTest, LeftAloneKeepsItsStamp) {
  const std::string path = folder_.Write("file", "text");
  const FileStamp stamp = SettledStamp(path);
  EXPECT_EQ(StampOf(path), stamp);
}

TEST_F(RegularFileTest, RewrittenWithSizeAndTimeOfTheOldOneHasAnotherStamp) {
  const std::string path = folder_.Write("file", "old!");
  const FileStamp stamp = SettledStamp(path);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  folder_.Write("file", "new!");
  const timespec times[] = {status.st_atim, status.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_NE(StampOf(path), stamp);
}

TEST(FileFaultTest, TellsWhatIsMissingFromWhatIsForbidden) {
  EXPECT_THAT(FileFault("f", ENOENT), StatusIs(StatusCode::kNotFound, StartsWith("f: ")));
  EXPECT_THAT(FileFault("f", ENOTDIR), StatusIs(StatusCode::kNotFound));
  EXPECT_THAT(FileFault("f", EACCES),
              StatusIs(StatusCode::kPermissionDenied, EndsWith("Permission denied")));
  EXPECT_THAT(FileFault("f", EIO), StatusIs(StatusCode::kUnavailable, HasSubstr("error")));
}

}  // namespace
}  // namespace epa
