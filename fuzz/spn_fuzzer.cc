#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "epa/core/service_principal_name.h"
#include "fuzz/reach.h"

namespace {

epa::fuzz::ReachPoint parsed("a name");
epa::fuzz::ReachPoint with_port("a name with a port");
epa::fuzz::ReachPoint matched("a name that is accepted");
epa::fuzz::ReachPoint refused("a refused name");

}  // namespace

// A name that parses has a text form that parses to the same, and is accepted where it is listed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::AcceptedServiceNames;
  using epa::ServiceNameProfile;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto profile :
       {ServiceNameProfile::kStandard, ServiceNameProfile::kDotNet, ServiceNameProfile::kSmb}) {
    const std::string prefix = profile == ServiceNameProfile::kSmb ? "cifs/" : "HTTP/";
    const auto fixed = AcceptedServiceNames::Create({prefix + "www.example.com",
                                                     prefix + "b\xC3\xBC"
                                                              "cher.example",
                                                     prefix + "192.0.2.1"},
                                                    profile);
    matched.Reach(fixed->Matches(text));
    const auto own = AcceptedServiceNames::Create({std::string(text)}, profile, true);
    if (own.ok() && !own->Matches(text)) {
      __builtin_trap();
    }
  }
  const auto name = epa::ServicePrincipalName::Parse(text);
  refused.Reach(!name.ok());
  if (!name.ok()) {
    return 0;
  }
  parsed.Reach();
  with_port.Reach(name->port().has_value());
  const auto again = epa::ServicePrincipalName::Parse(name->ToString());
  if (!again.ok() || again->ToString() != name->ToString() || again->host() != name->host() ||
      again->port() != name->port() || again->realm() != name->realm()) {
    __builtin_trap();
  }
  return 0;
}
