#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/core/channel_bindings.h"
#include "fuzz/reach.h"

namespace {

epa::fuzz::ReachPoint plain_form("the plain form");
epa::fuzz::ReachPoint extended_form("the extended form");
epa::fuzz::ReachPoint refused("refused bindings");

}  // namespace

// What is read, written in either form and read again is the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::ChannelBindings;
  const auto parsed = ChannelBindings::ParseSecChannelBindings(std::span(data, size));
  refused.Reach(!parsed.ok());
  if (!parsed.ok()) {
    return 0;
  }
  plain_form.Reach(!parsed->extended_flags.has_value());
  extended_form.Reach(parsed->extended_flags.has_value());
  const ChannelBindings& bindings = parsed->bindings;
  const auto extended = ChannelBindings::ParseSecChannelBindings(
      bindings.ToSecChannelBindingsEx(parsed->extended_flags.value_or(0)));
  if (!extended.ok() || !(extended->bindings.token() == bindings.token())) {
    __builtin_trap();
  }
  // An initiator address type may read as the magic of the extended form.
  constexpr uint32_t kExtendedMagic = 0x58454243;
  const auto plain = ChannelBindings::ParseSecChannelBindings(bindings.ToSecChannelBindings());
  const bool ambiguous = bindings.fields().initiator_address_type == kExtendedMagic;
  if (!ambiguous && (!plain.ok() || !(plain->bindings.token() == bindings.token()))) {
    __builtin_trap();
  }
  return 0;
}
