// Who verifies an NTLM response: the accounts behind a server.
#ifndef EPA_NTLM_AUTHORITY_H_
#define EPA_NTLM_AUTHORITY_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/base/secret.h"
#include "epa/core/identity.h"
#include "epa/core/reason.h"

#pragma GCC visibility push(default)

namespace epa::ntlm {

// MD4 of the password in UTF-16LE ([MS-NLMP] 3.3.1 NTOWFv1): as good as the password itself.
using NtHash = Secret<16>;

// Fails without OpenSSL's legacy provider, and on text that is not UTF-8.
absl::StatusOr<NtHash> NtHashFromPassword(std::string_view password_utf8);

// Which accounts other than users may log in: what Windows calls the logon's parameter control.
struct LogonParameters {
  // Computers' accounts, such as "DESK$" (WORKSTATION_TRUST and SERVER_TRUST of [MS-NRPC]
  // 2.2.1.4.15).
  bool allow_computer_accounts = false;
};

// What a client presented. Views into the message; text is UTF-8, as the client spelled it.
struct LogonRequest {
  std::string_view user;
  std::string_view domain;
  std::string_view workstation;
  std::array<uint8_t, 8> server_challenge{};
  // NTProofStr (16 octets) and the NTLMv2_CLIENT_CHALLENGE it was made over, as sent.
  std::span<const uint8_t> nt_response;
  // There is no LM response: a domain controller that is given one takes an LMv2 in it for the
  // proof, and what the client bound in `nt_response` would be anybody's to alter.
  LogonParameters parameters;
};

// The answer to one request: an account whose password was proved, a guest, or a refusal.
class LogonVerdict {
 public:
  // `account`: who it is, in the authority's own words and never in the request's. Not null.
  static LogonVerdict Verified(const Secret<16>& session_base_key,
                               std::shared_ptr<const AccountIdentity> account) {
    return {Reason::kNone, session_base_key, PeerIdentity::Account(std::move(account))};
  }
  // Let in without a proof: the session key is 16 zeros ([MS-NLMP] 3.2.5.1.2).
  static LogonVerdict Guest() { return {Reason::kNone, {}, PeerIdentity::Guest()}; }
  // kWrongPassword, kUnknownUser, kAccountDisabled...
  static LogonVerdict Refused(Reason reason, std::string detail = {}) {
    LogonVerdict verdict(reason, {}, PeerIdentity());
    verdict.detail_ = std::move(detail);
    return verdict;
  }

  bool verified() const { return refusal_ == Reason::kNone; }
  // Why not; kNone when verified.
  Reason refusal() const { return refusal_; }
  // For the operator; may be empty.
  const std::string& detail() const { return detail_; }
  // [MS-NLMP] 3.3.2 SessionBaseKey; meaningful when verified.
  const Secret<16>& session_base_key() const { return session_base_key_; }
  const PeerIdentity& identity() const { return identity_; }

 private:
  LogonVerdict(Reason refusal, const Secret<16>& session_base_key, PeerIdentity identity)
      : refusal_(refusal), session_base_key_(session_base_key), identity_(std::move(identity)) {}

  Reason refusal_;
  Secret<16> session_base_key_;
  PeerIdentity identity_;
  std::string detail_;
};

// The names in a challenge's target information ([MS-NLMP] 2.2.2.1), UTF-8. Empty ones are left
// out; a computer has a NetBIOS name.
struct ChallengeNames {
  std::string netbios_computer;
  std::string netbios_domain;
  std::string dns_computer;
  std::string dns_domain;
  std::string dns_tree;
};

// Verifies responses. Immutable for its users; called by several threads at once.
class NtlmAuthority {
 public:
  virtual ~NtlmAuthority() = default;

  // An error is a fault of ours (unreadable accounts, unreachable domain controller) and never
  // success. A response that does not prove the password is a refused verdict.
  [[nodiscard]] virtual absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const = 0;

  // True where Verify may wait for something: the exchange then hands it out as pending work.
  virtual bool blocks() const { return false; }

  // The verdict where it is available without waiting, else no value, and Verify is called. An
  // authority over several may know some accounts at once and have to ask about others.
  [[nodiscard]] virtual absl::StatusOr<std::optional<LogonVerdict>> VerifyAtOnce(
      const LogonRequest& request) const;

  // The names that challenges must carry where the authority says so: a domain controller refuses
  // a response whose AV pairs are not the member's own. Asked once, when credentials are created,
  // and may wait. No value: the server's options say.
  virtual absl::StatusOr<std::optional<ChallengeNames>> names() const { return std::nullopt; }
};

struct Account {
  std::string user;
  // Empty: an account of this computer, which answers to any domain name a client sends. Whatever
  // the client sent, its domain is then the computer's own name.
  std::string domain;
  NtHash nt_hash;
  bool disabled = false;
};

// Accounts in memory. Names compare without regard to case. Fails on an empty user name, an
// all-zero hash of an account that is not disabled and a name that occurs twice. Look-up takes
// constant time in their number.
//
// A client's name finds an account by DOMAIN and user; else the account of that user name that
// names no domain; else, where the client names no domain, the only account of that user name.
// user@domain and DOMAIN\user in the user field are taken apart when the domain field is empty
// and the whole is no account's name. The proof is always computed over the names as sent.
absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateMemoryAuthority(
    std::vector<Account> accounts);

// A file of `DOMAIN:user:password` lines or Samba's smbpasswd lines
// (`user:uid:LM-hash:NT-hash:[flags]:LCT-time:`), mixed freely; a line that begins with '#' is a
// comment. The password is everything after the second colon. A line whose second field is a
// number and whose third looks like a hash, or whose fifth begins with '[', is smbpasswd's and
// must be right throughout. Disabled and locked accounts (D, L) and those without a password (N,
// no hash, an empty password) are refused.
//
// Every line ends with a line end, the last one too: a file that is cut off is damaged, and so is
// one without any text.
//
// Read at once and indexed; fails when it cannot be read or a line is neither. A thread of its own
// looks once a second whether it has changed and reads it again, so that Verify neither waits nor
// touches the file; if it cannot be read or is damaged, the accounts stay as they were. `observer`
// is told. Replace the file by renaming a new one over it.
absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateFileAuthority(
    std::string path, FileObserver observer = nullptr);

// As `accounts`, which is not null, but whoever it does not know is a guest without any proof:
// Samba's `map to guest = bad user`. A wrong password and a disabled account stay refused. Guests
// are still refused unless the policy allows them (ExtendedProtectionOptions::allow_guest).
std::shared_ptr<const NtlmAuthority> CreateGuestAuthority(
    std::shared_ptr<const NtlmAuthority> accounts);

// Several authorities, none of them null, asked in this order until one knows the user: only
// kUnknownUser lets the next one speak, and a fault ends the search. The names in the challenge
// are those of the first that prescribes any. Those before the first that may wait are asked at
// once, so that their users do not wait for a directory that is away.
std::shared_ptr<const NtlmAuthority> CreateAuthorityChain(
    std::vector<std::shared_ptr<const NtlmAuthority>> authorities);

// The text of such a file. For `file`, which appears in error messages, its name. Errors name the
// line and never show it. Accounts without a password come back disabled.
absl::StatusOr<std::vector<Account>> ParseAccounts(std::string_view text, std::string_view file);

// Verifies `request` against the hash of `account` ([MS-NLMP] 3.3.2): for authorities of your own.
// An all-zero hash, one that was never read, is an error.
[[nodiscard]] absl::StatusOr<LogonVerdict> VerifyWithNtHash(
    const NtHash& hash, const LogonRequest& request,
    std::shared_ptr<const AccountIdentity> account);

}  // namespace epa::ntlm

#pragma GCC visibility pop

#endif  // EPA_NTLM_AUTHORITY_H_
