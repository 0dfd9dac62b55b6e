// A sequence of tokens from a server into one initiator, each behind its length (two octets,
// little-endian). The first octet chooses what the client wants. Whatever arrives: a client that
// was refused sends nothing, and nothing follows an end.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/negotiate_fuzz_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/byte_reader.h"
#include "providers/negotiate/neg_token.h"

using epa::fuzz::Require;

namespace {

epa::fuzz::ReachPoint continued("an exchange that goes on");
epa::fuzz::ReachPoint established("an established context");
epa::fuzz::ReachPoint rejected("a rejected peer");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  epa::ByteReader input(std::span(data, size));
  uint8_t options = 0;
  auto context = epa::fuzz::NewNegotiateInitiator(input.ReadU8(options) ? options : uint8_t{0});
  const auto first = epa::StepBlocking(*context, {});
  Require(first.ok() && epa::negotiate::ParseNegTokenInit(first->token).ok());
  bool ended = false;
  uint16_t length = 0;
  std::span<const uint8_t> token;
  while (input.ReadU16(length) && input.ReadSpan(length, token)) {
    const auto result = epa::StepBlocking(*context, token);
    Require(!ended || !result.ok());
    continued.Reach(result.ok() && result->state == epa::StepState::kContinue);
    rejected.Reach(result.ok() && result->state == epa::StepState::kRejected);
    if (result.ok() && result->state == epa::StepState::kRejected) {
      Require(result->token.empty());
    } else if (result.ok() && !result->token.empty()) {
      Require(epa::negotiate::ParseNegTokenResp(result->token).ok());
    }
    ended = ended || !result.ok() || result->state != epa::StepState::kContinue;
  }
  Require(context->ExportSessionKey().ok() == context->established());
  established.Reach(context->established());
  return 0;
}
