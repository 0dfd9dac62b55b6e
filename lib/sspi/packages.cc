#include "lib/sspi/packages.h"

#include <algorithm>
#include <array>

#include "epa/kerberos/kerberos.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/ascii.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/memory.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kCommonCapabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
                                      SECPKG_FLAG_TOKEN_ONLY | SECPKG_FLAG_CONNECTION |
                                      SECPKG_FLAG_ACCEPT_WIN32_NAME;
constexpr USHORT kVersion = 1;

constexpr std::array<Package, 3> kPackages = {
    Package{PackageId::kNegotiate,
            kCommonCapabilities | SECPKG_FLAG_EXTENDED_ERROR | SECPKG_FLAG_GSS_COMPATIBLE |
                SECPKG_FLAG_MUTUAL_AUTH | SECPKG_FLAG_DELEGATION,
            9, &negotiate::NegotiatePackageInfo},
    Package{PackageId::kKerberos,
            kCommonCapabilities | SECPKG_FLAG_NEGOTIABLE | SECPKG_FLAG_GSS_COMPATIBLE |
                SECPKG_FLAG_MUTUAL_AUTH | SECPKG_FLAG_DELEGATION,
            16, &kerberos::KerberosPackageInfo},
    Package{PackageId::kNtlm, kCommonCapabilities | SECPKG_FLAG_NEGOTIABLE, 10,
            &ntlm::NtlmPackageInfo}};

// The texts of the packages are ASCII: one character each in either form.
template <typename Char>
Char* CopyText(std::string_view text, Char*& place) {
  Char* const begin = place;
  place = std::copy(text.begin(), text.end(), place);
  *place++ = Char{0};
  return begin;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

template <typename PkgInfo>
SECURITY_STATUS Enumerate(PULONG pcPackages, PkgInfo** ppPackageInfo) {
  if (pcPackages == nullptr || ppPackageInfo == nullptr) {
    return SEC_E_INVALID_PARAMETER;
  }
  const SECURITY_STATUS status = PutPackageInfos(AllPackages(), *ppPackageInfo);
  if (status == SEC_E_OK) {
    *pcPackages = static_cast<ULONG>(AllPackages().size());
  }
  return status;
}

template <typename PkgInfo, typename Char>
SECURITY_STATUS Query(const Char* pszPackageName, PkgInfo** ppPackageInfo) {
  if (pszPackageName == nullptr || ppPackageInfo == nullptr) {
    return SEC_E_INVALID_PARAMETER;
  }
  const auto name = TextOf(pszPackageName);
  const Package* const package = name.has_value() ? FindPackage(*name) : nullptr;
  return package == nullptr ? SEC_E_SECPKG_NOT_FOUND
                            : PutPackageInfos(std::span(package, 1), *ppPackageInfo);
}

}  // namespace

std::span<const Package> AllPackages() { return kPackages; }

const Package* FindPackage(std::string_view name) {
  const auto found = std::ranges::find_if(kPackages, [name](const Package& package) {
    return EqualsIgnoringAsciiCase(package.info().name, name);
  });
  return found == kPackages.end() ? nullptr : &*found;
}

bool PackageListAllows(std::string_view list, PackageId package) {
  bool others_named = false;
  bool named = false;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view entry = Trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (entry.empty()) {
      continue;
    }
    const bool excluded = entry.front() == '!';
    const Package* const found = FindPackage(excluded ? entry.substr(1) : entry);
    const bool meant = found != nullptr && found->id == package;
    if (excluded && meant) {
      return false;
    }
    named = named || meant;
    others_named = others_named || !excluded;
  }
  return named || !others_named;
}

template <typename PkgInfo>
SECURITY_STATUS PutPackageInfos(std::span<const Package> packages, PkgInfo*& out) {
  using Char = std::remove_pointer_t<decltype(PkgInfo::Name)>;
  size_t characters = 0;
  for (const Package& package : packages) {
    characters += package.info().name.size() + package.info().comment.size() + 2;
  }
  void* const block = AllocateBlock(packages.size() * sizeof(PkgInfo) + characters * sizeof(Char));
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  auto* const infos = static_cast<PkgInfo*>(block);
  auto* text = reinterpret_cast<Char*>(infos + packages.size());
  for (size_t i = 0; i < packages.size(); ++i) {
    const PackageInfo& info = packages[i].info();
    infos[i] = {packages[i].capabilities,  kVersion,
                packages[i].rpc_id,        static_cast<ULONG>(info.max_token_size),
                CopyText(info.name, text), CopyText(info.comment, text)};
  }
  out = infos;
  return SEC_E_OK;
}

template SECURITY_STATUS PutPackageInfos(std::span<const Package>, SecPkgInfoA*&);
template SECURITY_STATUS PutPackageInfos(std::span<const Package>, SecPkgInfoW*&);

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_EnumerateSecurityPackagesA(PULONG pcPackages,
                                                         PSecPkgInfoA* ppPackageInfo) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Enumerate(pcPackages, ppPackageInfo); });
}

SECURITY_STATUS SEC_ENTRY epa_EnumerateSecurityPackagesW(PULONG pcPackages,
                                                         PSecPkgInfoW* ppPackageInfo) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Enumerate(pcPackages, ppPackageInfo); });
}

SECURITY_STATUS SEC_ENTRY epa_QuerySecurityPackageInfoA(SEC_CHAR* pszPackageName,
                                                        PSecPkgInfoA* ppPackageInfo) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Query(pszPackageName, ppPackageInfo); });
}

SECURITY_STATUS SEC_ENTRY epa_QuerySecurityPackageInfoW(SEC_WCHAR* pszPackageName,
                                                        PSecPkgInfoW* ppPackageInfo) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::Query(pszPackageName, ppPackageInfo); });
}
