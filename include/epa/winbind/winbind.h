// NTLM logins verified by an Active Directory domain, through Samba's winbindd on a joined machine.
#ifndef EPA_WINBIND_WINBIND_H_
#define EPA_WINBIND_WINBIND_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/core/reason.h"
#include "epa/ntlm/authority.h"

#pragma GCC visibility push(default)

namespace epa::winbind {

struct Options {
  // Only accounts of this domain, by its NetBIOS or DNS name; empty: of any domain that the
  // machine's own trusts.
  std::string domain;
  // Only members of one of these groups, as SIDs ("S-1-5-21-...") or "DOMAIN\group". Empty: all.
  std::vector<std::string> required_groups;
  // Pipes to winbindd, each with a thread of its own; opened one after another, when needed.
  int connections = 4;
  // How long one login may take, the time in the queue included. A login past it is a fault, and
  // it is not asked again, which might count as a second wrong password.
  std::chrono::milliseconds deadline = std::chrono::seconds(8);
  // Logins that may wait for a connection; more are a fault at once.
  size_t max_waiting = 64;
  // After a fault of winbindd's nobody is asked for this long, then one login tries whether it is
  // over. Where it answers, and says that no controller does, that holds for logins of the domain
  // which the client named, and not for those of others.
  std::chrono::milliseconds pause = std::chrono::seconds(2);
};

// What was asked and how it ended, since the authority was created.
struct Counters {
  uint64_t asked = 0;
  uint64_t verified = 0;
  uint64_t refused = 0;
  std::map<Reason, uint64_t> refused_for;  // the same by their reasons
  uint64_t faults = 0;     // answers that are none: no winbindd, no domain controller
  uint64_t timed_out = 0;  // among the faults
  uint64_t not_asked = 0;  // queue full, or within the pause after a fault
  size_t waiting = 0;      // now
  size_t abandoned = 0;    // now: connections whose answer nobody waits for any more
};

// Verifies with wbcCtxAuthenticateUserEx, which winbindd hands on to a domain controller. An
// answer that is none (no winbindd, no controller, no trust, cached credentials) is an error and
// never a verdict. blocks() is true: Verify waits up to Options::deadline.
class WinbindAuthority : public ntlm::NtlmAuthority {
 public:
  // Whether winbindd answers. Waits up to Options::deadline.
  virtual absl::Status Ping() const = 0;
  virtual Counters counters() const = 0;
};

// Asks winbindd for the machine's names and those of the groups, and so waits. Unavailable, with
// what to do about it, where libwbclient is not installed, winbindd does not run, the machine is
// not joined, or this process may not use winbindd's privileged pipe; InvalidArgument for limits
// below 1 and unknown groups.
absl::StatusOr<std::shared_ptr<const WinbindAuthority>> CreateWinbindAuthority(Options options);

}  // namespace epa::winbind

#pragma GCC visibility pop

#endif  // EPA_WINBIND_WINBIND_H_
