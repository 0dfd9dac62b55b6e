#include "epa/core/service_principal_name.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/take_until.h"
#include "lib/base/utf16.h"
#include "lib/core/host_name.h"

namespace epa {
namespace {

absl::Status Invalid(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError("'" + std::string(text) +
                                    "' is not a service principal name: " + std::string(why));
}

bool IsForbidden(char c) {
  const auto octet = static_cast<uint8_t>(c);
  return octet <= 0x20 || octet == 0x7F || c == '\\';
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// "[v6]:port", "v6" without a port, "host:port", "host". Brackets around anything else would be
// gone from the name's text, which would then be another name.
std::optional<HostAndPort> SplitHost(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view host = text.substr(1, end - 1);
    if (host.find(':') == std::string_view::npos || !CanonicalIpAddress(host).has_value()) {
      return std::nullopt;
    }
    const std::string_view after = text.substr(end + 1);
    if (!after.empty() && after.front() != ':') {
      return std::nullopt;
    }
    return HostAndPort{host, after.empty() ? std::nullopt : std::optional(after.substr(1))};
  }
  const size_t colons = static_cast<size_t>(std::count(text.begin(), text.end(), ':'));
  if (colons != 1) {
    return HostAndPort{text, std::nullopt};
  }
  const size_t colon = text.find(':');
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<ServicePrincipalName> ServicePrincipalName::Parse(std::string_view text) {
  if (!IsValidUtf8(text)) {
    return absl::InvalidArgumentError("a service principal name is not UTF-8");
  }
  if (std::any_of(text.begin(), text.end(), IsForbidden)) {
    return Invalid(text, "it has white space, a backslash or a control character");
  }
  ServicePrincipalName name;
  std::string_view rest = text;
  if (const size_t at = rest.rfind('@'); at != std::string_view::npos) {
    name.realm_ = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const size_t slashes = static_cast<size_t>(std::count(rest.begin(), rest.end(), '/'));
  if (slashes < 1 || slashes > 2) {
    return Invalid(text, "it is not class/host[:port][/name][@REALM]");
  }
  name.service_class_ = TakeUntil('/', rest);
  const auto host = SplitHost(TakeUntil('/', rest));
  if (!host.has_value()) {
    return Invalid(text, "its brackets do not surround an IPv6 address");
  }
  name.host_ = host->host;
  if (slashes == 2) {
    name.service_name_ = rest;
  }
  if (host->port.has_value() && AllDigits(*host->port)) {
    name.port_ = ParsePort(*host->port);
    if (!name.port_.has_value()) {
      return Invalid(text, "its port is not a number from 0 to 65535");
    }
  } else if (host->port.has_value()) {
    name.instance_ = *host->port;
  }
  const bool empty_part = name.service_class_.empty() || name.host_.empty() ||
                          (name.service_name_.has_value() && name.service_name_->empty()) ||
                          (name.realm_.has_value() && name.realm_->empty());
  if (empty_part) {
    return Invalid(text, "a part is empty");
  }
  return name;
}

std::string ServicePrincipalName::ToString() const {
  const bool has_port = port_.has_value() || instance_.has_value();
  const bool brackets = has_port && host_.find(':') != std::string::npos;
  std::string text = service_class_ + "/" + (brackets ? "[" + host_ + "]" : host_);
  if (port_.has_value()) {
    text += ":" + std::to_string(*port_);
  } else if (instance_.has_value()) {
    text += ":" + *instance_;
  }
  if (service_name_.has_value()) {
    text += "/" + *service_name_;
  }
  if (realm_.has_value()) {
    text += "@" + *realm_;
  }
  return text;
}

}  // namespace epa
