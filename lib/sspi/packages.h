// The packages of this library and lists of their names.
#ifndef EPA_LIB_SSPI_PACKAGES_H_
#define EPA_LIB_SSPI_PACKAGES_H_

#include <span>
#include <string_view>

#include "epa/core/security_package.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

enum class PackageId : uint8_t { kNegotiate, kKerberos, kNtlm };

struct Package {
  PackageId id;
  ULONG capabilities;  // SECPKG_FLAG_*
  USHORT rpc_id;       // RPC_C_AUTHN_* of rpcdce.h
  const PackageInfo& (*info)();
};

// In the order of Windows.
std::span<const Package> AllPackages();
// Without regard to ASCII case. Null where there is no such package.
const Package* FindPackage(std::string_view name);

// Whether a list such as "Kerberos,!NTLM" lets Negotiate offer the package: those named, or all
// where none is, without those that have a '!'.
bool PackageListAllows(std::string_view list, PackageId package);

// `out` becomes one block with the descriptions, for FreeContextBuffer.
template <typename PkgInfo>
SECURITY_STATUS PutPackageInfos(std::span<const Package> packages, PkgInfo*& out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PACKAGES_H_
