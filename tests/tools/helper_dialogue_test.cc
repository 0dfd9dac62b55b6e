// A helper whose service does not do what it should.
#include "tools/epa/helper/dialogue.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "lib/base/file_descriptor.h"
#include "tests/support/temporary_folder.h"

namespace epa::tool {
namespace {

using std::chrono::milliseconds;

constexpr char kGreeting[] = "epa-helper 1 squid-2.5-ntlmssp\n";
constexpr char kUnavailable[] = "BH the service cannot be reached\n";

std::string ReadSome(int descriptor) {
  std::array<char, 4096> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t size = read(descriptor, piece.data(), piece.size());
  return std::string(piece.data(), size > 0 ? static_cast<size_t>(size) : 0);
}

// A helper on a thread, its front end, and the socket of its service.
class DialogueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe(front_end_.data()), 0);
    ASSERT_EQ(pipe(helper_.data()), 0);
    input_ = FileDescriptor(front_end_[1]);
    output_ = FileDescriptor(helper_[0]);
    options_.input = front_end_[0];
    options_.output = helper_[1];
    ASSERT_TRUE(MakeLocalAddress((folder_.path() / "socket").string(), options_.service));
    service_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(bind(service_.number(), options_.service.generic(), options_.service.size), 0);
    ASSERT_EQ(listen(service_.number(), 8), 0);
  }

  void Start(milliseconds patience) {
    options_.patience = patience;
    thread_ = std::thread([this] {
      const auto dialogue = std::make_unique<Dialogue>(options_);
      dialogue->Run();
      close(options_.input);
      close(options_.output);
    });
  }

  void TearDown() override {
    input_ = FileDescriptor();
    thread_.join();
  }

  void Say(const std::string& text) const {
    ASSERT_EQ(write(input_.number(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string Hear() const { return ReadSome(output_.number()); }
  // The next connection, up to the message.
  FileDescriptor Accept(const std::string& message) const {
    FileDescriptor connection(accept(service_.number(), nullptr, nullptr));
    std::string heard;
    while (heard.size() < sizeof(kGreeting) - 1 + message.size()) {
      const std::string more = ReadSome(connection.number());
      if (more.empty()) {
        break;
      }
      heard += more;
    }
    EXPECT_EQ(heard, kGreeting + message);
    return connection;
  }
  static void Answer(const FileDescriptor& connection, const std::string& text) {
    EXPECT_EQ(send(connection.number(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  test::TemporaryFolder folder_;
  DialogueOptions options_;
  FileDescriptor service_;
  FileDescriptor input_;
  FileDescriptor output_;
  std::array<int, 2> front_end_{};
  std::array<int, 2> helper_{};
  std::thread thread_;
};

TEST_F(DialogueTest, PassesMessagesOnAndBack) {
  Start(std::chrono::minutes(1));
  Say("YR a\n");
  const FileDescriptor connection = Accept("YR a\n");
  Answer(connection, "TT ");
  Answer(connection, "b\n");
  EXPECT_EQ(Hear(), "TT b\n");
  Say("KK c\n");
  EXPECT_EQ(ReadSome(connection.number()), "KK c\n");
  Answer(connection, "AF D\\u\n");
  EXPECT_EQ(Hear(), "AF D\\u\n");
}

// An answer that comes late must not be the next one's.
TEST_F(DialogueTest, AnAnswerThatIsLateIsNobodys) {
  Start(std::chrono::seconds(1));
  Say("YR a\n");
  const FileDescriptor silent = Accept("YR a\n");
  EXPECT_EQ(Hear(), kUnavailable);
  EXPECT_EQ(ReadSome(silent.number()), "");
  Say("KK victim\n");
  const FileDescriptor connection = Accept("KK victim\n");
  Answer(connection, "NA no\n");
  EXPECT_EQ(Hear(), "NA no\n");
}

TEST_F(DialogueTest, TwoAnswersToOneMessageAreAFault) {
  Start(std::chrono::minutes(1));
  Say("KK a\n");
  Answer(Accept("KK a\n"), "NA no\nAF D\\u\n");
  EXPECT_EQ(Hear(), kUnavailable);
}

TEST_F(DialogueTest, WhatGoesOnIsNotSaidTwice) {
  Start(std::chrono::minutes(1));
  Say("YR a\n");
  {
    const FileDescriptor connection = Accept("YR a\n");
    Answer(connection, "TT b\n");
    EXPECT_EQ(Hear(), "TT b\n");
  }
  Say("KK c\n");
  EXPECT_EQ(Hear(), kUnavailable);
  // What begins is.
  Say("YR d\n");
  {
    const FileDescriptor connection = Accept("YR d\n");
    Answer(connection, "TT e\n");
    EXPECT_EQ(Hear(), "TT e\n");
  }
  Say("YR f\n");
  const FileDescriptor connection = Accept("YR f\n");
  Answer(connection, "TT g\n");
  EXPECT_EQ(Hear(), "TT g\n");
}

TEST_F(DialogueTest, HalfAnAnswerIsNone) {
  Start(std::chrono::minutes(1));
  Say("KK a\n");
  Answer(Accept("KK a\n"), "AF D\\administrator");
  EXPECT_EQ(Hear(), kUnavailable);
}

}  // namespace
}  // namespace epa::tool
