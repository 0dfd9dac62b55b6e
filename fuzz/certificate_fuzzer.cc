// Octets of a certificate: a binding is made or refused, and the two ways to it agree.
#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/tls/channel_binding.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

using epa::fuzz::Require;
using epa::tls::EndpointBindingOf;
using epa::tls::UndefinedHashRule;

epa::fuzz::ReachPoint bound("a binding");
epa::fuzz::ReachPoint undefined("a hash that is undefined");
epa::fuzz::ReachPoint refused("a refused certificate");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> der(data, size);
  const auto unbound = EndpointBindingOf(der, UndefinedHashRule::kUnbound);
  const auto strict = EndpointBindingOf(der, UndefinedHashRule::kFail);
  const auto sha256 = EndpointBindingOf(der, UndefinedHashRule::kSha256);
  Require(unbound.ok() == sha256.ok());
  refused.Reach(!unbound.ok());
  if (!unbound.ok()) {
    Require(!strict.ok());
    return 0;
  }
  Require(strict.ok() == unbound->hash.defined);
  bound.Reach(strict.ok());
  undefined.Reach(!strict.ok());
  Require(unbound->bindings.has_value() == unbound->hash.defined);
  Require(sha256->bindings.has_value());
  Require(!unbound->hash.why.empty() && !unbound->hash.signature_algorithm.empty());
  return 0;
}
