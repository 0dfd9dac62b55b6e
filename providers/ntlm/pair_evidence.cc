#include "providers/ntlm/pair_evidence.h"

#include <algorithm>

#include "lib/base/utf16.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// Absent, zero, matching and different are four cases ([MS-NLMP] 3.2.5.1.2).
void CollectBinding(const AvPairs& pairs, const Channel& channel,
                    ExtendedProtectionEvidence& evidence) {
  const auto sent = pairs.channel_bindings();
  if (!sent.has_value()) {
    evidence.binding = BindingEvidence::kAbsent;
    return;
  }
  ChannelBindingToken token;
  std::copy(sent->begin(), sent->end(), token.octets.begin());
  if (token.IsZero()) {
    evidence.binding = BindingEvidence::kExplicitNone;
    return;
  }
  evidence.matched_binding = channel.Find(token);
  evidence.binding = evidence.matched_binding.has_value() ? BindingEvidence::kMatched
                                                          : BindingEvidence::kMismatched;
}

bool CollectTargetName(const AvPairs& pairs, ExtendedProtectionEvidence& evidence) {
  const auto name = pairs.target_name();
  if (!name.has_value()) {
    return true;
  }
  const bool unsure = (pairs.flags().value_or(0) & kAvFlagUntrustedTargetName) != 0;
  evidence.target_name_voucher =
      unsure ? TargetNameVoucher::kUnsureClient : TargetNameVoucher::kClient;
  evidence.target_name = Utf16LeToUtf8(*name);
  return evidence.target_name.has_value();
}

}  // namespace

bool CollectPairEvidence(const AvPairs& pairs, const Channel& channel,
                         ExtendedProtectionEvidence& evidence) {
  CollectBinding(pairs, channel, evidence);
  return CollectTargetName(pairs, evidence);
}

}  // namespace epa::ntlm
