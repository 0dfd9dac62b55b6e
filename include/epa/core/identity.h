// Who logged in: what an authority or a ticket proved, and, kept apart from it, what was claimed.
#ifndef EPA_CORE_IDENTITY_H_
#define EPA_CORE_IDENTITY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/base/clock.h"

#pragma GCC visibility push(default)

namespace epa {

class Credentials;

enum class IdentityKind : uint8_t { kUser, kGuest, kAnonymous };
std::string_view IdentityKindName(IdentityKind kind);

// What a login proved beyond the names: filled from a Kerberos ticket or by a directory.
// Immutable.
struct AuthorizationData {
  // Of a Kerberos ticket, with the realm: "alice@EXAMPLE.COM". Empty otherwise.
  std::string principal;
  std::string realm;
  // When the user proved the password to the KDC.
  FileTime authentication_time = 0;
  // From a PAC ([MS-PAC]) whose signature with the service's key holds.
  bool has_verified_pac = false;
  std::string logon_name;
  std::string logon_domain;
  // From the PAC or the authority; empty where there is none. As "S-1-5-21-...".
  std::string user_sid;
  std::vector<std::string> group_sids;
  // The user's own credentials, where the client delegated them: for logging in elsewhere.
  std::shared_ptr<const Credentials> delegated_credentials;
};

// What says who the account is.
enum class IdentityProof : uint8_t {
  kPassword,  // an authority verified a response made with the password
  kTicket,    // a Kerberos ticket: the name the client asked the KDC for, in a realm
  kPac,       // a Kerberos ticket with a verified PAC: the account the KDC found
};
std::string_view IdentityProofName(IdentityProof proof);  // password ticket pac

// An account, in the spelling of who vouches for it and never in the client's. UTF-8. Immutable.
struct AccountIdentity {
  std::string user;
  // The domain of the account. Where it has a NetBIOS and a DNS name, the NetBIOS one is here.
  std::string domain;
  // The DNS name, or realm, of the same domain; empty where it is not known.
  std::string dns_domain;
  // An account of this computer alone; `domain` is then the computer's own name.
  bool local = false;
  IdentityProof proof = IdentityProof::kPassword;
  // Null where nothing is known but the names.
  std::shared_ptr<const AuthorizationData> authorization;
};

// Whether two logins are one account's: by SID where both have one, else by user and domain, in
// either of the domain's names. Names compare without regard to case.
bool SameAccount(const AccountIdentity& a, const AccountIdentity& b);

// Who logged in: an account, or somebody who proved nothing. Immutable, cheap to copy.
class PeerIdentity {
 public:
  PeerIdentity() = default;  // anonymous
  static PeerIdentity Anonymous() { return {}; }
  static PeerIdentity Guest() { return {IdentityKind::kGuest, nullptr}; }
  // Null is nobody: anonymous.
  static PeerIdentity Account(std::shared_ptr<const AccountIdentity> account) {
    return {account != nullptr ? IdentityKind::kUser : IdentityKind::kAnonymous,
            std::move(account)};
  }
  static PeerIdentity Account(AccountIdentity account) {
    return Account(std::make_shared<const AccountIdentity>(std::move(account)));
  }

  IdentityKind kind() const { return kind_; }
  // Null for guests and anonymous peers, who have no name that anything proves. Lives as long as
  // any copy of this identity, such as a security context's.
  const AccountIdentity* account() const { return account_.get(); }

 private:
  PeerIdentity(IdentityKind kind, std::shared_ptr<const AccountIdentity> account)
      : kind_(kind), account_(std::move(account)) {}

  IdentityKind kind_ = IdentityKind::kAnonymous;
  std::shared_ptr<const AccountIdentity> account_;
};

// One account, or both guests, or both anonymous.
bool SameIdentity(const PeerIdentity& a, const PeerIdentity& b);

// What a peer says of itself, in its own spelling. UTF-8. Nothing proves it: for the audit and for
// messages to people, never for a decision.
struct PeerClaims {
  std::string user;
  std::string domain;
  std::string workstation;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_IDENTITY_H_
