#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/acceptor.h"
#include "providers/ntlm/windows_policy.h"

namespace epa::ntlm {
namespace {

constexpr size_t kNetbiosNameLength = 15;

// The first label of the host name, as NetBIOS spells it.
std::string DefaultNetbiosName() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0 || host.front() == '\0') {
    return "LOCALHOST";
  }
  const std::string name(host.data());
  return UppercaseUtf8(name.substr(0, std::min(name.find('.'), kNetbiosNameLength)));
}

IncomingTraffic IncomingTrafficHere(const AcceptorOptions& options) {
  const bool excepted =
      IsListedServer(options.unrestricted_servers, options.names.netbios_computer) ||
      IsListedServer(options.unrestricted_servers, options.names.dns_computer);
  return excepted ? IncomingTraffic::kAllow : options.incoming;
}

bool IsEmpty(const ChallengeNames& names) {
  return names.netbios_computer.empty() && names.netbios_domain.empty() &&
         names.dns_computer.empty() && names.dns_domain.empty() && names.dns_tree.empty();
}

// The authority's names, or the options', completed where nobody said.
absl::StatusOr<ChallengeNames> NamesFor(const AcceptorOptions& options) {
  EPA_ASSIGN_OR_RETURN(std::optional<ChallengeNames> prescribed, options.authority->names());
  if (prescribed.has_value() && !IsEmpty(options.names)) {
    return absl::InvalidArgumentError(
        "the accounts' authority prescribes the names in the challenge: leave the options' empty");
  }
  ChallengeNames names = prescribed.has_value() ? *std::move(prescribed) : options.names;
  if (names.netbios_computer.empty()) {
    names.netbios_computer = DefaultNetbiosName();
  }
  return names;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireNtlm());
  if (options.authority == nullptr) {
    return absl::InvalidArgumentError("an NTLM acceptor needs an authority for its accounts");
  }
  options.clock = options.clock != nullptr ? options.clock : &SystemClock();
  options.random = options.random != nullptr ? options.random : &SystemRandom();
  EPA_RETURN_IF_ERROR(CheckSessionSecurity(options.minimum_session_security, "NtlmMinServerSec"));
  EPA_ASSIGN_OR_RETURN(options.names, NamesFor(options));
  ChallengeNames names = options.names;
  const bool in_domain = !names.netbios_domain.empty();
  if (!in_domain) {
    // As a stand-alone server of Windows: its own name is its domain.
    names.netbios_domain = names.netbios_computer;
  }
  EPA_ASSIGN_OR_RETURN(auto challenge, ChallengeTemplate::Create(names, in_domain));
  const IncomingTraffic incoming = IncomingTrafficHere(options);
  return std::make_shared<AcceptorCredentials>(std::move(options), std::move(challenge), incoming);
}

}  // namespace epa::ntlm
