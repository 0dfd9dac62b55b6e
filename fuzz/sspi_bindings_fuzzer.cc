// SEC_CHANNEL_BINDINGS of any content given to both sides of a login, plain and through
// SspiSetChannelBindingFlags. Whatever they are: the same on both sides binds, none is taken for
// no bindings.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/reach.h"
#include "fuzz/sspi_fuzz_setup.h"

namespace {

using epa::fuzz::Require;

epa::fuzz::ReachPoint bound("a login with bindings on both sides");
epa::fuzz::ReachPoint flags_set("flags that are set");
epa::fuzz::ReachPoint refused("refused bindings");

// What SspiSetChannelBindingFlags makes of them.
void SetFlags(std::span<const uint8_t> bindings) {
  SecPkgContext_Bindings block = epa::fuzz::CopyBindings(bindings);
  const SECURITY_STATUS status =
      epa_SspiSetChannelBindingFlags(&block, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
  Require(status == SEC_E_OK || status == SEC_E_INVALID_PARAMETER);
  flags_set.Reach(status == SEC_E_OK);
  if (status == SEC_E_OK) {
    Require(block.BindingsLength >= sizeof(SEC_CHANNEL_BINDINGS_EX));
    Require(epa_SspiSetChannelBindingFlags(&block, 0) == SEC_E_OK);
  }
  epa_FreeContextBuffer(block.Bindings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bindings(data, size);
  SetFlags(bindings);
  const epa::fuzz::BoundLogin login = epa::fuzz::LogInWith(bindings);
  refused.Reach(login.status == SEC_E_INVALID_TOKEN);
  if (login.status == SEC_E_INVALID_TOKEN) {
    return 0;
  }
  Require(login.status == SEC_E_OK);
  bound.Reach();
  Require(login.result ==
          (SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED));
  return 0;
}
