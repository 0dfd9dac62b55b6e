// epa.conf: settings by service.
//
//   # Lines of NAME = VALUE, in sections. What [common] says holds for every service that
//   does # not say it itself. [common] accounts = winbind: keytab = /etc/krb5.keytab
//
//   [http]
//   extended-protection = 2
//
//   [http intranet]
//   extended-protection = 1
#ifndef EPA_SERVICE_CONFIGURATION_FILE_H_
#define EPA_SERVICE_CONFIGURATION_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/service/service_settings.h"

#pragma GCC visibility push(default)

namespace epa::service {

inline constexpr char kConfigurationPath[] = "/etc/epa/epa.conf";
inline constexpr size_t kMaxConfigurationSize = size_t{256} << 10;

// Which section a service has: "[http]", or "[http intranet]".
struct ServiceName {
  Protocol protocol = Protocol::kHttp;
  std::string name;  // empty: the protocol's only one

  friend bool operator==(const ServiceName&, const ServiceName&) = default;
};
std::string SectionTitle(const ServiceName& service);  // "[http intranet]"

// What a section says, and how errors speak of it.
struct ConfiguredService {
  std::vector<GivenSetting> settings;
  FrontEnd front_end;
};

// A file that is right from its first line to its last. Immutable.
class ConfigurationFile {
 public:
  // `path` stands in errors, and relative paths are below its folder. InvalidArgument with file,
  // line, what stands there and what was expected. All sections are checked, whoever uses them, and
  // so is the end: a file that does not end with a line end was cut off.
  static absl::StatusOr<ConfigurationFile> Parse(std::string_view text, std::string_view path);
  // Also fails where there is no such regular file, or it cannot be read.
  static absl::StatusOr<ConfigurationFile> Read(const std::string& path);

  // In their order.
  std::vector<ServiceName> services() const;
  // The settings of one, with those of [common]. NotFound where it has no section.
  absl::StatusOr<ConfiguredService> Find(const ServiceName& service) const;

 private:
  friend class ConfigurationParser;
  struct Section {
    ServiceName service;
    std::string place;
    std::vector<GivenSetting> settings;
  };

  std::string path_;
  std::vector<GivenSetting> common_;
  std::vector<Section> sections_;
};

}  // namespace epa::service

#pragma GCC visibility pop

#endif  // EPA_SERVICE_CONFIGURATION_FILE_H_
