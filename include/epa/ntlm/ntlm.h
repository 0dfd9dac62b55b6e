// NTLM ([MS-NLMP]), version 2 only, as a security package. Versions before it are recognised and
// refused by name.
#ifndef EPA_NTLM_NTLM_H_
#define EPA_NTLM_NTLM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/random.h"
#include "epa/base/secret.h"
#include "epa/core/security_package.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/reflection_guard.h"

#pragma GCC visibility push(default)

namespace epa::ntlm {

// "NTLM"; the longest token is 64 KiB - 1.
const PackageInfo& NtlmPackageInfo();

struct AcceptorOptions {
  std::shared_ptr<const NtlmAuthority> authority;  // required
  // The names in the challenge's target information ([MS-NLMP] 2.2.2.1). A NetBIOS name left
  // empty is made from the host name; a DNS name left empty is not sent. A domain controller
  // refuses responses that do not carry the member's own NetBIOS names.
  std::string netbios_computer_name;
  std::string netbios_domain_name;
  std::string dns_computer_name;
  std::string dns_domain_name;
  std::string dns_tree_name;
  // How long a challenge may be answered, in 100 ns ticks.
  FileTime challenge_lifetime = 300 * kTicksPerSecond;
  // NtlmMinServerSec: refuse clients that sign or seal without 128-bit keys (0x20000000) and
  // extended session security (0x00080000).
  bool require_128_bit = true;
  std::shared_ptr<ReflectionGuard> reflection_guard;  // may be null
  // Null: the system's. Both outlive the credentials.
  const Clock* clock = nullptr;
  const RandomSource* random = nullptr;
};

// A server's credentials. Fails when no authority is given, when a name is not UTF-8 or too
// long, and when OpenSSL has no legacy provider (RC4) or forbids MD5.
absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    AcceptorOptions options);

// The client settings of Windows that concern extended protection.
struct ClientPolicy {
  // LmCompatibilityLevel. Below 3 a Windows client sends NTLMv1, which this library never does:
  // such a level makes CreateInitiatorCredentials fail by name. 3 to 5 are the same for a client.
  uint32_t lm_compatibility_level = 3;
  // SuppressExtendedProtection: 0 sends target name and bindings; 1 and 3 send neither.
  // Any other value is refused.
  uint32_t suppress_extended_protection = 0;
  // NtlmMinClientSec 0x20080000: sign and seal with 128-bit keys and extended session security
  // only.
  bool require_128_bit = true;
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
