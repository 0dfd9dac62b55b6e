#include "modules/cyrus_sasl/configuration.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "epa/service/setting.h"
#include "lib/base/status_macros.h"
#include "modules/cyrus_sasl/log.h"
#include "modules/process/names.h"
#include "modules/process/services.h"

namespace epa::cyrus_sasl {
namespace {

using service::GivenSetting;
using service::GssRule;
using service::Protocol;
using service::ServiceName;
using service::ServiceSettings;
using service::Setting;

constexpr char kPlugin[] = "EPA";
constexpr char kPrefix[] = "epa_";
constexpr std::string_view kBlanks = " \t";

// Null: it was not said.
const char* OptionOf(const sasl_utils_t& utils, const std::string& name) {
  const char* value = nullptr;
  return utils.getopt != nullptr && utils.getopt(utils.getopt_context, kPlugin, name.c_str(),
                                                 &value, nullptr) == SASL_OK
             ? value
             : nullptr;
}

// SASL's configuration has one line for each name: several values stand side by side.
std::vector<std::string> ValuesOf(const Setting& setting, std::string_view text) {
  if (!setting.repeatable) {
    return {std::string(text)};
  }
  std::vector<std::string> values;
  for (size_t begin = text.find_first_not_of(kBlanks); begin != std::string_view::npos;
       begin = text.find_first_not_of(kBlanks)) {
    text.remove_prefix(begin);
    const size_t end = std::min(text.find_first_of(kBlanks), text.size());
    values.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return values;
}

std::string Spelled(std::string_view setting) { return OptionName(setting); }

std::optional<Protocol> ProtocolOf(std::string_view sasl_service) {
  return sasl_service == "pop" ? Protocol::kPop3 : service::ParseProtocol(sasl_service);
}

}  // namespace

std::string OptionName(std::string_view setting) {
  std::string name = kPrefix + std::string(setting);
  std::ranges::replace(name, '-', '_');
  return name;
}

Configuration::Configuration(const sasl_utils_t& utils)
    : utils_(utils), services_(std::vector<Configured>()) {
  if (const char* const section = OptionOf(utils, OptionName("service"))) {
    section_ = section;
  }
  for (const Setting& setting : service::Settings()) {
    const std::string name = OptionName(setting.name);
    if (const char* const value = OptionOf(utils, name)) {
      for (std::string& one : ValuesOf(setting, value)) {
        options_.push_back(
            {std::string(setting.name), std::move(one), "SASL's option " + name, ""});
      }
    }
  }
}

absl::StatusOr<std::unique_ptr<service::Service>> Configuration::CreateService(
    ServiceName name, std::string path, const ServiceSettings& said) const {
  service::ServiceOptions options;
  options.service = std::move(name);
  options.configuration = std::move(path);
  options.spelling = Spelled;
  options.overrides = process::DefaultsFor(said);
  std::erase_if(options.overrides, [this](const GivenSetting& setting) {
    return std::ranges::find(options_, setting.name, &GivenSetting::name) != options_.end();
  });
  options.overrides.insert(options.overrides.end(), options_.begin(), options_.end());
  options.tls_end = service::TlsEnd::kElsewhere;
  options.watch_configuration = true;
  options.observer = [&utils = utils_](std::string_view what, const absl::Status& status) {
    if (!status.ok()) {
      Log(utils, SASL_LOG_ERR, std::string(what) + ": " + std::string(status.message()));
    }
  };
  return service::Service::Create(std::move(options));
}

absl::StatusOr<std::vector<Configuration::Configured>> Configuration::Read() const {
  EPA_ASSIGN_OR_RETURN(const std::vector<process::Section> sections,
                       process::SectionsOfThisProcess(section_));
  std::vector<Configured> all;
  for (const process::Section& section : sections) {
    if (section.settings.gss.value_or(GssRule::kCertificate) != GssRule::kOff) {
      EPA_ASSIGN_OR_RETURN(auto service, CreateService(section.name, process::ConfigurationPath(),
                                                       section.settings));
      all.push_back({section.name.protocol, std::move(service)});
    }
  }
  if (sections.empty() && !options_.empty()) {
    EPA_ASSIGN_OR_RETURN(auto service,
                         CreateService({Protocol::kOther, ""}, "", ServiceSettings()));
    all.push_back({Protocol::kOther, std::move(service)});
  }
  return all;
}

void Configuration::ReadUnlessDone() {
  const FileTime now = SystemClock().Now();
  if (done_ || (tried_ != 0 && now - tried_ < kTicksPerSecond)) {
    return;
  }
  tried_ = now;
  services_ = Read();
  done_ = services_.ok();
  if (!done_) {
    Log(utils_, SASL_LOG_ERR,
        "every login is refused: " + std::string(services_.status().message()));
  }
}

bool Configuration::concerns_this_program() {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  return !services_.ok() || !services_->empty();
}

absl::StatusOr<std::shared_ptr<const service::ServiceParts>> Configuration::PartsOf(
    std::string_view sasl_service) {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  EPA_RETURN_IF_ERROR(services_.status());
  if (services_->size() == 1) {
    return services_->front().service->parts();
  }
  const std::optional<Protocol> protocol = ProtocolOf(sasl_service);
  const auto is_meant = [&](const Configured& one) { return one.protocol == protocol; };
  if (std::ranges::count_if(*services_, is_meant) != 1) {
    return absl::FailedPreconditionError(
        "not one section of " + std::string(process::ConfigurationPath()) +
        " is this program's for the service " + std::string(sasl_service));
  }
  return std::ranges::find_if(*services_, is_meant)->service->parts();
}

}  // namespace epa::cyrus_sasl
