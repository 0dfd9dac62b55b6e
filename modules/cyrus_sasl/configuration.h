// What the plug-in's servers are made of: epa.conf, and options of SASL's own configuration.
#ifndef EPA_MODULES_CYRUS_SASL_CONFIGURATION_H_
#define EPA_MODULES_CYRUS_SASL_CONFIGURATION_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/service/service.h"
#include "epa/service/service_settings.h"

namespace epa::cyrus_sasl {

// "extended-protection" is "epa_extended_protection" to SASL.
std::string OptionName(std::string_view setting);

// All services of one program. For several threads. What is wrong is looked at again with the next
// login, at most once a second, and until it is right every login is refused.
class Configuration {
 public:
  // Reads the options now, while SASL is being initialised. `utils` outlives the object.
  explicit Configuration(const sasl_utils_t& utils);

  // Whether there is anything for this program, or what there is cannot be used.
  bool concerns_this_program();
  // `sasl_service`: what the program calls its service, such as "ldap": tells between several
  // sections that name the program.
  absl::StatusOr<std::shared_ptr<const service::ServiceParts>> PartsOf(
      std::string_view sasl_service);

 private:
  struct Configured {
    service::Protocol protocol;
    std::unique_ptr<service::Service> service;
  };

  void ReadUnlessDone();
  absl::StatusOr<std::vector<Configured>> Read() const;
  absl::StatusOr<std::unique_ptr<service::Service>> CreateService(
      service::ServiceName name, std::string path, const service::ServiceSettings& said) const;

  const sasl_utils_t& utils_;
  std::string section_;  // the option epa_service; empty: it was not said
  std::vector<service::GivenSetting> options_;

  std::mutex mutex_;
  bool done_ = false;
  FileTime tried_ = 0;
  absl::StatusOr<std::vector<Configured>> services_;
};

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_CONFIGURATION_H_
