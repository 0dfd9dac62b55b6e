// Identities that a program builds, wipes and releases without knowing their layout.
#include "lib/sspi/opaque_identity.h"

#include <cstring>
#include <limits>

#include "epa/base/secret.h"
#include "lib/sspi/auth_data.h"
#include "lib/sspi/memory.h"

namespace epa::sspi {
namespace {

constexpr GUID kPasswordType = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_GUID;
constexpr size_t kMaxOctets = std::numeric_limits<USHORT>::max() / 2;

size_t OctetsIn(WideView text) { return text.size() * sizeof(SEC_WCHAR); }

std::optional<WideView> ViewOf(PCWSTR text) {
  return text == nullptr ? std::nullopt : std::optional(WideView(text));
}

// SEC_WINNT_AUTH_IDENTITY_EX2, the texts, and where there is a password
// SEC_WINNT_AUTH_PACKED_CREDENTIALS with SEC_WINNT_AUTH_DATA_PASSWORD, one behind the other.
struct Layout {
  explicit Layout(const OpaqueParts& parts)
      : user_offset(sizeof(SEC_WINNT_AUTH_IDENTITY_EX2)),
        domain_offset(user_offset + OctetsIn(parts.user.value_or(WideView()))),
        list_offset(domain_offset + OctetsIn(parts.domain.value_or(WideView()))),
        packed_offset((list_offset + OctetsIn(parts.package_list) + 3) / 4 * 4),
        packed_size(parts.password.has_value()
                        ? sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS) +
                              sizeof(SEC_WINNT_AUTH_DATA_PASSWORD) + OctetsIn(*parts.password)
                        : 0),
        size(packed_offset + packed_size) {}

  size_t user_offset;
  size_t domain_offset;
  size_t list_offset;
  size_t packed_offset;
  size_t packed_size;
  size_t size;
};

void WritePacked(WideView password, size_t size, uint8_t* place) {
  SEC_WINNT_AUTH_PACKED_CREDENTIALS packed{};
  packed.cbHeaderLength = sizeof(packed);
  packed.cbStructureLength = static_cast<USHORT>(size);
  packed.AuthData.CredType = kPasswordType;
  packed.AuthData.CredData.ByteArrayOffset = sizeof(packed);
  packed.AuthData.CredData.ByteArrayLength = static_cast<USHORT>(size - sizeof(packed));
  SEC_WINNT_AUTH_DATA_PASSWORD data{};
  data.UnicodePassword.ByteArrayOffset = sizeof(packed) + sizeof(data);
  data.UnicodePassword.ByteArrayLength = static_cast<USHORT>(OctetsIn(password));
  std::memcpy(place, &packed, sizeof(packed));
  std::memcpy(place + sizeof(packed), &data, sizeof(data));
  if (!password.empty()) {
    std::memcpy(place + sizeof(packed) + sizeof(data), password.data(), OctetsIn(password));
  }
}

// Into `place`, if there is anything; its octets there.
USHORT Write(WideView text, uint8_t* place) {
  if (!text.empty()) {
    std::memcpy(place, text.data(), OctetsIn(text));
  }
  return static_cast<USHORT>(OctetsIn(text));
}

void Wipe(void* octets, size_t size) {
  if (octets != nullptr) {
    WipeMemory({static_cast<uint8_t*>(octets), size});
  }
}

template <typename Identity>
void WipeTexts(const Identity& identity) {
  const size_t width = (identity.Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) != 0 ? 2 : 1;
  Wipe(identity.User, identity.UserLength * width);
  Wipe(identity.Domain, identity.DomainLength * width);
  Wipe(identity.Password, identity.PasswordLength * width);
}

// All behind the header of an EX2, so that SspiFreeAuthIdentity still knows what it is.
void Zero(void* data) {
  const Heading heading = HeadingOf(data);
  if (heading.version == SEC_WINNT_AUTH_IDENTITY_VERSION_2) {
    SEC_WINNT_AUTH_IDENTITY_EX2 header;
    std::memcpy(&header, data, sizeof(header));
    if (header.cbStructureLength > sizeof(header)) {
      Wipe(static_cast<uint8_t*>(data) + sizeof(header), header.cbStructureLength - sizeof(header));
    }
  } else if (heading.version == SEC_WINNT_AUTH_IDENTITY_VERSION &&
             heading.length == sizeof(SEC_WINNT_AUTH_IDENTITY_EXA)) {
    WipeTexts(*static_cast<const SEC_WINNT_AUTH_IDENTITY_EXA*>(data));
  } else {
    WipeTexts(*static_cast<const SEC_WINNT_AUTH_IDENTITY_A*>(data));
  }
}

}  // namespace

SECURITY_STATUS EncodeIdentity(const OpaqueParts& parts, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  const WideView user = parts.user.value_or(WideView());
  const WideView domain = parts.domain.value_or(WideView());
  const WideView password = parts.password.value_or(WideView());
  for (const WideView text : {user, domain, password, parts.package_list}) {
    if (OctetsIn(text) > kMaxOctets) {
      return SEC_E_INVALID_PARAMETER;
    }
  }
  const Layout layout(parts);
  auto* const block = static_cast<uint8_t*>(AllocateBlock(layout.size));
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};
  header.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
  header.cbHeaderLength = sizeof(header);
  header.cbStructureLength = static_cast<ULONG>(layout.size);
  header.UserOffset = static_cast<ULONG>(layout.user_offset);
  header.UserLength = Write(user, block + layout.user_offset);
  header.DomainOffset = static_cast<ULONG>(layout.domain_offset);
  header.DomainLength = Write(domain, block + layout.domain_offset);
  header.PackageListOffset = static_cast<ULONG>(layout.list_offset);
  header.PackageListLength = Write(parts.package_list, block + layout.list_offset);
  header.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE |
                 (parts.user.has_value() ? 0 : SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER) |
                 (parts.domain.has_value() ? 0 : SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN);
  if (parts.password.has_value()) {
    header.PackedCredentialsOffset = static_cast<ULONG>(layout.packed_offset);
    header.PackedCredentialsLength = static_cast<USHORT>(layout.packed_size);
    WritePacked(password, layout.packed_size, block + layout.packed_offset);
  }
  std::memcpy(block, &header, sizeof(header));
  *out = block;
  return SEC_E_OK;
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) noexcept {
  if (ppAuthIdentity == nullptr || (pszUserName == nullptr && pszDomainName == nullptr &&
                                    pszPackedCredentialsString == nullptr)) {
    return SEC_E_INVALID_TOKEN;
  }
  using epa::sspi::ViewOf;
  return epa::sspi::EncodeIdentity(
      {ViewOf(pszUserName), ViewOf(pszDomainName), ViewOf(pszPackedCredentialsString), {}},
      ppAuthIdentity);
}

void SEC_ENTRY epa_SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) noexcept {
  epa::sspi::FreeBlock(AuthData);
}

void SEC_ENTRY epa_SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) noexcept {
  if (AuthData != nullptr) {
    epa::sspi::Zero(AuthData);
  }
}
