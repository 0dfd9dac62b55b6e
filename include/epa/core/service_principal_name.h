// Service principal names: class/host[:port][/name][@REALM].
#ifndef EPA_CORE_SERVICE_PRINCIPAL_NAME_H_
#define EPA_CORE_SERVICE_PRINCIPAL_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#pragma GCC visibility push(default)

namespace epa {

// A parsed name. Text is UTF-8.
class ServicePrincipalName {
 public:
  // Fails on anything but class "/" host [":" port-or-instance] ["/" service-name] ["@" realm]:
  // empty parts, a port over 65535, control characters, white space, backslashes.
  static absl::StatusOr<ServicePrincipalName> Parse(std::string_view text);

  const std::string& service_class() const { return service_class_; }
  // Without brackets for an IPv6 literal.
  const std::string& host() const { return host_; }
  std::optional<uint16_t> port() const { return port_; }
  // SQL Server's named instance, where others have a port.
  const std::optional<std::string>& instance() const { return instance_; }
  const std::optional<std::string>& service_name() const { return service_name_; }
  const std::optional<std::string>& realm() const { return realm_; }

  // The text form of the parts; IPv6 hosts with a port get brackets.
  std::string ToString() const;

 private:
  ServicePrincipalName() = default;

  std::string service_class_;
  std::string host_;
  std::optional<uint16_t> port_;
  std::optional<std::string> instance_;
  std::optional<std::string> service_name_;
  std::optional<std::string> realm_;
};

// How a client's target name is compared with the accepted ones.
enum class ServiceNameProfile : uint8_t {
  // Parsed. Class and realm without regard to ASCII case, the host without regard to the case of
  // any
  // letter (Unicode's simple mapping); one trailing dot of the host ignored; IDNA A-labels compared
  // as their U-labels; IP addresses by value (IPv4-mapped IPv6 equals IPv4, zone identifiers are
  // ignored).
  kStandard,
  // As .NET's ServiceNameCollection and http.sys: the whole text, ordinal, ignoring case, after
  // A-labels became U-labels. Names need not be SPNs.
  kDotNet,
  // As the SMB server: class CIFS, then the rest taken whole: a local name or a local IP address.
  kSmb,
};

// Which port of the client's name is accepted (kStandard only).
enum class PortRule : uint8_t {
  kExact,     // equal, or absent in both
  kIgnore,    // any
  kIfListed,  // as listed; an accepted name without a port accepts any
};

// An immutable list of accepted names, prepared for matching.
class AcceptedServiceNames {
 public:
  // Accepts nothing.
  AcceptedServiceNames() = default;

  // kStandard and kSmb: fails on a name that is not an SPN. kSmb: names are given as "cifs/NAME".
  // Names that would never match what they seem to say are refused: wildcards, and a port behind
  // '@'.
  // Without `allow_dotless` a host that is neither dotted nor an IP literal is refused
  // (kStandard and kDotNet; http.sys calls this flag DOTLESS_SERVICE).
  static absl::StatusOr<AcceptedServiceNames> Create(
      std::vector<std::string> names, ServiceNameProfile profile = ServiceNameProfile::kStandard,
      bool allow_dotless = false, PortRule port_rule = PortRule::kExact);

  // Compares by length, never as terminated strings. Allocates nothing when the text equals an
  // accepted name but for ASCII case.
  bool Matches(std::string_view target_name) const;

  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& names() const { return names_; }
  ServiceNameProfile profile() const { return profile_; }
  PortRule port_rule() const { return port_rule_; }

 private:
  ServiceNameProfile profile_ = ServiceNameProfile::kStandard;
  PortRule port_rule_ = PortRule::kExact;
  std::vector<std::string> names_;
  // Normalised per profile, one for each name.
  std::vector<std::string> keys_;
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_SERVICE_PRINCIPAL_NAME_H_
