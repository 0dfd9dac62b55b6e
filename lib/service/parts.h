// The parts of a service, one function each. All fail as MakeParts says.
#ifndef EPA_LIB_SERVICE_PARTS_H_
#define EPA_LIB_SERVICE_PARTS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "epa/base/file_observer.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "epa/registry/windows_settings.h"
#include "epa/service/service.h"
#include "epa/smb2/server_names.h"

namespace epa::service {

using WindowsSettings = std::optional<registry::WindowsSettings>;

// Of `registry` and `windows`; no value without either.
absl::StatusOr<WindowsSettings> WindowsSettingsOf(const ServiceSettings& settings);

Scenario ScenarioOf(const ServiceSettings& settings);

// What was said, then the registry's value for the protocol; else mode 2.
ExtendedProtectionMode ModeOf(const ServiceSettings& settings, const WindowsSettings& windows);

absl::StatusOr<std::shared_ptr<const ExtendedProtectionPolicy>> PolicyOf(
    const ServiceSettings& settings, const WindowsSettings& windows);

// SMB's: credentials and audit sink are left out.
absl::StatusOr<smb2::ServerOptions> SmbOptionsOf(const ServiceSettings& settings,
                                                 const WindowsSettings& windows);

absl::StatusOr<Packages> PackagesOf(const ServiceSettings& settings, const WindowsSettings& windows,
                                    const PartsOptions& options);

absl::StatusOr<std::shared_ptr<AuditSink>> AuditOf(const ServiceSettings& settings);
// One sink: "-" is standard error, "journal" systemd's, "journal:PATH" that of another socket; the
// rest is a file's path.
absl::StatusOr<std::shared_ptr<AuditSink>> OpenAudit(std::string_view where);

// Of the files that `name` says, as `what`.
FileObserver ObserverOf(const ServiceObserver& observer, std::string_view what);

}  // namespace epa::service

#endif  // EPA_LIB_SERVICE_PARTS_H_
