#include "epa/core/identity.h"

#include "lib/base/upper_case.h"

namespace epa {
namespace {

std::string_view SidOf(const AccountIdentity& account) {
  return account.authorization != nullptr ? std::string_view(account.authorization->user_sid)
                                          : std::string_view();
}

bool SameDomain(const AccountIdentity& a, const AccountIdentity& b) {
  if (a.domain.empty() && b.domain.empty()) {
    return EqualsIgnoringCase(a.dns_domain, b.dns_domain);
  }
  for (const std::string_view name : {std::string_view(a.domain), std::string_view(a.dns_domain)}) {
    if (!name.empty() &&
        (EqualsIgnoringCase(name, b.domain) || EqualsIgnoringCase(name, b.dns_domain))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view IdentityKindName(IdentityKind kind) {
  switch (kind) {
    case IdentityKind::kUser:
      return "user";
    case IdentityKind::kGuest:
      return "guest";
    case IdentityKind::kAnonymous:
      return "anonymous";
  }
  return "anonymous";
}

std::string_view IdentityProofName(IdentityProof proof) {
  switch (proof) {
    case IdentityProof::kPassword:
      return "password";
    case IdentityProof::kTicket:
      return "ticket";
    case IdentityProof::kPac:
      return "pac";
  }
  return "ticket";
}

bool SameAccount(const AccountIdentity& a, const AccountIdentity& b) {
  const std::string_view sid_a = SidOf(a);
  const std::string_view sid_b = SidOf(b);
  if (!sid_a.empty() && !sid_b.empty()) {
    return sid_a == sid_b;
  }
  return a.local == b.local && EqualsIgnoringCase(a.user, b.user) && SameDomain(a, b);
}

bool SameIdentity(const PeerIdentity& a, const PeerIdentity& b) {
  if (a.kind() != b.kind()) {
    return false;
  }
  return a.kind() != IdentityKind::kUser || a.account() == b.account() ||
         SameAccount(*a.account(), *b.account());
}

}  // namespace epa
