// A libwbclient whose winbindd says what a test tells it to, and that knows what it has given out.
#ifndef EPA_TESTS_WINBIND_FAKE_WBCLIENT_H_
#define EPA_TESTS_WINBIND_FAKE_WBCLIENT_H_

#include <cstdint>
#include <string>
#include <vector>

// Uses the types of <cstdint> without including it.
extern "C" {
#include <wbclient.h>
}

namespace epa::winbind {

struct FakeWbclient {
  wbcErr ping = WBC_ERR_SUCCESS;
  wbcErr authenticate = WBC_ERR_SUCCESS;
  bool has_info = true;      // with success
  bool has_refusal = false;  // with an error
  uint32_t nt_status = 0;    // of the refusal
  wbcAuthUserInfo info{};    // given out with the SIDs below
  std::vector<wbcSidWithAttr> sids;
  wbcErr details = WBC_ERR_SUCCESS;
  struct wbcInterfaceDetails machine {};  // given out with success
  wbcErr look_up = WBC_ERR_SUCCESS;       // the first SID
  std::string looked_up;                  // domain/name of the last question
  uint32_t parameter_control = 0;         // of the last question
  std::string domain;                     // likewise
  int contexts = 0;                       // not freed yet
  int results = 0;                        // likewise
};

__attribute__((visibility("default"))) FakeWbclient& TheFakeWbclient();

}  // namespace epa::winbind

#endif  // EPA_TESTS_WINBIND_FAKE_WBCLIENT_H_
