#include "lib/sspi/packages.h"

#include <algorithm>
#include <array>

#include "epa/kerberos/kerberos.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/ascii.h"
#include "lib/sspi/added_packages.h"
#include "lib/sspi/entry.h"
#include "lib/sspi/memory.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

// What Windows says of its packages of these names, without DATAGRAM and READONLY_WITH_CHECKSUM,
// which ours do not do. Programs compare them.
constexpr ULONG kCommonCapabilities =
    SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION |
    SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_IMPERSONATION | SECPKG_FLAG_ACCEPT_WIN32_NAME |
    SECPKG_FLAG_NEGOTIABLE | SECPKG_FLAG_LOGON | SECPKG_FLAG_RESTRICTED_TOKENS;
constexpr ULONG kNegotiateCapabilities =
    kCommonCapabilities | SECPKG_FLAG_EXTENDED_ERROR | SECPKG_FLAG_GSS_COMPATIBLE;
constexpr ULONG kKerberosCapabilities = kCommonCapabilities | SECPKG_FLAG_TOKEN_ONLY |
                                        SECPKG_FLAG_EXTENDED_ERROR | SECPKG_FLAG_GSS_COMPATIBLE |
                                        SECPKG_FLAG_MUTUAL_AUTH | SECPKG_FLAG_DELEGATION;
constexpr ULONG kNtlmCapabilities = kCommonCapabilities | SECPKG_FLAG_TOKEN_ONLY;

PackagePtr MakePackage(PackageId id, ULONG capabilities, USHORT rpc_id, const PackageInfo& info) {
  constexpr USHORT kVersion = 1;
  return std::make_shared<const Package>(Package{id, capabilities, kVersion, rpc_id,
                                                 info.max_token_size, std::string(info.name),
                                                 std::string(info.comment), nullptr});
}

template <typename List>
PackagePtr FindIn(const List& packages, std::string_view name) {
  const auto found = std::ranges::find_if(packages, [name](const PackagePtr& package) {
    return EqualsIgnoringAsciiCase(package->name, name);
  });
  return found == packages.end() ? nullptr : *found;
}

template <typename Char>
Char* CopyText(const SecretBytes& text, Char*& place) {
  Char* const begin = place;
  std::ranges::copy(text.Expose(), reinterpret_cast<uint8_t*>(place));
  place += text.size() / sizeof(Char);
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
  const std::vector<PackagePtr> packages = AllPackages();
  const SECURITY_STATUS status =
      PutPackageInfos(std::span<const PackagePtr>(packages), *ppPackageInfo);
  if (status == SEC_E_OK) {
    *pcPackages = static_cast<ULONG>(packages.size());
  }
  return status;
}

template <typename PkgInfo, typename Char>
SECURITY_STATUS Query(const Char* pszPackageName, PkgInfo** ppPackageInfo) {
  if (pszPackageName == nullptr || ppPackageInfo == nullptr) {
    return SEC_E_INVALID_PARAMETER;
  }
  const auto name = TextOf(pszPackageName);
  const PackagePtr package = name.has_value() ? FindPackage(*name) : nullptr;
  return package == nullptr
             ? SEC_E_SECPKG_NOT_FOUND
             : PutPackageInfos(std::span<const PackagePtr>(&package, 1), *ppPackageInfo);
}

}  // namespace

std::span<const PackagePtr> OwnPackages() {
  static const auto& packages = *new std::array<PackagePtr, 3>{
      MakePackage(PackageId::kNegotiate, kNegotiateCapabilities, 9,
                  negotiate::NegotiatePackageInfo()),
      MakePackage(PackageId::kKerberos, kKerberosCapabilities, 16, kerberos::KerberosPackageInfo()),
      MakePackage(PackageId::kNtlm, kNtlmCapabilities, 10, ntlm::NtlmPackageInfo())};
  return packages;
}

std::vector<PackagePtr> AllPackages() {
  std::vector<PackagePtr> packages(OwnPackages().begin(), OwnPackages().end());
  TheAddedPackages().AppendTo(packages);
  return packages;
}

PackagePtr FindPackage(std::string_view name) {
  PackagePtr own = FindIn(OwnPackages(), name);
  return own != nullptr ? own : FindIn(AllPackages(), name);
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
    const PackagePtr found = FindIn(OwnPackages(), excluded ? entry.substr(1) : entry);
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
SECURITY_STATUS PutPackageInfos(std::span<const PackagePtr> packages, PkgInfo*& out) {
  using Char = std::remove_pointer_t<decltype(PkgInfo::Name)>;
  std::vector<SecretBytes> texts;
  size_t size = packages.size() * sizeof(PkgInfo);
  for (const PackagePtr& package : packages) {
    for (const std::string* text : {&package->name, &package->comment}) {
      texts.push_back(EncodeText(*text, Char()).value_or(SecretBytes()));
      size += texts.back().size() + sizeof(Char);
    }
  }
  void* const block = AllocateBlock(size);
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  auto* const infos = static_cast<PkgInfo*>(block);
  auto* text = reinterpret_cast<Char*>(infos + packages.size());
  for (size_t i = 0; i < packages.size(); ++i) {
    const Package& package = *packages[i];
    Char* const name = CopyText(texts[2 * i], text);
    infos[i] = {package.capabilities,
                package.version,
                package.rpc_id,
                static_cast<ULONG>(package.max_token_size),
                name,
                CopyText(texts[2 * i + 1], text)};
  }
  out = infos;
  return SEC_E_OK;
}

template SECURITY_STATUS PutPackageInfos(std::span<const PackagePtr>, SecPkgInfoA*&);
template SECURITY_STATUS PutPackageInfos(std::span<const PackagePtr>, SecPkgInfoW*&);

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
