#include "epa/core/channel.h"

#include <utility>

namespace epa {

std::string_view ChannelKindName(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kPlain:
      return "clear";
    case ChannelKind::kTls:
      return "tls";
    case ChannelKind::kTrustedProxy:
      return "proxy";
  }
  return "clear";
}

Channel Channel::Tls(ChannelBindings bindings) {
  auto list = std::make_shared<ChannelBindingsList>();
  list->push_back(std::move(bindings));
  return Tls(std::move(list));
}

const ChannelBindingsList& Channel::bindings() const {
  static const auto& none = *new ChannelBindingsList();
  return bindings_ == nullptr ? none : *bindings_;
}

std::optional<size_t> Channel::Find(const ChannelBindingToken& token) const {
  std::optional<size_t> found;
  const ChannelBindingsList& list = bindings();
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].token() == token && !found.has_value()) {
      found = i;
    }
  }
  return found;
}

}  // namespace epa
