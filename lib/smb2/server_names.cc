#include "epa/smb2/server_names.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/core/host_name.h"

namespace epa::smb2 {
namespace {

constexpr uint32_t kHighestLevel = 2;

std::string AddressText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* octets = nullptr;
  if (address != nullptr && address->sa_family == AF_INET) {
    octets = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  } else if (address != nullptr && address->sa_family == AF_INET6) {
    octets = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  }
  if (octets == nullptr ||
      inet_ntop(address->sa_family, octets, text.data(), text.size()) == nullptr) {
    return {};
  }
  return text.data();
}

void AddOnce(std::string name, std::vector<std::string>& list) {
  const bool known = std::any_of(list.begin(), list.end(), [&name](const std::string& other) {
    return EqualsIgnoringAsciiCase(name, other);
  });
  if (!name.empty() && !known) {
    list.push_back(std::move(name));
  }
}

absl::Status CheckNames(const ServerNames& names) {
  for (const auto& list : {names.own_names, names.configured_names}) {
    for (const std::string& name : list) {
      if (name.empty() || name.find('/') != std::string::npos) {
        return absl::InvalidArgumentError("'" + name + "' is not the name of a server");
      }
    }
  }
  for (const std::string& address : names.addresses) {
    if (!CanonicalIpAddress(address).has_value()) {
      return absl::InvalidArgumentError("'" + address + "' is not an IP address");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServerNames> LocalServerNames() {
  utsname machine{};
  ifaddrs* interfaces = nullptr;
  if (uname(&machine) != 0 || getifaddrs(&interfaces) != 0) {
    return absl::InternalError("the names and addresses of this machine cannot be read");
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(interfaces, freeifaddrs);
  const std::string node = machine.nodename;
  ServerNames names;
  AddOnce(node, names.own_names);
  AddOnce(node.substr(0, node.find('.')), names.own_names);
  for (const ifaddrs* next = interfaces; next != nullptr; next = next->ifa_next) {
    AddOnce(AddressText(next->ifa_addr), names.addresses);
  }
  return names;
}

ServerNames WithLoopback(ServerNames names) {
  AddOnce("LocalHost", names.own_names);
  AddOnce("127.0.0.1", names.addresses);
  AddOnce("::1", names.addresses);
  return names;
}

std::vector<std::string> SplitAllowedServerNames(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  for (const char character : text) {
    if (character == '\0' || character == ' ' || character == ',') {
      AddOnce(std::exchange(name, {}), names);
    } else {
      name += character;
    }
  }
  AddOnce(std::move(name), names);
  return names;
}

absl::StatusOr<ExtendedProtectionPolicy> CreateNameHardeningPolicy(NameHardeningOptions options) {
  if (options.level > kHighestLevel) {
    return absl::InvalidArgumentError("SmbServerNameHardeningLevel is 0, 1 or 2");
  }
  EPA_RETURN_IF_ERROR(CheckNames(options.names));
  const ServerNames names = WithLoopback(std::move(options.names));
  std::vector<std::string> all;
  for (const auto& list : {names.own_names, names.configured_names, names.addresses}) {
    for (const std::string& name : list) {
      AddOnce(name, all);
    }
  }
  for (std::string& name : all) {
    name.insert(0, "cifs/");
  }
  ExtendedProtectionOptions policy;
  policy.mode = static_cast<ExtendedProtectionMode>(options.level);
  policy.audit_only = options.audit_only;
  policy.allow_guest = options.allow_guest;
  policy.allow_anonymous = options.allow_anonymous;
  EPA_ASSIGN_OR_RETURN(policy.accepted_names,
                       AcceptedServiceNames::Create(std::move(all), ServiceNameProfile::kSmb));
  return ExtendedProtectionPolicy::Create(std::move(policy));
}

}  // namespace epa::smb2
