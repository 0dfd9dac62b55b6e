// An authority of your own: the accounts are somewhere else, and asking takes time.
//
// The server hands Verify to a thread that may wait, as the pending work of a step. An error is a
// fault of the server's, answered 500; only a verdict is an answer about the user.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "epa/ntlm/authority.h"

namespace {

// What a directory of yours keeps of an account.
struct Entry {
  std::string user;
  std::string domain;
  epa::ntlm::NtHash nt_hash;
  bool disabled = false;
};

// Stands for a request to a REST service, RADIUS or a database. No value: no such account.
absl::StatusOr<std::optional<Entry>> Fetch(std::string_view domain, std::string_view user) {
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

}  // namespace

int main() {
  const auto authority = std::make_shared<const RemoteAuthority>();
  epa::ntlm::LogonRequest request;
  request.user = "mallory";
  const auto verdict = authority->Verify(request);
  const bool refused = verdict.ok() && verdict->refusal() == epa::Reason::kUnknownUser;
  std::puts(refused ? "mallory: unknown" : "mallory: let in?");
  return refused ? 0 : 1;
}
