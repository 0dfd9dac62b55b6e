// An authority of your own: the accounts are somewhere else, and asking takes time.
//
// The server hands Verify to a thread that may wait, as the pending work of a step. An error is a
// fault of the server's, answered 500; only a verdict is an answer about the user.
#ifndef EPA_EXAMPLES_REMOTE_AUTHORITY_H_
#define EPA_EXAMPLES_REMOTE_AUTHORITY_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "epa/ntlm/authority.h"

// What a directory of yours keeps of an account.
struct Entry {
  std::string user;
  std::string domain;
  epa::ntlm::NtHash nt_hash;
  bool disabled = false;
};

// Stands for a request to a REST service, RADIUS or a database. No value: no such account.
inline absl::StatusOr<std::optional<Entry>> Fetch(std::string_view domain, std::string_view user) {
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  if (user != "alice") {
    return std::nullopt;
  }
  absl::StatusOr<epa::ntlm::NtHash> hash = epa::ntlm::NtHashFromPassword("secret");
  if (!hash.ok()) {
    return hash.status();
  }
  return Entry{"alice", domain.empty() ? "DEMO" : std::string(domain), *hash};
}

class RemoteAuthority : public epa::ntlm::NtlmAuthority {
 public:
  absl::StatusOr<epa::ntlm::LogonVerdict> Verify(
      const epa::ntlm::LogonRequest& request) const override {
    absl::StatusOr<std::optional<Entry>> entry = Fetch(request.domain, request.user);
    if (!entry.ok()) {
      return entry.status();
    }
    if (!entry->has_value()) {
      return epa::ntlm::LogonVerdict::Refused(epa::Reason::kUnknownUser);
    }
    if ((*entry)->disabled) {
      return epa::ntlm::LogonVerdict::Refused(epa::Reason::kAccountDisabled);
    }
    // The names of the directory, not those of the request: they are who it is.
    auto account = std::make_shared<const epa::AccountIdentity>(
        epa::AccountIdentity{.user = (*entry)->user, .domain = (*entry)->domain});
    return VerifyWithNtHash((*entry)->nt_hash, request, std::move(account));
  }
  bool blocks() const override { return true; }
};

#endif  // EPA_EXAMPLES_REMOTE_AUTHORITY_H_
