// A sequence of tokens into one acceptor, each behind its length (two octets, little-endian). The
// first octet chooses the set-up. Whatever arrives: one audit event, no second end, and nobody is
// let in whose binding was not looked at.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/base/byte_reader.h"

using epa::fuzz::Require;

namespace {

epa::fuzz::ReachPoint challenged("a CHALLENGE");
epa::fuzz::ReachPoint established("an established context");
epa::fuzz::ReachPoint bound("a binding that matches");
epa::fuzz::ReachPoint nobody("an anonymous login");
epa::fuzz::ReachPoint rejected("a rejected peer");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  epa::ByteReader input(std::span(data, size));
  uint8_t options = 0;
  epa::fuzz::CountingSink sink;
  auto context = epa::fuzz::NewAcceptor(input.ReadU8(options) ? options : uint8_t{0}, sink);
  bool begun = false;
  bool ended = false;
  uint16_t length = 0;
  std::span<const uint8_t> token;
  while (input.ReadU16(length) && input.ReadSpan(length, token)) {
    const auto result = epa::StepBlocking(*context, token);
    Require(result.ok() != ended);
    begun = true;
    challenged.Reach(result.ok() && result->state == epa::StepState::kContinue);
    rejected.Reach(result.ok() && result->state == epa::StepState::kRejected);
    ended = !result.ok() || result->state != epa::StepState::kContinue;
  }
  if (context->established()) {
    Require(context->evidence()->binding != epa::BindingEvidence::kNotChecked);
    established.Reach();
    bound.Reach(context->evidence()->binding == epa::BindingEvidence::kMatched);
    nobody.Reach(context->peer()->kind() == epa::IdentityKind::kAnonymous);
    Require(context->extended_protection()->accepted && context->ExportSessionKey().ok());
  }
  context.reset();
  Require(sink.events() == (begun ? 1 : 0));
  return 0;
}
