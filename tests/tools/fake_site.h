// A protocol without cryptography, for tests of what serves protocols.
#ifndef EPA_TESTS_TOOLS_FAKE_SITE_H_
#define EPA_TESTS_TOOLS_FAKE_SITE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "tools/epa/serve/conversation.h"

namespace epa::tool {

struct FakeSiteOptions {
  std::unique_ptr<ServerTransport> transport = ServerTransport::Clear();
  bool greets = false;
  std::chrono::seconds idle_time{600};
  // What happens on the worker's thread at a client's "P".
  std::function<void()> pause = [] {};
  // What a client's "W" is to be waited for.
  std::function<void()> work = [] {};
};

inline constexpr std::chrono::milliseconds kBusyTime{1};

// Each octet is a message, and is answered by itself, but for
//   L  logs in; answered by "l"
//   H  the beginning of a login; answered by "h"
//   M  the beginning of a message; not answered
//   W  work is done, then answered by "w"; by "f" where it was not
//   C  answered by "c"; the server closes
//   B  takes kBusyTime of the processor; answered by "b"
//   P  answered by "p" after a pause
//   S  answered by "s" where the server stops
//   X  memory runs out
// With `greets` the server says "g" first.
class FakeSite final : public Site {
 public:
  explicit FakeSite(FakeSiteOptions options) : options_(std::move(options)) {}

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *options_.transport; }
  std::chrono::seconds idle_time() const override { return options_.idle_time; }
  bool greets() const override { return options_.greets; }

 private:
  const FakeSiteOptions options_;
};

class FakeWork final : public PendingWork {
 public:
  explicit FakeWork(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override {
    run_();
    ran_ = true;
  }
  bool ran() const { return ran_; }

 private:
  const std::function<void()> run_;
  bool ran_ = false;
};

class FakeConversation final : public Conversation {
 public:
  explicit FakeConversation(const FakeSiteOptions& options)
      : greeting_(options.greets ? "g" : ""), pause_(options.pause), work_(options.work) {}

  void Receive(std::span<const uint8_t> octets) override {
    input_.append(octets.begin(), octets.end());
  }
  Turn Next() override {
    if (!greeting_.empty()) {
      return Say(std::exchange(greeting_, {}));
    }
    while (answered_ < input_.size()) {
      const char message = input_[answered_++];
      standing_.in_message = message == 'M';
      standing_.in_login = message == 'H';
      if (message != 'M') {
        return Answer(message);
      }
    }
    input_.clear();
    answered_ = 0;
    return {};
  }
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Say(static_cast<const FakeWork&>(*work).ran() ? "w" : "f");
  }
  void Leave() override { leaving_ = true; }
  Standing standing() const override { return standing_; }

 private:
  Turn Answer(char message) {
    switch (message) {
      case 'L':
        standing_.logged_in = true;
        return Say("l");
      case 'H':
        return Say("h");
      case 'W':
        return Turn{.work = std::make_unique<FakeWork>(work_)};
      case 'C': {
        Turn turn = Say("c");
        turn.close = true;
        return turn;
      }
      case 'B':
        BeBusy();
        return Say("b");
      case 'P':
        pause_();
        return Say("p");
      case 'S':
        return Say(leaving_ ? "s" : "S");
      case 'X':
        throw std::bad_alloc();
      default:
        return Say(std::string(1, message));
    }
  }
  static void BeBusy() {
    const auto end = std::chrono::steady_clock::now() + kBusyTime;
    while (std::chrono::steady_clock::now() < end) {
    }
  }
  static Turn Say(const std::string& text) { return Turn{.send = {text.begin(), text.end()}}; }

  std::string greeting_;
  const std::function<void()> pause_;
  const std::function<void()> work_;
  std::string input_;
  size_t answered_ = 0;
  Standing standing_;
  bool leaving_ = false;
};

inline std::unique_ptr<Conversation> FakeSite::Begin(Channel /*channel*/,
                                                     std::string /*peer*/) const {
  return std::make_unique<FakeConversation>(options_);
}

}  // namespace epa::tool

#endif  // EPA_TESTS_TOOLS_FAKE_SITE_H_
