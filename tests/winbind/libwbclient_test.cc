// Samba's own client library on a pipe of ours, behind which nothing good answers.
#include <dirent.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "epa/winbind/winbind.h"
#include "lib/base/file_descriptor.h"
#include "lib/winbind/client.h"
#include "lib/winbind/connection_pool.h"
#include "tests/support/temporary_folder.h"

// With this function in the process libwbclient takes the pipe's folder from the environment.
extern "C" __attribute__((visibility("default"))) bool nss_wrapper_enabled();
extern "C" bool nss_wrapper_enabled() { return true; }
// With this one the folder need not be root's.
extern "C" __attribute__((visibility("default"))) bool uid_wrapper_enabled();
extern "C" bool uid_wrapper_enabled() { return true; }

namespace epa::winbind {
namespace {

using std::chrono::milliseconds;

// Accepts connections on FOLDER/pipe and has each of them answered by a function.
class FakePipe {
 public:
  explicit FakePipe(std::function<void(int connection)> answer) : answer_(std::move(answer)) {
    chmod(folder_.path().c_str(), 0755);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.File("pipe");
    EXPECT_LT(path.size(), sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    EXPECT_EQ(
        bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_.number(), 16), 0);
    setenv("SELFTEST_WINBINDD_SOCKET_DIR", folder_.path().c_str(), 1);
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakePipe() {
    shutdown(listener_.number(), SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      if (connection_ != nullptr) {
        shutdown(connection_->number(), SHUT_RDWR);
      }
    }
    thread_.join();
  }
  int connections() const { return connections_; }

 private:
  // False when the pipe ends.
  bool Hold(const FileDescriptor* connection) {
    const std::lock_guard lock(mutex_);
    connection_ = connection;
    return !ending_;
  }

  void Serve() {
    while (true) {
      const FileDescriptor connection(accept(listener_.number(), nullptr, nullptr));
      if (!connection.valid() || !Hold(&connection)) {
        return;
      }
      ++connections_;
      answer_(connection.number());
      Hold(nullptr);
    }
  }

  test::TemporaryFolder folder_;
  FileDescriptor listener_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::function<void(int)> answer_;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  const FileDescriptor* connection_ = nullptr;
  bool ending_ = false;
  std::thread thread_;
};

void ReadSome(int connection) {
  std::vector<uint8_t> octets(64 * 1024);
  (void)!read(connection, octets.data(), octets.size());
}

void WriteZeros(int connection, size_t size) {
  const std::vector<uint8_t> octets(size);
  (void)!send(connection, octets.data(), octets.size(), MSG_NOSIGNAL);
}

// Reads what the client says until it is gone.
void SaySilently(int connection) {
  std::vector<uint8_t> octets(4096);
  while (read(connection, octets.data(), octets.size()) > 0) {
  }
}

size_t OpenDescriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  size_t count = 0;
  while (readdir(folder) != nullptr) {
    ++count;
  }
  closedir(folder);
  return count;
}

ntlm::LogonRequest Alice() {
  static const std::vector<uint8_t> response(64, 1);
  return {.user = "alice", .domain = "CORP", .workstation = "WS", .nt_response = response};
}

absl::Status AskAboutAlice(Client& client) {
  Question question;
  question.user = Alice().user;
  question.domain = Alice().domain;
  question.nt_response.assign(64, 1);
  return client.Authenticate(question).status();
}

absl::Status AskOnce(std::chrono::milliseconds deadline) {
  Options options;
  options.deadline = deadline;
  options.pause = milliseconds(0);
  const auto factory = LibwbclientFactory();
  EXPECT_TRUE(factory.ok()) << factory.status();
  return ConnectionPool::Create(*factory, options).value()->Run(AskAboutAlice);
}

TEST(Libwbclient, AWinbinddThatHangsUpIsAFault) {
  FakePipe pipe([](int) {});
  EXPECT_TRUE(absl::IsUnavailable(AskOnce(std::chrono::hours(1))));
  EXPECT_GE(pipe.connections(), 1);
}

TEST(Libwbclient, ShortAndSenselessAnswersAreFaults) {
  for (const size_t size : {size_t{1}, size_t{100}, size_t{3000}, size_t{64 * 1024}}) {
    FakePipe pipe([size](int connection) {
      ReadSome(connection);
      WriteZeros(connection, size);
    });
    EXPECT_TRUE(absl::IsUnavailable(AskOnce(std::chrono::hours(1)))) << size;
  }
}

TEST(Libwbclient, AWinbinddThatSaysNothingIsLeftAtTheDeadline) {
  FakePipe pipe(SaySilently);
  EXPECT_TRUE(absl::IsDeadlineExceeded(AskOnce(milliseconds(50))));
}

TEST(Libwbclient, WithoutAPipeTheOperatorHearsWhatToDo) {
  test::TemporaryFolder empty;
  setenv("SELFTEST_WINBINDD_SOCKET_DIR", empty.path().c_str(), 1);
  const auto authority = CreateWinbindAuthority({});
  EXPECT_TRUE(absl::IsUnavailable(authority.status()));
  EXPECT_NE(authority.status().message().find("does it run?"), std::string::npos);
}

// Each connection fails in another way.
TEST(Libwbclient, TenThousandFaultsLeaveNothingBehind) {
  constexpr int kLogins = 10'000;
  constexpr int kFirst = 500;  // what is kept for later is there by then
  std::atomic<unsigned> turn = 0;
  FakePipe pipe([&turn](int connection) {
    constexpr std::array<size_t, 5> kSizes = {0, 1, 100, 3000, 64 * 1024};
    const size_t size = kSizes[turn++ % kSizes.size()];
    if (size != 0) {
      ReadSome(connection);
      WriteZeros(connection, size);
    }
  });
  Options options;
  options.connections = 2;
  options.deadline = std::chrono::hours(1);
  options.pause = milliseconds(0);
  const auto pool = ConnectionPool::Create(*LibwbclientFactory(), options).value();
  size_t descriptors = 0;
  size_t octets = 0;
  for (int i = 0; i < kLogins; ++i) {
    if (i == kFirst) {
      descriptors = OpenDescriptors();
      octets = mallinfo2().uordblks;
    }
    ASSERT_FALSE(pool->Run(AskAboutAlice).ok());
  }
  EXPECT_EQ(pool->counters().faults, static_cast<uint64_t>(kLogins));
  EXPECT_LE(OpenDescriptors(), descriptors + 1);  // one connection may still be on its way out
  EXPECT_GE(pipe.connections(), kLogins);
  // A leak of each login would be more, be it ever so small; the pipe's thread may have two
  // buffers.
  EXPECT_LE(mallinfo2().uordblks, octets + 160 * 1024);
}

}  // namespace
}  // namespace epa::winbind
