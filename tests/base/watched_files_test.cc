#include "lib/base/watched_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/file_reports.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa {
namespace {

using std::chrono::steady_clock;
using test::IsOk;
using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::chrono::seconds kDeadline{60};
constexpr std::chrono::milliseconds kOften{5};

// The texts of all files, one after the other; a text that says so is damaged.
absl::StatusOr<std::shared_ptr<const std::string>> Join(std::span<const SecretBytes> contents) {
  std::string all;
  for (const SecretBytes& content : contents) {
    all += content.ExposeText();
  }
  if (all.find("damaged") != std::string::npos) {
    return absl::InvalidArgumentError(all);
  }
  return std::make_shared<const std::string>(all);
}

class WatchedFilesTest : public testing::Test {
 protected:
  using Files = WatchedFiles<std::string>;

  static Files Watch(WatchOptions options) {
    auto files = Files::Create(std::move(options), Join);
    EXPECT_THAT(files, IsOk());
    return *std::move(files);
  }
  // Looks for changes only when it is told to.
  static Files WatchByHand(std::vector<std::string> paths, FileObserver observer = {}) {
    return Watch({.paths = std::move(paths), .interval = {}, .observer = std::move(observer)});
  }
  // True when the state becomes `text` by itself.
  static bool Becomes(const Files& files, const std::string& text) {
    const auto deadline = steady_clock::now() + kDeadline;
    while (*files.Current() != text) {
      if (steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::sleep_for(kOften);
    }
    return true;
  }

  test::TemporaryFolder folder_;
};

TEST_F(WatchedFilesTest, AreOneState) {
  const Files files = WatchByHand({folder_.Write("a", "1"), folder_.Write("b", "2")});
  EXPECT_EQ(*files.Current(), "12");
}

TEST_F(WatchedFilesTest, ThatCannotBeReadAtFirstAreAnError) {
  const std::string missing = folder_.File("missing");
  EXPECT_THAT(Files::Create({.paths = {folder_.Write("a", "1"), missing}}, Join).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(missing)));
  EXPECT_THAT(Files::Create({.paths = {folder_.Write("a", "damaged")}}, Join).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(WatchedFilesTest, ThatChangedTakeEffect) {
  const Files files = WatchByHand({folder_.Write("a", "1"), folder_.Write("b", "2")});
  folder_.Replace("b", "3");
  EXPECT_EQ(*files.Current(), "12");
  EXPECT_THAT(files.Check(), IsOk());
  EXPECT_EQ(*files.Current(), "13");
}

TEST_F(WatchedFilesTest, KeepTheOldStateUntilTheNewOneIsWhole) {
  const std::string path = folder_.Write("a", "1");
  const Files files = WatchByHand({path});
  folder_.Replace("a", "damaged");
  EXPECT_THAT(files.Check(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(*files.Current(), "1");
  std::filesystem::remove(path);
  EXPECT_THAT(files.Check(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(*files.Current(), "1");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(files.Check(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(*files.Current(), "1");
  folder_.Replace("a", "2");
  EXPECT_THAT(files.Check(), IsOk());
  EXPECT_EQ(*files.Current(), "2");
}

TEST_F(WatchedFilesTest, ThatAreInUseStayAsTheyWere) {
  const Files files = WatchByHand({folder_.Write("a", "1")});
  const auto in_use = files.Current();
  folder_.Replace("a", "2");
  EXPECT_THAT(files.Check(), IsOk());
  EXPECT_EQ(*in_use, "1");
}

TEST_F(WatchedFilesTest, MayComeAndGo) {
  std::vector<std::string> list = {folder_.Write("a", "1")};
  WatchOptions options;
  options.list = [&list] { return absl::StatusOr<std::vector<std::string>>(list); };
  options.interval = {};
  const Files files = Watch(std::move(options));
  EXPECT_EQ(*files.Current(), "1");
  list.push_back(folder_.Write("b", "2"));
  EXPECT_THAT(files.Check(), IsOk());
  EXPECT_EQ(*files.Current(), "12");
  list.erase(list.begin());
  EXPECT_THAT(files.Check(), IsOk());
  EXPECT_EQ(*files.Current(), "2");
}

TEST_F(WatchedFilesTest, ReportEachChangeAndEachCauseOnce) {
  std::vector<std::string> reports;
  const Files files = WatchByHand({folder_.Write("a", "1")}, [&](const absl::Status& status) {
    reports.push_back(status.ok() ? "ok" : std::string(status.message()));
  });
  (void)files.Check();
  folder_.Replace("a", "damaged: x");
  (void)files.Check();
  (void)files.Check();
  folder_.Replace("a", "damaged: y");
  (void)files.Check();
  folder_.Replace("a", "2");
  (void)files.Check();
  (void)files.Check();
  EXPECT_THAT(reports, ElementsAre("damaged: x", "damaged: y", "ok"));
}

TEST_F(WatchedFilesTest, AreLookedAtByAThreadOfTheirOwn) {
  std::atomic<std::thread::id> reporter;
  const test::FileReports reports;
  const auto observer = [&, inner = reports.observer()](const absl::Status& status) {
    reporter = std::this_thread::get_id();
    inner(status);
  };
  const Files files =
      Watch({.paths = {folder_.Write("a", "1")}, .interval = kOften, .observer = observer});
  EXPECT_EQ(*files.Current(), "1");
  folder_.Replace("a", "2");
  ASSERT_TRUE(reports.AwaitSuccess());
  EXPECT_EQ(*files.Current(), "2");
  EXPECT_NE(reporter.load(), std::this_thread::get_id());
}

// A change between making the watch and using it is seen by the first use.
TEST_F(WatchedFilesTest, AreUpToDateAtTheFirstUse) {
  const std::string path = folder_.Write("a", "1");
  const Files files = Watch({.paths = {path}, .interval = std::chrono::hours(1)});
  folder_.Replace("a", "2");
  const auto deadline = steady_clock::now() + kDeadline;
  while (!ReadRegularFile(path)->stamp.has_value()) {
    ASSERT_LT(steady_clock::now(), deadline);
  }
  EXPECT_TRUE(Becomes(files, "2"));
}

// No signal handler of the program runs on a thread that it does not know.
TEST_F(WatchedFilesTest, AreWatchedWithAllSignalsBlocked) {
  std::promise<sigset_t> mask;
  std::atomic<bool> told = false;
  const auto observer = [&](const absl::Status&) {
    if (!told.exchange(true)) {
      sigset_t signals;
      pthread_sigmask(SIG_SETMASK, nullptr, &signals);
      mask.set_value(signals);
    }
  };
  const Files files =
      Watch({.paths = {folder_.Write("a", "1")}, .interval = kOften, .observer = observer});
  (void)files.Current();
  folder_.Replace("a", "2");
  auto found = mask.get_future();
  ASSERT_EQ(found.wait_for(kDeadline), std::future_status::ready);
  const sigset_t signals = found.get();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGALRM, SIGUSR1}) {
    EXPECT_EQ(sigismember(&signals, signal), 1) << signal;
  }
}

// As with a file system that hangs: neither those who use the state nor the end waits for it.
TEST_F(WatchedFilesTest, ThatHangKeepNobodyWaiting) {
  struct Gate {
    std::promise<void> entered;
    std::promise<void> open;
    std::promise<void> left;
    std::atomic<int> loads = 0;
  };
  const auto gate = std::make_shared<Gate>();
  auto build = [gate,
                opened = gate->open.get_future().share()](std::span<const SecretBytes> contents) {
    if (gate->loads++ == 1) {
      gate->entered.set_value();
      opened.wait();
      gate->left.set_value();
    }
    return Join(contents);
  };
  {
    auto files = Files::Create({.paths = {folder_.Write("a", "1")}, .interval = kOften}, build);
    ASSERT_THAT(files, IsOk());
    EXPECT_EQ(*files->Current(), "1");
    folder_.Replace("a", "2");
    ASSERT_EQ(gate->entered.get_future().wait_for(kDeadline), std::future_status::ready);
    EXPECT_EQ(*files->Current(), "1");
  }
  gate->open.set_value();
  EXPECT_EQ(gate->left.get_future().wait_for(kDeadline), std::future_status::ready);
}

// Servers make their credentials and then their children, which have none of their threads.
TEST_F(WatchedFilesTest, AreWatchedInAForkedChildToo) {
  const Files files = Watch({.paths = {folder_.Write("a", "1")}, .interval = kOften});
  EXPECT_EQ(*files.Current(), "1");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    folder_.Replace("a", "2");
    _exit(Becomes(files, "2") ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(WatchedFilesTest, AreForSeveralThreads) {
  const Files files = Watch({.paths = {folder_.Write("a", "0")}, .interval = kOften});
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        EXPECT_EQ(files.Current()->size(), 1U);
        (void)files.Check();
      }
    });
  }
  for (int i = 1; i < 10; ++i) {
    folder_.Replace("a", std::to_string(i));
  }
  EXPECT_TRUE(Becomes(files, "9"));
  done = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace epa
