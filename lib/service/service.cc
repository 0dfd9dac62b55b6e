#include "epa/service/service.h"

#include <mutex>
#include <shared_mutex>
#include <span>
#include <utility>

#include "epa/base/secret.h"
#include "lib/base/status_macros.h"
#include "lib/base/watched_files.h"
#include "lib/service/parts.h"

namespace epa::service {

struct Service::Impl {
  // Kept by whoever reads files for it, too.
  struct State {
    explicit State(ServiceOptions the_options) : options(std::move(the_options)) {}

    std::shared_ptr<const ServiceParts> Parts() const {
      const std::shared_lock lock(mutex);
      return parts;
    }
    // `file`: null where there is none.
    absl::Status Load(const ConfigurationFile* file);
    absl::Status Read();

    const ServiceOptions options;
    std::mutex loading;
    mutable std::shared_mutex mutex;
    std::shared_ptr<const ServiceParts> parts;
  };

  std::shared_ptr<State> state;
  std::unique_ptr<FileWatch> watch;  // null: only Reload reads the configuration
};

absl::Status Service::Impl::State::Load(const ConfigurationFile* file) {
  const std::lock_guard lock(loading);
  ConfiguredService configured;
  configured.front_end = {"", options.prefix, options.spelling};
  if (file != nullptr) {
    EPA_ASSIGN_OR_RETURN(configured, file->Find(options.service));
  }
  EPA_ASSIGN_OR_RETURN(ServiceSettings settings,
                       ReadSettings(options.service.protocol,
                                    Override(std::move(configured.settings), options.overrides),
                                    configured.front_end));
  const std::shared_ptr<const ServiceParts> before = Parts();
  EPA_ASSIGN_OR_RETURN(std::shared_ptr<const ServiceParts> made,
                       MakeParts(std::move(settings), {.tls_end = options.tls_end,
                                                       .observer = options.observer,
                                                       .predecessor = before.get(),
                                                       .inspect_kerberos = options.inspect_kerberos,
                                                       .accounts = options.accounts.get()}));
  if (options.use != nullptr) {
    EPA_RETURN_IF_ERROR(options.use(made));
  }
  const std::unique_lock slot(mutex);
  parts.swap(made);
  return absl::OkStatus();
}

absl::Status Service::Impl::State::Read() {
  if (options.configuration.empty()) {
    return Load(nullptr);
  }
  EPA_ASSIGN_OR_RETURN(const ConfigurationFile file,
                       ConfigurationFile::Read(options.configuration));
  return Load(&file);
}

absl::StatusOr<std::unique_ptr<Service>> Service::Create(ServiceOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->state = std::make_shared<Impl::State>(std::move(options));
  const ServiceOptions& kept = impl->state->options;
  if (!kept.watch_configuration || kept.configuration.empty()) {
    EPA_RETURN_IF_ERROR(impl->state->Read());
    return std::unique_ptr<Service>(new Service(std::move(impl)));
  }
  WatchOptions watch;
  watch.paths = {kept.configuration};
  watch.max_size = kMaxConfigurationSize;
  watch.observer = ObserverOf(kept.observer, "configuration");
  const auto load = [state = impl->state](std::span<const SecretBytes> contents) -> absl::Status {
    EPA_ASSIGN_OR_RETURN(
        const ConfigurationFile file,
        ConfigurationFile::Parse(contents.front().ExposeText(), state->options.configuration));
    return state->Load(&file);
  };
  EPA_ASSIGN_OR_RETURN(impl->watch, FileWatch::Create(std::move(watch), load));
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

std::shared_ptr<const ServiceParts> Service::parts() const {
  if (impl_->watch != nullptr) {
    impl_->watch->Use();
  }
  return impl_->state->Parts();
}

absl::Status Service::Reload() { return impl_->state->Read(); }

}  // namespace epa::service
