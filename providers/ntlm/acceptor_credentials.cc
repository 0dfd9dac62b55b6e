#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
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
      IsListedServer(options.unrestricted_servers, options.netbios_computer_name) ||
      IsListedServer(options.unrestricted_servers, options.dns_computer_name);
  return excepted ? IncomingTraffic::kAllow : options.incoming;
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
  TargetNames names{options.netbios_computer_name, options.netbios_domain_name,
                    options.dns_computer_name, options.dns_domain_name, options.dns_tree_name};
  EPA_RETURN_IF_ERROR(CheckSessionSecurity(options.minimum_session_security, "NtlmMinServerSec"));
  const bool in_domain = !names.netbios_domain.empty();
  if (names.netbios_computer.empty()) {
    names.netbios_computer = DefaultNetbiosName();
  }
  if (!in_domain) {
    // As a stand-alone server of Windows: its own name is its domain.
    names.netbios_domain = names.netbios_computer;
  }
  EPA_ASSIGN_OR_RETURN(auto challenge, ChallengeTemplate::Create(names, in_domain));
  options.netbios_computer_name = names.netbios_computer;
  const IncomingTraffic incoming = IncomingTrafficHere(options);
  return std::make_shared<AcceptorCredentials>(std::move(options), std::move(challenge), incoming);
}

}  // namespace epa::ntlm
