#include "modules/web/login_facts.h"

#include <algorithm>

#include "epa/core/identity.h"
#include "lib/base/status_macros.h"

namespace epa::web {
namespace {

std::string UserName(const AccountIdentity& account, service::UserNameForm form) {
  switch (form) {
    case service::UserNameForm::kPlain:
      return account.user;
    case service::UserNameForm::kPrincipal:
      return account.user + "@" +
             (account.dns_domain.empty() ? account.domain : account.dns_domain);
    case service::UserNameForm::kFull:
      break;
  }
  return account.domain + "\\" + account.user;
}

void AddSids(const AuthorizationData& authorization, LoginFacts& facts) {
  facts.sid = authorization.user_sid;
  facts.sids = facts.sid;
  for (const std::string& group : authorization.group_sids) {
    facts.sids += (facts.sids.empty() ? "" : ",") + group;
  }
}

absl::Status AddCredentialCache(const AuthorizationData& authorization, const std::string& folder,
                                LoginFacts& facts) {
  if (folder.empty() || authorization.delegated_credentials == nullptr) {
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(facts.cache_file, kerberos::CredentialCacheFile::Create(
                                             *authorization.delegated_credentials, folder));
  facts.credential_cache = facts.cache_file->name();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoginFacts> LoginFactsOf(const SecurityContext& context, const TellingRules& rules) {
  EPA_ASSIGN_OR_RETURN(const PeerIdentity peer, context.peer());
  EPA_ASSIGN_OR_RETURN(const std::string_view package, context.package_name());
  EPA_ASSIGN_OR_RETURN(const ExtendedProtectionEvidence evidence, context.evidence());
  EPA_ASSIGN_OR_RETURN(const ExtendedProtectionDecision decision, context.extended_protection());
  const AccountIdentity* const account = peer.account();
  if (account == nullptr) {
    return absl::PermissionDeniedError("a login as " + std::string(IdentityKindName(peer.kind())) +
                                       ", which has no account");
  }
  LoginFacts facts;
  facts.user = UserName(*account, rules.user_name);
  facts.domain = account->domain;
  facts.package = package;
  facts.binding = BindingEvidenceName(evidence.binding);
  facts.reason = ReasonName(decision.reason);
  if (account->authorization != nullptr) {
    AddSids(*account->authorization, facts);
    EPA_RETURN_IF_ERROR(
        AddCredentialCache(*account->authorization, rules.credential_folder, facts));
  }
  return facts;
}

bool IsSid(std::string_view text) {
  constexpr std::string_view kRevision = "S-1-";  // [MS-DTYP] 2.4.2.1
  return text.starts_with(kRevision) && text.size() > kRevision.size() && text.back() != '-' &&
         std::ranges::all_of(text.substr(kRevision.size()),
                             [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

bool HasSid(std::string_view sids, std::string_view sid) {
  while (!sids.empty()) {
    const size_t comma = std::min(sids.find(','), sids.size());
    if (sids.substr(0, comma) == sid) {
      return true;
    }
    sids.remove_prefix(std::min(comma + 1, sids.size()));
  }
  return false;
}

}  // namespace epa::web
