#include "lib/winbind/away_domains.h"

#include <algorithm>
#include <string_view>

#include "lib/base/upper_case.h"

namespace epa::winbind {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Clients invent names without end; of more than these the one whose pause ends first is forgotten.
constexpr size_t kMostDomains = 64;

}  // namespace

std::string ClaimedDomain(const ntlm::LogonRequest& request) {
  const size_t at = request.user.find('@');
  const std::string_view claimed = request.domain.empty() && at != std::string_view::npos
                                       ? request.user.substr(at)
                                       : request.domain;
  return UppercaseUtf8(claimed);
}

bool AwayDomains::MayAsk(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  const auto found = pauses_.find(domain);
  if (found == pauses_.end()) {
    return true;
  }
  Pause& pause = found->second;
  if (pause.trying || SteadyClock::now() < pause.until) {
    return false;
  }
  pause.trying = true;
  return true;
}

bool AwayDomains::IsPaused(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  const auto found = pauses_.find(domain);
  return found != pauses_.end() && SteadyClock::now() < found->second.until;
}

void AwayDomains::OnAway(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  if (pauses_.size() >= kMostDomains && !pauses_.contains(domain)) {
    pauses_.erase(std::ranges::min_element(pauses_, {},
                                           [](const auto& entry) { return entry.second.until; }));
  }
  pauses_[domain] = {.until = SteadyClock::now() + pause_};
}

void AwayDomains::OnAnswer(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  pauses_.erase(domain);
}

void AwayDomains::OnNotAsked(const std::string& domain) {
  const std::lock_guard lock(mutex_);
  if (const auto found = pauses_.find(domain); found != pauses_.end()) {
    found->second.trying = false;
  }
}

}  // namespace epa::winbind
