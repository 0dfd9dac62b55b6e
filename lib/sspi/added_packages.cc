#include "lib/sspi/added_packages.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "lib/sspi/default_auth_data.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kMostPackages = 64;

absl::StatusOr<std::string> Utf8(const SEC_WCHAR* text, std::string_view what) {
  auto utf8 = TextOf(text);
  if (!utf8.has_value()) {
    return absl::InvalidArgumentError("the plug-in's " + std::string(what) + " is no text");
  }
  return *std::move(utf8);
}

absl::StatusOr<PackagePtr> PackageOf(const std::shared_ptr<const Plugin>& plugin,
                                     const SecPkgInfoW& info) {
  Package package{PackageId::kPlugin,
                  info.fCapabilities,
                  info.wVersion,
                  info.wRPCID,
                  info.cbMaxToken,
                  {},
                  {},
                  plugin};
  EPA_ASSIGN_OR_RETURN(package.name, Utf8(info.Name, "name"));
  EPA_ASSIGN_OR_RETURN(package.comment, Utf8(info.Comment, "comment"));
  return std::make_shared<const Package>(std::move(package));
}

bool HasName(std::span<const PackagePtr> packages, std::string_view name) {
  return std::ranges::any_of(packages, [name](const PackagePtr& package) {
    return EqualsIgnoringAsciiCase(package->name, name);
  });
}

absl::StatusOr<std::vector<PackagePtr>> Enumerate(const std::shared_ptr<const Plugin>& plugin) {
  const auto enumerate = plugin->table().EnumerateSecurityPackagesW;
  ULONG count = 0;
  PSecPkgInfoW infos = nullptr;
  if (enumerate == nullptr || enumerate(&count, &infos) != SEC_E_OK || infos == nullptr ||
      count > kMostPackages) {
    return absl::FailedPreconditionError("the plug-in does not name its packages");
  }
  std::vector<PackagePtr> packages;
  absl::Status status;
  for (ULONG i = 0; i < count && status.ok(); ++i) {
    auto package = PackageOf(plugin, infos[i]);
    status = package.status();
    if (package.ok()) {
      packages.push_back(*std::move(package));
    }
  }
  plugin->table().FreeContextBuffer(infos);
  EPA_RETURN_IF_ERROR(status);
  return packages;
}

SECURITY_STATUS Add(const std::optional<std::string>& path,
                    const SECURITY_PACKAGE_OPTIONS* options) {
  if (!path.has_value() || path->empty() ||
      (options != nullptr && (options->Flags != 0 || options->SignatureSize != 0))) {
    return SEC_E_INVALID_PARAMETER;
  }
  return TheAddedPackages().Add(*path).ok() ? SEC_E_OK : SEC_E_CANNOT_INSTALL;
}

SECURITY_STATUS Remove(const std::optional<std::string>& path) {
  return path.has_value() && TheAddedPackages().Remove(*path) ? SEC_E_OK : SEC_E_SECPKG_NOT_FOUND;
}

}  // namespace

absl::StatusOr<std::vector<PackagePtr>> PackagesOfPlugin(const std::string& path,
                                                         std::span<const PackagePtr> known) {
  EPA_ASSIGN_OR_RETURN(const auto plugin, Plugin::Load(path));
  EPA_ASSIGN_OR_RETURN(std::vector<PackagePtr> packages, Enumerate(plugin));
  if (packages.empty()) {
    return absl::FailedPreconditionError(path + ": no package");
  }
  for (const PackagePtr& package : packages) {
    if (package->name.empty() || HasName(known, package->name)) {
      return absl::FailedPreconditionError(path +
                                           ": there is a package of that name: " + package->name);
    }
  }
  return packages;
}

bool AddedPackages::Has(const std::string& path) const {
  return std::ranges::any_of(entries_, [&path](const Entry& entry) { return entry.path == path; });
}

absl::Status AddedPackages::AddLocked(const std::string& path, bool of_file) {
  std::vector<PackagePtr> known(OwnPackages().begin(), OwnPackages().end());
  for (const Entry& entry : entries_) {
    known.insert(known.end(), entry.packages.begin(), entry.packages.end());
  }
  EPA_ASSIGN_OR_RETURN(auto packages, PackagesOfPlugin(path, known));
  entries_.push_back({path, of_file, std::move(packages)});
  return absl::OkStatus();
}

absl::Status AddedPackages::Add(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return Has(path) ? absl::OkStatus() : AddLocked(path, false);
}

bool AddedPackages::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(entries_, [&path](const Entry& entry) {
           return !entry.of_file && entry.path == path;
         }) != 0;
}

void AddedPackages::AppendTo(std::vector<PackagePtr>& packages) {
  const auto file = ReadDefaultFile();
  const std::lock_guard lock(mutex_);
  for (const std::string& path : file.ok() ? file->packages : std::vector<std::string>()) {
    if (!Has(path)) {
      (void)AddLocked(path, true);
    }
  }
  for (const Entry& entry : entries_) {
    packages.insert(packages.end(), entry.packages.begin(), entry.packages.end());
  }
}

AddedPackages& TheAddedPackages() {
  static AddedPackages& added = *new AddedPackages();
  return added;
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_AddSecurityPackageA(SEC_CHAR* pszPackageName,
                                                  PSECURITY_PACKAGE_OPTIONS pOptions) noexcept {
  return epa::sspi::Entry(
      [&] { return epa::sspi::Add(epa::sspi::TextOf(pszPackageName), pOptions); });
}

SECURITY_STATUS SEC_ENTRY epa_AddSecurityPackageW(SEC_WCHAR* pszPackageName,
                                                  PSECURITY_PACKAGE_OPTIONS pOptions) noexcept {
  return epa::sspi::Entry(
      [&] { return epa::sspi::Add(epa::sspi::TextOf(pszPackageName), pOptions); });
}

SECURITY_STATUS SEC_ENTRY epa_DeleteSecurityPackageA(SEC_CHAR* pszPackageName) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Remove(epa::sspi::TextOf(pszPackageName)); });
}

SECURITY_STATUS SEC_ENTRY epa_DeleteSecurityPackageW(SEC_WCHAR* pszPackageName) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Remove(epa::sspi::TextOf(pszPackageName)); });
}
