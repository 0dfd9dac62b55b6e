#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "epa/core/service_principal_name.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"
#include "lib/core/host_name.h"

namespace epa {
namespace {

constexpr char kPartSeparator = '\n';  // cannot occur in a parsed name

// Everything but the port, in comparable form.
std::string StandardKey(const ServicePrincipalName& name) {
  std::string key = LowercaseAscii(name.service_class()) + "/" + CanonicalHost(name.host());
  for (const auto& part : {name.instance(), name.service_name(), name.realm()}) {
    key += kPartSeparator;
    key += part.has_value() ? LowercaseAscii(*part) : std::string();
  }
  return key;
}

std::string PortText(const ServicePrincipalName& name) {
  return name.port().has_value() ? ":" + std::to_string(*name.port()) : std::string();
}

// .NET ServiceNameStore: the host's A-labels become U-labels, then OrdinalIgnoreCase, which is
// Unicode's simple upper-casing of every character.
std::string DotNetKey(std::string_view text) {
  std::string key(text);
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    key = std::string(text.substr(0, slash + 1)) + DecodeALabels(text.substr(slash + 1));
  }
  return UppercaseUtf8(key);
}

// The SMB server splits at the first '/', wants CIFS, and takes the rest whole. Empty: refused.
std::string SmbKey(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || !EqualsIgnoringAsciiCase(text.substr(0, slash), "cifs")) {
    return {};
  }
  const std::string_view host = text.substr(slash + 1);
  const auto address = CanonicalIpAddress(host);
  return address.has_value() ? *address : UppercaseUtf8(host);
}

bool IsDotless(std::string_view name) {
  const size_t slash = name.find('/');
  std::string_view host = slash == std::string_view::npos ? name : name.substr(slash + 1);
  host = host.substr(0, std::min(host.find('/'), host.size()));
  return host.find('.') == std::string_view::npos && std::count(host.begin(), host.end(), ':') < 2;
}

// "HTTP/*.example.com" is no pattern, and "HTTP/host@:8080" no port but a realm.
absl::Status CheckMeaning(const std::string& name) {
  if (name.find('*') != std::string::npos) {
    return absl::InvalidArgumentError("'" + name + "' is no name: wildcards are not known");
  }
  const size_t at = name.rfind('@');
  if (at != std::string::npos && name.find(':', at) != std::string::npos) {
    return absl::InvalidArgumentError("'" + name +
                                      "' has a colon in its realm: a port stands before the '@'");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> KeyOf(const std::string& name, ServiceNameProfile profile,
                                  PortRule port_rule) {
  switch (profile) {
    case ServiceNameProfile::kStandard: {
      EPA_ASSIGN_OR_RETURN(const auto parsed, ServicePrincipalName::Parse(name));
      return StandardKey(parsed) +
             (port_rule == PortRule::kIgnore ? std::string() : PortText(parsed));
    }
    case ServiceNameProfile::kDotNet:
      return DotNetKey(name);
    case ServiceNameProfile::kSmb: {
      std::string key = SmbKey(name);
      if (key.empty()) {
        return absl::InvalidArgumentError("'" + name + "' is not cifs/NAME");
      }
      return key;
    }
  }
  return absl::InvalidArgumentError("unknown service-name profile");
}

}  // namespace

absl::StatusOr<AcceptedServiceNames> AcceptedServiceNames::Create(std::vector<std::string> names,
                                                                  ServiceNameProfile profile,
                                                                  bool allow_dotless,
                                                                  PortRule port_rule) {
  AcceptedServiceNames accepted;
  accepted.profile_ = profile;
  accepted.port_rule_ = port_rule;
  for (std::string& name : names) {
    if (name.empty() || !IsValidUtf8(name)) {
      return absl::InvalidArgumentError("an accepted service name is empty or not UTF-8");
    }
    EPA_RETURN_IF_ERROR(CheckMeaning(name));
    if (profile != ServiceNameProfile::kSmb && !allow_dotless && IsDotless(name)) {
      return absl::InvalidArgumentError("'" + name +
                                        "' has a host without a dot, which must be allowed first");
    }
    EPA_ASSIGN_OR_RETURN(std::string key, KeyOf(name, profile, port_rule));
    accepted.keys_.push_back(std::move(key));
    accepted.names_.push_back(std::move(name));
  }
  return accepted;
}

bool AcceptedServiceNames::Matches(std::string_view target_name) const {
  const bool same_text =
      std::any_of(names_.begin(), names_.end(), [target_name](const std::string& name) {
        return EqualsIgnoringAsciiCase(name, target_name);
      });
  if (same_text || names_.empty() || target_name.empty() || !IsValidUtf8(target_name)) {
    return same_text;
  }
  const auto listed = [this](const std::string& key) {
    return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
  };
  switch (profile_) {
    case ServiceNameProfile::kDotNet:
      return listed(DotNetKey(target_name));
    case ServiceNameProfile::kSmb: {
      const std::string key = SmbKey(target_name);
      return !key.empty() && listed(key);
    }
    case ServiceNameProfile::kStandard:
      break;
  }
  const auto parsed = ServicePrincipalName::Parse(target_name);
  if (!parsed.ok()) {
    return false;
  }
  const std::string key = StandardKey(*parsed);
  switch (port_rule_) {
    case PortRule::kExact:
      return listed(key + PortText(*parsed));
    case PortRule::kIgnore:
      return listed(key);
    case PortRule::kIfListed:
      return listed(key + PortText(*parsed)) || listed(key);
  }
  return false;
}

}  // namespace epa
