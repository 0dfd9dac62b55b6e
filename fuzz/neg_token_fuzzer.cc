// Whatever is read must read the same once written again.
#include <algorithm>
#include <cstdint>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "providers/negotiate/neg_token.h"

namespace {

using epa::fuzz::Require;
using epa::negotiate::Octets;

bool Same(std::optional<Octets> a, std::optional<Octets> b) {
  return std::ranges::equal(a.value_or(Octets()), b.value_or(Octets()));
}

epa::fuzz::ReachPoint initial("a NegTokenInit");
epa::fuzz::ReachPoint unframed("a NegTokenInit without a token");
epa::fuzz::ReachPoint response("a NegTokenResp");
epa::fuzz::ReachPoint signed_response("a NegTokenResp with a mechListMIC");
epa::fuzz::ReachPoint refused("neither");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::negotiate;
  if (const auto init = ParseNegTokenInit({data, size}); init.ok()) {
    initial.Reach();
    unframed.Reach(!init->mech_token.has_value());
    const auto written =
        WriteNegTokenInit(init->mech_types_der, init->mech_token.value_or(Octets()));
    const auto again = ParseNegTokenInit(written);
    Require(again.ok() && again->framed && Same(again->mech_token, init->mech_token));
    Require(std::ranges::equal(again->mech_types_der, init->mech_types_der));
    Require(again->mech_types.size() == init->mech_types.size() && !init->mech_types.empty());
  }
  if (const auto resp = ParseNegTokenResp({data, size}); resp.ok()) {
    response.Reach();
    signed_response.Reach(resp->mech_list_mic.has_value());
    const auto written = WriteNegTokenResp(*resp);
    const auto again = ParseNegTokenResp(written);
    Require(again.ok() && again->state == resp->state);
    Require(Same(again->supported_mech, resp->supported_mech) &&
            Same(again->response_token, resp->response_token) &&
            Same(again->mech_list_mic, resp->mech_list_mic));
  }
  refused.Reach(!ParseNegTokenInit({data, size}).ok() && !ParseNegTokenResp({data, size}).ok());
  return 0;
}
