#include "tests/winbind/fake_wbclient.h"

namespace epa::winbind {

FakeWbclient& TheFakeWbclient() {
  static FakeWbclient fake;
  return fake;
}

}  // namespace epa::winbind

#pragma GCC visibility push(default)

using epa::winbind::FakeWbclient;
using epa::winbind::TheFakeWbclient;

struct wbcContext {};

extern "C" {

const char* wbcErrorString(wbcErr /*error*/) { return "an error of the test"; }

wbcContext* wbcCtxCreate() {
  ++TheFakeWbclient().contexts;
  return new wbcContext;
}

void wbcCtxFree(wbcContext* context) {
  --TheFakeWbclient().contexts;
  delete context;
}

// All results are of one kind, so that one function frees them.
union Result {
  wbcAuthUserInfo info;
  wbcAuthErrorInfo refusal;
  struct wbcInterfaceDetails details;
};

void wbcFreeMemory(void* result) {
  --TheFakeWbclient().results;
  delete static_cast<Result*>(result);
}

wbcErr wbcCtxPing(wbcContext* /*context*/) { return TheFakeWbclient().ping; }

wbcErr wbcCtxInterfaceDetails(wbcContext* /*context*/, struct wbcInterfaceDetails** details) {
  FakeWbclient& fake = TheFakeWbclient();
  if (fake.details == WBC_ERR_SUCCESS) {
    ++fake.results;
    auto* const result = new Result{};
    result->details = fake.machine;
    *details = &result->details;
  }
  return fake.details;
}

wbcErr wbcCtxLookupName(wbcContext* /*context*/, const char* domain, const char* name,
                        wbcDomainSid* sid, wbcSidType* /*type*/) {
  FakeWbclient& fake = TheFakeWbclient();
  fake.looked_up = std::string(domain) + "/" + name;
  *sid = fake.sids.front().sid;
  return fake.look_up;
}

wbcErr wbcCtxAuthenticateUserEx(wbcContext* /*context*/, const wbcAuthUserParams* parameters,
                                wbcAuthUserInfo** info, wbcAuthErrorInfo** refusal) {
  FakeWbclient& fake = TheFakeWbclient();
  fake.parameter_control = parameters->parameter_control;
  fake.domain = parameters->domain_name;
  if (fake.authenticate == WBC_ERR_SUCCESS ? fake.has_info : fake.has_refusal) {
    ++fake.results;
    auto* const result = new Result{};
    if (fake.authenticate == WBC_ERR_SUCCESS) {
      result->info = fake.info;
      result->info.num_sids = static_cast<uint32_t>(fake.sids.size());
      result->info.sids = fake.sids.data();
      *info = &result->info;
    } else {
      result->refusal.nt_status = fake.nt_status;
      *refusal = &result->refusal;
    }
  }
  return fake.authenticate;
}

}  // extern "C"

#pragma GCC visibility pop
