#include "bench/winbind/bare.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

extern "C" {
#include <wbclient.h>
}

#include "bench/require.h"

namespace epa::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

template <typename Login>
double LoginsPerSecond(std::chrono::milliseconds time, Login&& login) {
  login();  // warms up
  const auto begin = SteadyClock::now();
  int count = 0;
  for (; SteadyClock::now() - begin < time; ++count) {
    login();
  }
  return count / std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

// A connection to winbindd, which asks it about one login again and again.
class BareLogin {
 public:
  explicit BareLogin(const KeptRequest& request) : context_(wbcCtxCreate(), wbcCtxFree) {
    parameters_.account_name = request.user.c_str();
    parameters_.domain_name = request.domain.c_str();
    parameters_.workstation_name = "";
    parameters_.level = wbcAuthUserParams::WBC_AUTH_USER_LEVEL_RESPONSE;
    auto& response = parameters_.password.response;
    std::ranges::copy(request.challenge, response.challenge);
    response.nt_length = static_cast<uint32_t>(request.nt_response.size());
    response.nt_data = const_cast<uint8_t*>(request.nt_response.data());
  }
  void operator()() const {
    struct wbcAuthUserInfo* info = nullptr;
    Require(
        wbcCtxAuthenticateUserEx(context_.get(), &parameters_, &info, nullptr) == WBC_ERR_SUCCESS,
        "libwbclient refuses the login");
    wbcFreeMemory(info);
  }

 private:
  std::unique_ptr<struct wbcContext, decltype(&wbcCtxFree)> context_;
  struct wbcAuthUserParams parameters_ {};
};

// Work that a thread of its own does, whose caller can stop waiting.
template <typename Work>
class HandOver {
 public:
  explicit HandOver(Work work) : work_(std::move(work)), thread_([this] { Serve(); }) {}
  ~HandOver() { Tell(Stage::kEnd); }

  void operator()() {
    Tell(Stage::kAsked);
    std::unique_lock lock(mutex_);
    Require(answered_.wait_until(lock, SteadyClock::now() + std::chrono::seconds(10),
                                 [this] { return stage_ == Stage::kAnswered; }),
            "no answer in time");
  }

 private:
  enum class Stage : uint8_t { kAnswered, kAsked, kEnd };

  void Tell(Stage stage) {
    {
      const std::lock_guard lock(mutex_);
      stage_ = stage;
    }
    (stage == Stage::kAnswered ? answered_ : asked_).notify_one();
  }
  Stage WaitForWork() {
    std::unique_lock lock(mutex_);
    asked_.wait(lock, [this] { return stage_ != Stage::kAnswered; });
    return stage_;
  }
  void Serve() {
    while (WaitForWork() == Stage::kAsked) {
      work_();
      Tell(Stage::kAnswered);
    }
  }

  Work work_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::condition_variable answered_;
  Stage stage_ = Stage::kAnswered;
  std::jthread thread_;
};

}  // namespace

ntlm::LogonRequest KeptRequest::View() const {
  return {
      .user = user, .domain = domain, .server_challenge = challenge, .nt_response = nt_response};
}

double BareLogins(const KeptRequest& request, int threads, std::chrono::milliseconds time) {
  std::atomic<double> sum = 0;
  {
    std::vector<std::jthread> loops;
    for (int i = 0; i < threads; ++i) {
      loops.emplace_back([&] { sum += LoginsPerSecond(time, BareLogin(request)); });
    }
  }
  return sum;
}

double HandedOverLogins(const KeptRequest& request, std::chrono::milliseconds time) {
  HandOver login{BareLogin(request)};
  return LoginsPerSecond(time, std::ref(login));
}

double AuthorityLogins(const ntlm::NtlmAuthority& authority, const KeptRequest& request,
                       std::chrono::milliseconds time) {
  return LoginsPerSecond(time, [&] {
    const auto verdict = Value(authority.Verify(request.View()));
    Require(verdict.verified(), "the authority refuses the login");
  });
}

}  // namespace epa::bench
