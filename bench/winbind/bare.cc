#include "bench/winbind/bare.h"

#include <algorithm>
#include <atomic>
#include <thread>

extern "C" {
#include <wbclient.h>
}

#include "bench/require.h"

namespace epa::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

template <typename Login>
double LoginsPerSecond(std::chrono::seconds time, Login login) {
  login();  // warms up
  const auto begin = SteadyClock::now();
  int count = 0;
  for (; SteadyClock::now() - begin < time; ++count) {
    login();
  }
  return count / std::chrono::duration<double>(SteadyClock::now() - begin).count();
}

double BareLoginsOfOne(const KeptRequest& request, std::chrono::seconds time) {
  struct wbcContext* const context = wbcCtxCreate();
  struct wbcAuthUserParams parameters {};
  parameters.account_name = request.user.c_str();
  parameters.domain_name = request.domain.c_str();
  parameters.workstation_name = "";
  parameters.level = wbcAuthUserParams::WBC_AUTH_USER_LEVEL_RESPONSE;
  auto& response = parameters.password.response;
  std::ranges::copy(request.challenge, response.challenge);
  response.nt_length = static_cast<uint32_t>(request.nt_response.size());
  response.nt_data = const_cast<uint8_t*>(request.nt_response.data());
  const double rate = LoginsPerSecond(time, [&] {
    struct wbcAuthUserInfo* info = nullptr;
    Require(wbcCtxAuthenticateUserEx(context, &parameters, &info, nullptr) == WBC_ERR_SUCCESS,
            "libwbclient refuses the login");
    wbcFreeMemory(info);
  });
  wbcCtxFree(context);
  return rate;
}

}  // namespace

ntlm::LogonRequest KeptRequest::View() const {
  return {
      .user = user, .domain = domain, .server_challenge = challenge, .nt_response = nt_response};
}

double BareLogins(const KeptRequest& request, int threads, std::chrono::seconds time) {
  std::atomic<double> sum = 0;
  {
    std::vector<std::jthread> loops;
    for (int i = 0; i < threads; ++i) {
      loops.emplace_back([&] { sum += BareLoginsOfOne(request, time); });
    }
  }
  return sum;
}

double AuthorityLogins(const ntlm::NtlmAuthority& authority, const KeptRequest& request,
                       std::chrono::seconds time) {
  return LoginsPerSecond(time, [&] {
    const auto verdict = Value(authority.Verify(request.View()));
    Require(verdict.verified(), "the authority refuses the login");
  });
}

}  // namespace epa::bench
