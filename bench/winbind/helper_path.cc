#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "bench/require.h"
#include "bench/winbind/login_path.h"
#include "lib/base/base64.h"

namespace epa::bench {
namespace {

// Lines of Squid's helper protocol: "YR TOKEN" begins a login, "KK TOKEN" ends it.
class HelperPath final : public LoginPath {
 public:
  explicit HelperPath(std::vector<std::string> command) {
    std::array<int, 2> requests{};
    std::array<int, 2> answers{};
    Require(pipe2(requests.data(), O_CLOEXEC) == 0 && pipe2(answers.data(), O_CLOEXEC) == 0,
            "no pipe for a helper");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, requests[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answers[1], STDOUT_FILENO);
    command.emplace_back("--helper-protocol=squid-2.5-ntlmssp");
    std::vector<char*> arguments;
    for (std::string& word : command) {
      arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    Require(
        posix_spawnp(&child_, arguments.front(), &actions, nullptr, arguments.data(), environ) == 0,
        "a helper cannot be run: " + command.front());
    posix_spawn_file_actions_destroy(&actions);
    close(requests[0]);
    close(answers[1]);
    requests_ = fdopen(requests[1], "w");
    answers_ = fdopen(answers[0], "r");
  }
  ~HelperPath() override {
    fclose(requests_);
    fclose(answers_);
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  HelperPath(const HelperPath&) = delete;
  HelperPath& operator=(const HelperPath&) = delete;

  const Channel& channel() const override { return channel_; }
  pid_t process() const override { return child_; }

  std::vector<uint8_t> Challenge(std::span<const uint8_t> negotiate) override {
    const std::string answer = Ask("YR ", negotiate);
    Require(answer.starts_with("TT "), "the helper: " + answer);
    const auto token = DecodeBase64(std::string_view(answer).substr(3));
    Require(token.has_value(), "the helper's challenge is not base64");
    return *token;
  }
  bool Authenticate(std::span<const uint8_t> authenticate) override {
    return Ask("KK ", authenticate).starts_with("AF ");
  }

 private:
  std::string Ask(std::string_view word, std::span<const uint8_t> token) {
    const std::string line = std::string(word) + EncodeBase64(token) + "\n";
    std::fwrite(line.data(), 1, line.size(), requests_);
    std::fflush(requests_);
    std::array<char, 16384> answer{};
    Require(std::fgets(answer.data(), answer.size(), answers_) != nullptr, "the helper ended");
    std::string text = answer.data();
    text.resize(text.find_last_not_of("\r\n") + 1);
    return text;
  }

  const Channel channel_ = Channel::Plain();
  pid_t child_ = -1;
  FILE* requests_ = nullptr;
  FILE* answers_ = nullptr;
};

}  // namespace

std::unique_ptr<LoginPath> StartHelper(std::vector<std::string> command) {
  return std::make_unique<HelperPath>(std::move(command));
}

}  // namespace epa::bench
