// The connection's channel, as this process sees it.
#ifndef EPA_CORE_CHANNEL_H_
#define EPA_CORE_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "epa/core/channel_bindings.h"

#pragma GCC visibility push(default)

namespace epa {

enum class ChannelKind : uint8_t {
  kPlain,         // no TLS
  kTls,           // TLS ended in this process
  kTrustedProxy,  // TLS ended at a proxy that the operator trusts
};

// "clear", "tls", "proxy".
std::string_view ChannelKindName(ChannelKind kind);

using ChannelBindingsList = std::vector<ChannelBindings>;

// Built once per connection and cheap to copy: bindings are shared, not copied. Immutable.
class Channel {
 public:
  static Channel Plain() { return Channel(ChannelKind::kPlain, nullptr); }
  // `bindings`: every binding that counts as this channel, in order of preference: certificates
  // during a roll-over, or several binding types. May be empty where the certificate has none
  // (RFC 5929 4.1 leaves some algorithms undefined); then nothing matches.
  static Channel Tls(std::shared_ptr<const ChannelBindingsList> bindings) {
    return Channel(ChannelKind::kTls, std::move(bindings));
  }
  static Channel Tls(ChannelBindings bindings);
  static Channel TrustedProxy() { return Channel(ChannelKind::kTrustedProxy, nullptr); }

  ChannelKind kind() const { return kind_; }
  bool has_bindings() const { return bindings_ != nullptr && !bindings_->empty(); }
  const ChannelBindingsList& bindings() const;

  // The index of the binding with this token. Takes the same time whichever one matches.
  std::optional<size_t> Find(const ChannelBindingToken& token) const;

 private:
  Channel(ChannelKind kind, std::shared_ptr<const ChannelBindingsList> bindings)
      : kind_(kind), bindings_(std::move(bindings)) {}

  ChannelKind kind_;
  std::shared_ptr<const ChannelBindingsList> bindings_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_CHANNEL_H_
