// What an application is told of a login.
#ifndef EPA_MODULES_WEB_LOGIN_FACTS_H_
#define EPA_MODULES_WEB_LOGIN_FACTS_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_context.h"
#include "epa/kerberos/credential_cache.h"
#include "epa/service/service_settings.h"

namespace epa::web {

// Copied, so that it lasts as long as the request that it is about.
struct LoginFacts {
  std::string user;  // in the form that `user-name` says
  std::string domain;
  std::string package;
  std::string binding;
  std::string reason;
  // "S-1-...", empty where nothing says it: the account's own, and those of it and of its groups,
  // with commas between them.
  std::string sid;
  std::string sids;
  // "FILE:PATH" of the tickets that the user delegated, as long as these facts last; empty where
  // there are none.
  std::string credential_cache;
  std::shared_ptr<const kerberos::CredentialCacheFile> cache_file;
};

struct LoginFact {
  std::string_view name;  // "user"
  std::string LoginFacts::*value;
};
// What hosts have a variable for: EPA_USER, $epa_user.
inline constexpr std::array kLoginFacts = {
    LoginFact{"user", &LoginFacts::user},
    LoginFact{"domain", &LoginFacts::domain},
    LoginFact{"package", &LoginFacts::package},
    LoginFact{"binding", &LoginFacts::binding},
    LoginFact{"reason", &LoginFacts::reason},
    LoginFact{"sid", &LoginFacts::sid},
    LoginFact{"sids", &LoginFacts::sids},
    LoginFact{"credential_cache", &LoginFacts::credential_cache}};

// What settings say of how an application is told.
struct TellingRules {
  service::UserNameForm user_name = service::UserNameForm::kFull;
  // Where the tickets are written that a user delegated; empty: nowhere.
  std::string credential_folder;
};

// Of an established context. PermissionDenied for a login that is nobody's: applications take every
// name for an account's. Internal where tickets cannot be written.
absl::StatusOr<LoginFacts> LoginFactsOf(const SecurityContext& context, const TellingRules& rules);

// "S-1-5-21-1-2-3": only digits and dashes behind "S-1-", in upper case.
bool IsSid(std::string_view text);
// Whether `sid` is one of a list with commas.
bool HasSid(std::string_view sids, std::string_view sid);

}  // namespace epa::web

#endif  // EPA_MODULES_WEB_LOGIN_FACTS_H_
