// The services that this process is, as epa.conf has them.
#ifndef EPA_MODULES_PROCESS_SERVICES_H_
#define EPA_MODULES_PROCESS_SERVICES_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/service/configuration_file.h"
#include "epa/service/service.h"
#include "epa/service/service_settings.h"

namespace epa::process {

struct Section {
  service::ServiceName name;
  service::ServiceSettings settings;  // as they are now
};

// "http intranet", as EPA_SERVICE says it.
std::string PlainTitle(const service::ServiceName& name);

// The one section that `named` says ("http intranet"), or where it is empty that EPA_SERVICE says,
// or else all whose `executable` is this process. Empty without a configuration, and where it has
// nothing for this process. An error for what refuses every login: a configuration with a fault,
// and a section that was named and is not there.
absl::StatusOr<std::vector<Section>> SectionsOfThisProcess(std::string_view named = {});

// What MIT's and gss-ntlmssp's users expect where the section says nothing.
std::vector<service::GivenSetting> DefaultsFor(const service::ServiceSettings& settings);

// What one login is judged by.
struct LoginRules {
  std::shared_ptr<const service::ServiceParts> parts;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  Channel channel;
};

// By the setting `gss`. `given`: the channel that the program tells; no value: it tells nothing.
absl::StatusOr<LoginRules> RulesOf(std::shared_ptr<const service::ServiceParts> parts,
                                   std::optional<Channel> given);

// Looks at nothing: mode 0.
const std::shared_ptr<const ExtendedProtectionPolicy>& LegacyPolicy();

}  // namespace epa::process

#endif  // EPA_MODULES_PROCESS_SERVICES_H_
