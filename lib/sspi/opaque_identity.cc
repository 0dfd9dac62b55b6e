// Identities that a program builds, wipes and releases without knowing their layout.
#include <cstring>
#include <limits>
#include <string_view>

#include "epa/base/secret.h"
#include "epa/sspi/sspi.h"
#include "lib/sspi/auth_data.h"
#include "lib/sspi/memory.h"

namespace epa::sspi {
namespace {

using WideView = std::basic_string_view<SEC_WCHAR>;

constexpr GUID kPasswordType = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_GUID;
constexpr size_t kMaxOctets = std::numeric_limits<USHORT>::max() / 2;

size_t OctetsIn(WideView text) { return text.size() * sizeof(SEC_WCHAR); }

WideView ViewOf(PCWSTR text) { return text == nullptr ? WideView() : WideView(text); }

// SEC_WINNT_AUTH_IDENTITY_EX2, SEC_WINNT_AUTH_PACKED_CREDENTIALS, SEC_WINNT_AUTH_DATA_PASSWORD and
// the texts, one behind the other.
struct Layout {
  Layout(WideView user, WideView domain, WideView password)
      : user_offset(sizeof(SEC_WINNT_AUTH_IDENTITY_EX2)),
        domain_offset(user_offset + OctetsIn(user)),
        packed_offset((domain_offset + OctetsIn(domain) + 3) / 4 * 4),
        packed_size(sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS) +
                    sizeof(SEC_WINNT_AUTH_DATA_PASSWORD) + OctetsIn(password)),
        size(packed_offset + packed_size) {}

  size_t user_offset;
  size_t domain_offset;
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
  std::memcpy(place + sizeof(packed) + sizeof(data), password.data(), OctetsIn(password));
}

SECURITY_STATUS Encode(WideView user, WideView domain, WideView password,
                       PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  if (out == nullptr || OctetsIn(user) > kMaxOctets || OctetsIn(domain) > kMaxOctets ||
      OctetsIn(password) > kMaxOctets) {
    return SEC_E_INVALID_PARAMETER;
  }
  const Layout layout(user, domain, password);
  auto* const block = static_cast<uint8_t*>(AllocateBlock(layout.size));
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};
  header.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
  header.cbHeaderLength = sizeof(header);
  header.cbStructureLength = static_cast<ULONG>(layout.size);
  header.UserOffset = static_cast<ULONG>(layout.user_offset);
  header.UserLength = static_cast<USHORT>(OctetsIn(user));
  header.DomainOffset = static_cast<ULONG>(layout.domain_offset);
  header.DomainLength = static_cast<USHORT>(OctetsIn(domain));
  header.PackedCredentialsOffset = static_cast<ULONG>(layout.packed_offset);
  header.PackedCredentialsLength = static_cast<USHORT>(layout.packed_size);
  header.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
  std::memcpy(block, &header, sizeof(header));
  std::memcpy(block + layout.user_offset, user.data(), OctetsIn(user));
  std::memcpy(block + layout.domain_offset, domain.data(), OctetsIn(domain));
  WritePacked(password, layout.packed_size, block + layout.packed_offset);
  *out = block;
  return SEC_E_OK;
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
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity) noexcept {
  using epa::sspi::ViewOf;
  return epa::sspi::Encode(ViewOf(pszUserName), ViewOf(pszDomainName),
                           ViewOf(pszPackedCredentialsString), ppAuthIdentity);
}

void SEC_ENTRY epa_SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) noexcept {
  epa::sspi::FreeBlock(AuthData);
}

void SEC_ENTRY epa_SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData) noexcept {
  if (AuthData != nullptr) {
    epa::sspi::Zero(AuthData);
  }
}
