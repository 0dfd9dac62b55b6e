// Whatever is read must read the same once written again.
#include <algorithm>
#include <cstdint>

#include "fuzz/require.h"
#include "providers/negotiate/neg_token.h"

namespace {

using epa::fuzz::Require;
using epa::negotiate::Octets;

bool Same(std::optional<Octets> a, std::optional<Octets> b) {
  return std::ranges::equal(a.value_or(Octets()), b.value_or(Octets()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::negotiate;
  if (const auto init = ParseNegTokenInit({data, size}); init.ok()) {
    const auto written =
        WriteNegTokenInit(init->mech_types_der, init->mech_token.value_or(Octets()));
    const auto again = ParseNegTokenInit(written);
    Require(again.ok() && again->framed && Same(again->mech_token, init->mech_token));
    Require(std::ranges::equal(again->mech_types_der, init->mech_types_der));
    Require(again->mech_types.size() == init->mech_types.size() && !init->mech_types.empty());
  }
  if (const auto resp = ParseNegTokenResp({data, size}); resp.ok()) {
    const auto written = WriteNegTokenResp(*resp);
    const auto again = ParseNegTokenResp(written);
    Require(again.ok() && again->state == resp->state);
    Require(Same(again->supported_mech, resp->supported_mech) &&
            Same(again->response_token, resp->response_token) &&
            Same(again->mech_list_mic, resp->mech_list_mic));
  }
  return 0;
}
