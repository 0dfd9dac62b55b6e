// NTLM ([MS-NLMP]), version 2 only, as a security package. Versions before it are recognised and
// refused by name.
#ifndef EPA_NTLM_NTLM_H_
#define EPA_NTLM_NTLM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/random.h"
#include "epa/base/secret.h"
#include "epa/core/audit.h"
#include "epa/core/security_package.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/reflection_guard.h"

#pragma GCC visibility push(default)

namespace epa::ntlm {

// "NTLM"; the longest token is 64 KiB - 1.
const PackageInfo& NtlmPackageInfo();

// NtlmMinClientSec and NtlmMinServerSec: what must be agreed on where messages are signed or
// sealed.
inline constexpr uint32_t kRequireSessionSecurity = 0x00080000;  // extended session security
inline constexpr uint32_t kRequire128BitKeys = 0x20000000;

// RestrictReceivingNTLMTraffic.
enum class IncomingTraffic : uint8_t {
  kAllow = 0,
  kDenyDomainAccounts = 1,  // accounts of this computer alone, as the authority knows them
  kDenyAll = 2,
};

struct AcceptorOptions {
  std::shared_ptr<const NtlmAuthority> authority;  // required
  // Where the authority prescribes none. A NetBIOS name of the computer left empty is made from
  // the host name; without a NetBIOS domain the server stands alone, and its own name is one.
  ChallengeNames names;
  LogonParameters logon;
  // How long a challenge may be answered, in 100 ns ticks.
  FileTime challenge_lifetime = 300 * kTicksPerSecond;
  // NtlmMinServerSec. Other bits than the two are refused.
  uint32_t minimum_session_security = kRequireSessionSecurity | kRequire128BitKeys;
  IncomingTraffic incoming = IncomingTraffic::kAllow;
  // Servers that `incoming` does not restrict: one of them is this one where its NetBIOS or DNS
  // computer name is listed, without regard to case; "*" stands for any characters.
  std::vector<std::string> unrestricted_servers;
  std::shared_ptr<ReflectionGuard> reflection_guard;  // may be null
  // Null: the system's. Both outlive the credentials.
  const Clock* clock = nullptr;
  const RandomSource* random = nullptr;
};

// A server's credentials. Fails when no authority is given, when it prescribes other names than
// the options or cannot say which, when a name is not UTF-8 or too long, and when OpenSSL has no
// legacy provider (RC4) or forbids MD5.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options);

// RestrictSendingNTLMTraffic.
enum class OutgoingTraffic : uint8_t {
  kAllow = 0,
  kAudit = 1,  // tell the audit sink
  kDeny = 2,   // refuse before anything is sent (kClientPolicyForbids), and tell it
};

// The client settings of Windows that concern NTLM.
struct ClientPolicy {
  // LmCompatibilityLevel. Below 3 a Windows client sends NTLMv1, which this library never does:
  // such a level makes CreateInitiatorCredentials fail by name. 3 to 5 are the same for a client.
  uint32_t lm_compatibility_level = 3;
  // SuppressExtendedProtection: 0 sends target name and bindings; 1 and 3 send neither.
  // Any other value is refused.
  uint32_t suppress_extended_protection = 0;
  // NtlmMinClientSec. Extended session security is always required. Other bits than the two are
  // refused.
  uint32_t minimum_session_security = kRequireSessionSecurity | kRequire128BitKeys;
  OutgoingTraffic outgoing = OutgoingTraffic::kAllow;
  // ClientAllowedNTLMServers: hosts that `outgoing` does not restrict, as the target name spells
  // them ("host" of "class/host"), without regard to case; "*" stands for any characters. Names
  // from an untrusted source are none of them.
  std::vector<std::string> unrestricted_servers;
};

struct InitiatorOptions {
  // "user", "DOMAIN\user" or "user@domain" (UTF-8) with `domain` empty, or user and domain.
  // Both empty, with no password: anonymous, which must be asked for with `anonymous`.
  std::string user;
  std::string domain;
  // Either a password in UTF-8 or an NT hash.
  SecretBytes password;
  std::shared_ptr<const NtHash> nt_hash;
  bool anonymous = false;
  // The client's own NetBIOS name; may be empty.
  std::string workstation;
  ClientPolicy policy;
  // Told of logins that `policy.outgoing` asks about; may be null.
  std::shared_ptr<AuditSink> audit;
  std::shared_ptr<ReflectionGuard> reflection_guard;  // may be null
  const Clock* clock = nullptr;
  const RandomSource* random = nullptr;
};

// A client's credentials. The password is turned into NTOWFv2 at once and wiped.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    InitiatorOptions options);

}  // namespace epa::ntlm

#pragma GCC visibility pop

#endif  // EPA_NTLM_NTLM_H_
