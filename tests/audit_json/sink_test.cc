// The file behind the audit sink.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "epa/audit_json/json_lines.h"
#include "lib/base/file_descriptor.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa {
namespace {

using ::epa::test::StatusIs;
using nlohmann::json;
using ::testing::HasSubstr;

class JsonLinesAuditSinkTest : public ::testing::Test {
 protected:
  std::string Path() const { return folder_.File("audit.jsonl"); }

  std::vector<std::string> Lines() const {
    std::ifstream file(Path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }

  static AuditEvent EventOf(const std::string& user) {
    AuditEvent event;
    event.user = user;
    return event;
  }

  const test::TemporaryFolder folder_;
};

TEST_F(JsonLinesAuditSinkTest, WritesOneLineAnEvent) {
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create(Path()));
  sink->OnEvent(EventOf("alice"));
  sink->OnEvent(EventOf("bob\nforged"));
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], AuditEventToJson(EventOf("alice")));
  EXPECT_EQ(json::parse(lines[1])["user"], "bob\nforged");
  EXPECT_EQ(sink->lost_events(), 0U);
}

TEST_F(JsonLinesAuditSinkTest, AppendsToWhatIsThere) {
  for (const char* user : {"first", "second"}) {
    ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create(Path()));
    sink->OnEvent(EventOf(user));
  }
  ASSERT_EQ(Lines().size(), 2U);
  EXPECT_EQ(json::parse(Lines()[0])["user"], "first");
}

TEST_F(JsonLinesAuditSinkTest, OthersMayNotReadTheFile) {
  ASSERT_OK(JsonLinesAuditSink::Create(Path()));
  struct stat status {};
  ASSERT_EQ(stat(Path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007, 0U);
}

TEST_F(JsonLinesAuditSinkTest, ConcurrentWritersProduceWholeLines) {
  constexpr int kWriters = 4;
  constexpr int kEvents = 200;
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([this, writer] {
        // Each with a descriptor of its own, as several processes have.
        const auto sink = JsonLinesAuditSink::Create(Path()).value();
        for (int i = 0; i < kEvents; ++i) {
          sink->OnEvent(
              EventOf(std::to_string(writer) + "/" + std::to_string(i) + std::string(2000, 'x')));
        }
      });
    }
  }
  std::set<std::string> users;
  for (const std::string& line : Lines()) {
    const json parsed = json::parse(line, nullptr, /*allow_exceptions=*/false);
    ASSERT_FALSE(parsed.is_discarded()) << line;
    users.insert(parsed["user"].get<std::string>());
  }
  EXPECT_EQ(users.size(), static_cast<size_t>(kWriters * kEvents));
}

TEST_F(JsonLinesAuditSinkTest, OneSinkServesManyThreads) {
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create(Path()));
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < 4; ++writer) {
      threads.emplace_back([&sink] {
        for (int i = 0; i < 100; ++i) {
          sink->OnEvent(EventOf("alice"));
        }
      });
    }
  }
  EXPECT_EQ(Lines().size(), 400U);
  EXPECT_EQ(sink->lost_events(), 0U);
}

TEST_F(JsonLinesAuditSinkTest, MissingFolderIsAClearError) {
  const std::string path = folder_.File("missing/audit.jsonl");
  EXPECT_THAT(JsonLinesAuditSink::Create(path),
              StatusIs(absl::StatusCode::kNotFound,
                       ::testing::AllOf(HasSubstr(path), HasSubstr("No such file or directory"))));
}

TEST_F(JsonLinesAuditSinkTest, FolderInPlaceOfAFileIsAClearError) {
  EXPECT_THAT(JsonLinesAuditSink::Create(folder_.path().string()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Is a directory")));
}

TEST_F(JsonLinesAuditSinkTest, EmptyPathIsAnError) {
  EXPECT_THAT(JsonLinesAuditSink::Create(""), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(JsonLinesAuditSinkTest, EventsThatCannotBeWrittenAreCounted) {
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create("/dev/full"));
  sink->OnEvent(EventOf("alice"));
  sink->OnEvent(EventOf("bob"));
  EXPECT_EQ(sink->lost_events(), 2U);
}

class AuditPipeTest : public JsonLinesAuditSinkTest {
 protected:
  void SetUp() override { ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0); }
  // Writes until the pipe takes no more.
  static void Fill(int writer) {
    const std::string plenty(4096, 'x');
    while (write(writer, plenty.data(), plenty.size()) > 0) {
    }
    while (write(writer, "x", 1) > 0) {
    }
  }
};

TEST_F(AuditPipeTest, APipeThatNobodyReadsIsAClearError) {
  EXPECT_THAT(JsonLinesAuditSink::Create(Path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("nobody reads it")));
}

TEST_F(AuditPipeTest, NobodyWaitsForAPipeThatIsFull) {
  const FileDescriptor reader(open(Path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create(Path()));
  sink->OnEvent(EventOf("first"));
  EXPECT_EQ(sink->lost_events(), 0U);
  const FileDescriptor writer(open(Path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  Fill(writer.number());
  sink->OnEvent(EventOf("second"));
  EXPECT_EQ(sink->lost_events(), 1U);
}

TEST_F(AuditPipeTest, NobodyWaitsForStandardErrorEither) {
  const FileDescriptor reader(open(Path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const FileDescriptor blocking(open(Path().c_str(), O_WRONLY | O_CLOEXEC));
  const FileDescriptor filler(open(Path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  Fill(filler.number());
  const FileDescriptor standard_error(dup(STDERR_FILENO));
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create("-"));
  ASSERT_EQ(dup2(blocking.number(), STDERR_FILENO), STDERR_FILENO);
  sink->OnEvent(EventOf("alice"));
  ASSERT_EQ(dup2(standard_error.number(), STDERR_FILENO), STDERR_FILENO);
  EXPECT_EQ(sink->lost_events(), 1U);
}

// Limits the size of files that this process writes; the next write beyond it is cut off.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t octets) {
    previous_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &previous_);
    const rlimit limit{.rlim_cur = octets, .rlim_max = previous_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &previous_);
    signal(SIGXFSZ, previous_handler_);
  }

 private:
  rlimit previous_{};
  void (*previous_handler_)(int) = SIG_DFL;
};

TEST_F(JsonLinesAuditSinkTest, LineThatWasCutOffDoesNotSpoilTheNext) {
  ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create(Path()));
  {
    const FileSizeLimit limit(20);
    sink->OnEvent(EventOf("cut"));
    sink->OnEvent(EventOf("lost"));
  }
  sink->OnEvent(EventOf("whole"));
  EXPECT_EQ(sink->lost_events(), 2U);
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), 20U);
  EXPECT_EQ(json::parse(lines[1])["user"], "whole");
}

TEST_F(JsonLinesAuditSinkTest, DashIsStandardErrorAndStaysOpen) {
  ::testing::internal::CaptureStderr();
  {
    ASSERT_OK_AND_ASSIGN(const auto sink, JsonLinesAuditSink::Create("-"));
    sink->OnEvent(EventOf("alice"));
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), AuditEventToJson(EventOf("alice")) + "\n");
  struct stat status {};
  EXPECT_EQ(fstat(STDERR_FILENO, &status), 0);
}

}  // namespace
}  // namespace epa
