// The packages of this library, those of plug-ins, and lists of their names.
#ifndef EPA_LIB_SSPI_PACKAGES_H_
#define EPA_LIB_SSPI_PACKAGES_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/sspi/plugin.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

enum class PackageId : uint8_t { kNegotiate, kKerberos, kNtlm, kPlugin };

// Immutable.
struct Package {
  PackageId id;
  ULONG capabilities;  // SECPKG_FLAG_*
  USHORT version;
  USHORT rpc_id;  // RPC_C_AUTHN_* of rpcdce.h
  size_t max_token_size;
  std::string name;
  std::string comment;
  std::shared_ptr<const Plugin> plugin;  // null for our own
};

using PackagePtr = std::shared_ptr<const Package>;

// Ours, in the order of Windows.
std::span<const PackagePtr> OwnPackages();
// And those of plug-ins: of the configuration file, and added.
std::vector<PackagePtr> AllPackages();
// Without regard to ASCII case. Null where there is no such package.
PackagePtr FindPackage(std::string_view name);

// Whether a list such as "Kerberos,!NTLM" lets Negotiate offer the package: those named, or all
// where none is, without those that have a '!'.
bool PackageListAllows(std::string_view list, PackageId package);

// `out` becomes one block with the descriptions, for FreeContextBuffer.
template <typename PkgInfo>
SECURITY_STATUS PutPackageInfos(std::span<const PackagePtr> packages, PkgInfo*& out);

// The packages of a plug-in, for AddSecurityPackage and the configuration file. FailedPrecondition
// where it has none, or one with a name that `known` has.
absl::StatusOr<std::vector<PackagePtr>> PackagesOfPlugin(const std::string& path,
                                                         std::span<const PackagePtr> known);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PACKAGES_H_
