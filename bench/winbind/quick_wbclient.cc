// Samba's client library as it would be if winbindd and the controller took no time: what is left
// of a login is this library's.
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
#include <wbclient.h>
}

namespace {

constexpr uint32_t kGroups = 20;

}  // namespace

// One block for each result, so that wbcFreeMemory may be free(3).
struct Result {
  wbcAuthUserInfo info;
  wbcSidWithAttr sids[kGroups];
};

extern "C" {

struct wbcContext* wbcCtxCreate() {
  return reinterpret_cast<wbcContext*>(std::malloc(1));
}
void wbcCtxFree(struct wbcContext* context) { std::free(context); }
wbcErr wbcCtxPing(struct wbcContext*) { return WBC_ERR_SUCCESS; }
void wbcFreeMemory(void* memory) { std::free(memory); }
const char* wbcErrorString(wbcErr) { return "none"; }

wbcErr wbcCtxInterfaceDetails(struct wbcContext*, struct wbcInterfaceDetails** out) {
  auto* const details = static_cast<struct wbcInterfaceDetails*>(std::calloc(1, sizeof(**out)));
  static char member[] = "MEMBER";
  static char corp[] = "CORP";
  static char dns[] = "corp.example.com";
  details->netbios_name = member;
  details->netbios_domain = corp;
  details->dns_domain = dns;
  *out = details;
  return WBC_ERR_SUCCESS;
}

wbcErr wbcCtxLookupName(struct wbcContext*, const char*, const char*, struct wbcDomainSid*,
                        enum wbcSidType*) {
  return WBC_ERR_DOMAIN_NOT_FOUND;
}

wbcErr wbcCtxAuthenticateUserEx(struct wbcContext*, const struct wbcAuthUserParams*,
                                struct wbcAuthUserInfo** out, struct wbcAuthErrorInfo**) {
  static char alice[] = "alice";
  static char corp[] = "CORP";
  static char dns[] = "corp.example.com";
  static char principal[] = "alice@corp.example.com";
  auto* const result = static_cast<Result*>(std::calloc(1, sizeof(Result)));
  result->info.account_name = alice;
  result->info.user_principal = principal;
  result->info.domain_name = corp;
  result->info.dns_domain_name = dns;
  std::memset(result->info.user_session_key, 1, sizeof(result->info.user_session_key));
  result->info.num_sids = kGroups;
  result->info.sids = result->sids;
  for (uint32_t i = 0; i < kGroups; ++i) {
    wbcDomainSid& sid = result->sids[i].sid;
    sid.sid_rev_num = 1;
    sid.num_auths = 5;
    sid.id_auth[5] = 5;
    const uint32_t parts[] = {21, 1111111111, 2222222222, 3333333333, 1104 + i};
    std::memcpy(sid.sub_auths, parts, sizeof(parts));
  }
  *out = &result->info;
  return WBC_ERR_SUCCESS;
}

}  // extern "C"
