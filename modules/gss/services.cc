#include "modules/gss/services.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "modules/gss/status.h"
#include "modules/process/names.h"

namespace epa::gss {
namespace {

using service::GssRule;
using service::ServiceName;
using service::ServiceSettings;

absl::StatusOr<ConfiguredService> Configure(const ServiceName& name,
                                            const ServiceSettings& settings) {
  ConfiguredService configured{.name = name,
                               .rule = settings.gss.value_or(GssRule::kCertificate),
                               .acceptors = settings.acceptors,
                               .service = nullptr};
  if (configured.rule == GssRule::kOff) {
    return configured;
  }
  service::ServiceOptions options;
  options.service = name;
  options.configuration = process::ConfigurationPath();
  options.overrides = process::DefaultsFor(settings);
  options.tls_end = service::TlsEnd::kElsewhere;
  options.inspect_kerberos = true;
  options.watch_configuration = true;
  options.observer = [](std::string_view what, const absl::Status& status) {
    if (!status.ok()) {
      Log(std::string(what) + ": " + std::string(status.message()));
    }
  };
  EPA_ASSIGN_OR_RETURN(configured.service, service::Service::Create(std::move(options)));
  return configured;
}

absl::StatusOr<ConfiguredServices> ReadAll() {
  EPA_ASSIGN_OR_RETURN(const std::vector<process::Section> sections,
                       process::SectionsOfThisProcess());
  ConfiguredServices all;
  for (const process::Section& section : sections) {
    EPA_ASSIGN_OR_RETURN(ConfiguredService configured, Configure(section.name, section.settings));
    all.push_back(std::move(configured));
  }
  return all;
}

bool SaysNothing(gss_channel_bindings_t given) {
  return given == GSS_C_NO_CHANNEL_BINDINGS ||
         (given->initiator_address.length == 0 && given->acceptor_address.length == 0 &&
          given->application_data.length == 0);
}

std::vector<uint8_t> OctetsOf(const gss_buffer_desc& buffer) {
  const auto* const octets = static_cast<const uint8_t*>(buffer.value);
  return {octets, octets + buffer.length};
}

}  // namespace

bool ConfiguredService::Accepts(std::span<const std::string_view> ticket_service) const {
  if (acceptors.empty()) {
    return true;
  }
  std::string whole;
  for (const std::string_view part : ticket_service) {
    whole += (whole.empty() ? "" : "/") + std::string(part);
  }
  return std::ranges::any_of(acceptors, [&](std::string_view acceptor) {
    return EqualsIgnoringAsciiCase(acceptor, whole) ||
           (!ticket_service.empty() && EqualsIgnoringAsciiCase(acceptor, ticket_service.front()));
  });
}

Services& Services::OfThisProcess() {
  static auto& services = *new Services();
  return services;
}

void Services::ReadUnlessDone() {
  const FileTime now = SystemClock().Now();
  if (done_ || (tried_ != 0 && now - tried_ < kTicksPerSecond)) {
    return;
  }
  tried_ = now;
  absl::StatusOr<ConfiguredServices> all = ReadAll();
  done_ = all.ok();
  if (all.ok()) {
    services_ = std::make_shared<const ConfiguredServices>(*std::move(all));
  } else {
    services_ = all.status();
    Log("every login is refused: " + std::string(all.status().message()));
  }
}

bool Services::configured() {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  return !services_.ok() || std::ranges::any_of(**services_, [](const ConfiguredService& service) {
    return service.rule != GssRule::kOff;
  });
}

absl::StatusOr<std::shared_ptr<const ConfiguredServices>> Services::Current() {
  const std::lock_guard lock(mutex_);
  ReadUnlessDone();
  return services_;
}

absl::StatusOr<Channel> ChannelOf(gss_channel_bindings_t given) {
  if (SaysNothing(given)) {
    return Channel::Plain();
  }
  EPA_ASSIGN_OR_RETURN(
      ChannelBindings bindings,
      ChannelBindings::FromFields({.initiator_address_type = given->initiator_addrtype,
                                   .initiator_address = OctetsOf(given->initiator_address),
                                   .acceptor_address_type = given->acceptor_addrtype,
                                   .acceptor_address = OctetsOf(given->acceptor_address),
                                   .application_data = OctetsOf(given->application_data)}));
  return Channel::Tls(std::move(bindings));
}

absl::StatusOr<LoginRules> RulesOf(const ConfiguredService& configured,
                                   gss_channel_bindings_t given) {
  std::optional<Channel> channel;
  if (!SaysNothing(given)) {
    EPA_ASSIGN_OR_RETURN(channel, ChannelOf(given));
  }
  return process::RulesOf(configured.service->parts(), std::move(channel));
}

}  // namespace epa::gss
