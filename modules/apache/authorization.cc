#include "modules/apache/authorization.h"

#include <apr_strings.h>
#include <httpd.h>

#include <http_request.h>
#include <mod_auth.h>

#include <string>
#include <string_view>

#include "modules/apache/login.h"
#include "modules/web/login_facts.h"

namespace epa::apache {
namespace {

// Whether `matches(word)` holds for one of a line's words.
template <typename Matches>
bool AnyWord(apr_pool_t* pool, const char* line, const Matches& matches) {
  while (*line != '\0') {
    if (matches(std::string_view(ap_getword_conf(pool, &line)))) {
      return true;
    }
  }
  return false;
}

const char* ReadSids(cmd_parms* command, const char* line, const void** /*parsed*/) {
  const bool wrong = *line == '\0' || AnyWord(command->pool, line, [](std::string_view word) {
    return !web::IsSid(word);
  });
  return wrong ? apr_psprintf(command->pool,
                              "Require '%s': expected security identifiers, such as S-1-5-32-544",
                              line)
               : nullptr;
}

template <typename Matches>
authz_status Check(request_rec* request, const char* line, const Matches& matches) {
  if (request->user == nullptr) {
    return AUTHZ_DENIED_NO_USER;
  }
  const web::LoginFacts* const facts = LoginOf(request);
  const bool granted = facts != nullptr && AnyWord(request->pool, line, [&](auto word) {
                         return matches(*facts, word);
                       });
  return granted ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

authz_status CheckSid(request_rec* request, const char* line, const void* /*parsed*/) {
  return Check(request, line, [](const web::LoginFacts& facts, std::string_view sid) {
    return web::HasSid(facts.sids, sid);
  });
}

authz_status CheckGroup(request_rec* request, const char* line, const void* /*parsed*/) {
  return Check(request, line, [](const web::LoginFacts& facts, std::string_view sid) {
    return sid != facts.sid && web::HasSid(facts.sids, sid);
  });
}

const authz_provider kSid = {CheckSid, ReadSids};
const authz_provider kGroup = {CheckGroup, ReadSids};

}  // namespace

void RegisterAuthorization(apr_pool_t* pool) {
  ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "epa-sid", AUTHZ_PROVIDER_VERSION, &kSid,
                            AP_AUTH_INTERNAL_PER_CONF);
  ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, "epa-group", AUTHZ_PROVIDER_VERSION,
                            &kGroup, AP_AUTH_INTERNAL_PER_CONF);
}

}  // namespace epa::apache
