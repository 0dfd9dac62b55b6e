// A sequence of tokens into one acceptor, each behind its length (two octets, little-endian). The
// first octet chooses the set-up. Whatever arrives: one audit event, and no second end.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/negotiate_fuzz_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/byte_reader.h"

using epa::fuzz::Require;

namespace {

epa::fuzz::ReachPoint continued("an exchange that goes on");
epa::fuzz::ReachPoint established("an established context");
epa::fuzz::ReachPoint rejected("a rejected peer");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  epa::ByteReader input(std::span(data, size));
  uint8_t options = 0;
  epa::fuzz::CountingSink sink;
  auto context =
      epa::fuzz::NewNegotiateAcceptor(input.ReadU8(options) ? options : uint8_t{0}, sink);
  bool begun = false;
  bool ended = false;
  uint16_t length = 0;
  std::span<const uint8_t> token;
  while (input.ReadU16(length) && input.ReadSpan(length, token)) {
    const auto result = epa::StepBlocking(*context, token);
    Require(!ended || !result.ok());
    continued.Reach(result.ok() && result->state == epa::StepState::kContinue);
    rejected.Reach(result.ok() && result->state == epa::StepState::kRejected);
    begun = true;
    ended = ended || !result.ok() || result->state != epa::StepState::kContinue;
    Require(result.ok() ? context->established() == (result->state == epa::StepState::kEstablished)
                        : ended);
  }
  Require(context->ExportSessionKey().ok() == context->established());
  established.Reach(context->established());
  context.reset();
  Require(sink.events() == (begun ? 1 : 0));
  return 0;
}
