// A peer's octets in a security layer, in two pieces, the first as long as the first octet says.
// Whatever they are: cutting them elsewhere changes nothing, no more comes out than went in, and
// after the first fault nothing does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "epa/sasl/security_layer.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/sasl_fuzz_setup.h"

namespace {

using epa::fuzz::Require;
using Octets = std::span<const uint8_t>;

epa::fuzz::ReachPoint unwrapped("a message");
epa::fuzz::ReachPoint several("several messages");
epa::fuzz::ReachPoint broken("a fault");
epa::fuzz::ReachPoint too_long("a message that is too long");
epa::fuzz::ReachPoint waiting("a message that is not all there");

struct Outcome {
  std::vector<uint8_t> out;
  bool good = true;
  bool long_message = false;
  bool operator==(const Outcome&) const = default;
};

Outcome Run(Octets first, Octets second) {
  epa::InitiateOptions options;
  options.credentials = epa::fuzz::FakeSaslClient(epa::sasl::MechanismType::kNtlm).credentials;
  options.channel = epa::Channel::Plain();
  const auto context = epa::SecurityContext::Initiate(std::move(options)).value();
  context->Step({}).IgnoreError();
  const std::string_view challenge = "challenge";
  context->Step({reinterpret_cast<const uint8_t*>(challenge.data()), challenge.size()})
      .IgnoreError();
  const auto layer = epa::sasl::SecurityLayer::Create(*context, epa::sasl::Layer::kIntegrity,
                                                      {.incoming = 4096, .outgoing = 4096})
                         .value();
  Outcome outcome;
  for (const Octets piece : {first, second}) {
    const absl::Status status = layer->Unwrap(piece, outcome.out);
    Require(outcome.good || !status.ok());
    outcome.long_message = outcome.long_message || absl::IsResourceExhausted(status);
    outcome.good = status.ok();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const Octets octets(data + 1, size - 1);
  const size_t cut = std::min<size_t>(data[0], octets.size());
  const Outcome whole = Run(octets, {});
  Require(whole == Run(octets.first(cut), octets.subspan(cut)));
  Require(whole.out.size() <= octets.size());
  unwrapped.Reach(!whole.out.empty());
  several.Reach(whole.out.size() > 3);
  broken.Reach(!whole.good);
  too_long.Reach(whole.long_message);
  waiting.Reach(whole.good && whole.out.empty() && octets.size() > 4);
  return 0;
}
