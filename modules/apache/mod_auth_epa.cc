// mod_auth_epa: Negotiate and NTLM with extended protection for Apache httpd 2.4.
#include <httpd.h>

#include <ap_mpm.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_auth.h>

#include <string>

#include "modules/apache/authorization.h"
#include "modules/apache/directives.h"
#include "modules/apache/login.h"
#include "modules/apache/reload.h"
#include "modules/apache/server.h"
#include "modules/apache/status_page.h"
#include "modules/apache/tls.h"

APLOG_USE_MODULE(auth_epa);

namespace epa::apache {
namespace {

int PreConfig(apr_pool_t* pool, apr_pool_t* /*log*/, apr_pool_t* /*temporary*/) {
  BeginServer(pool);
  return OK;
}

int Outcome(const absl::Status& status) {
  if (status.ok()) {
    return OK;
  }
  ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_EMERG, 0, nullptr, "%s",
               std::string(status.message()).c_str());
  return HTTP_INTERNAL_SERVER_ERROR;
}

int CheckConfig(apr_pool_t* /*pool*/, apr_pool_t* /*log*/, apr_pool_t* /*temporary*/,
                server_rec* main_server) {
  return Outcome(CurrentServer()->MakeSites(main_server));
}

// When mod_ssl has its certificates.
int PostConfig(apr_pool_t* /*pool*/, apr_pool_t* /*log*/, apr_pool_t* /*temporary*/,
               server_rec* /*main_server*/) {
  absl::Status made = CurrentServer()->MakeCertificates();
  if (made.ok()) {
    made = CurrentServer()->StartCounting();
  }
  return Outcome(made);
}

void ChildInit(apr_pool_t* /*pool*/, server_rec* main_server) {
  int threads = 1;
  ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
  if (const absl::Status started = CurrentServer()->StartPool(threads); !started.ok()) {
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, main_server, "%s",
                 std::string(started.message()).c_str());
    exit(APEXIT_CHILDSICK);
  }
}

void RegisterHooks(apr_pool_t* pool) {
  static const char* const kAfterTls[] = {"mod_ssl.c", nullptr};
  ap_hook_pre_config(PreConfig, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_check_config(CheckConfig, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_post_config(PostConfig, kAfterTls, nullptr, APR_HOOK_LAST);
  ap_hook_child_init(ChildInit, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_check_authn(CheckLogin, nullptr, nullptr, APR_HOOK_MIDDLE, AP_AUTH_INTERNAL_PER_CONF);
  ap_hook_fixups(TellAgain, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_note_auth_failure(OfferLogin, nullptr, nullptr, APR_HOOK_MIDDLE);
  RegisterTlsHooks();
  RegisterReloadHooks();
  RegisterStatusPage();
  RegisterAuthorization(pool);
}

}  // namespace
}  // namespace epa::apache

module_struct AP_MODULE_DECLARE_DATA auth_epa_module = {STANDARD20_MODULE_STUFF,
                                                        epa::apache::CreateDirectoryConfig,
                                                        epa::apache::MergeDirectoryConfigs,
                                                        nullptr,
                                                        nullptr,
                                                        epa::apache::Directives(),
                                                        epa::apache::RegisterHooks,
                                                        0};
