// Domains that no controller answered for a moment ago.
#ifndef EPA_LIB_WINBIND_AWAY_DOMAINS_H_
#define EPA_LIB_WINBIND_AWAY_DOMAINS_H_

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "epa/ntlm/authority.h"

namespace epa::winbind {

// What the client says where its account is: the domain, else what follows the user's "@". Two
// spellings of one domain may differ.
std::string ClaimedDomain(const ntlm::LogonRequest& request);

// A client chooses the domain that winbindd is asked about, and may name one that is away: only
// logins of that domain pause then. Called by any thread.
class AwayDomains {
 public:
  explicit AwayDomains(std::chrono::milliseconds pause) : pause_(pause) {}

  // Whether a login of this domain may be asked about: not within the pause, and after it one at a
  // time. Whoever may says afterwards how it went, by one of the functions below.
  bool MayAsk(const std::string& domain);
  // Whether whoever may ask would do so in vain by now.
  bool IsPaused(const std::string& domain);
  // No controller of the domain answered.
  void OnAway(const std::string& domain);
  void OnAnswer(const std::string& domain);
  // The question did not get as far as that.
  void OnNotAsked(const std::string& domain);

 private:
  struct Pause {
    std::chrono::steady_clock::time_point until;
    bool trying = false;  // a login asks whether it is over
  };

  const std::chrono::milliseconds pause_;
  std::mutex mutex_;  // of what follows
  std::map<std::string, Pause> pauses_;
};

}  // namespace epa::winbind

#endif  // EPA_LIB_WINBIND_AWAY_DOMAINS_H_
