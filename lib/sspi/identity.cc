// SEC_WINNT_AUTH_IDENTITY in all its forms: a user, a domain and a password.
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"
#include "lib/sspi/auth_data.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kMaxCharacters = 0x10000;
constexpr ULONG kKindMask = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;
// What may stand beside the kind: that a part is null, which its pointer or length says as well.
constexpr ULONG kNullMask =
    SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER | SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN;
constexpr GUID kPasswordType = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_GUID;

// The A and W structures have one layout.
static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W));
static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW));

struct CountedText {
  const void* characters;
  ULONG length;
};

absl::Status NotText(std::string_view what) {
  return absl::InvalidArgumentError(std::string(what) + " of the identity is no text");
}

std::optional<std::string> Decode(const CountedText& text, bool wide) {
  if (text.length > kMaxCharacters || (text.characters == nullptr && text.length != 0)) {
    return std::nullopt;
  }
  return wide ? TextOf(std::span(static_cast<const SEC_WCHAR*>(text.characters), text.length))
              : TextOf(std::span(static_cast<const SEC_CHAR*>(text.characters), text.length));
}

// Encrypted parts are not text, and what an unknown flag says of them is unknown.
absl::Status CheckFlags(ULONG flags, ULONG known) {
  return (flags & ~known) == 0 ? absl::OkStatus()
                               : absl::InvalidArgumentError(
                                     "the identity is encrypted or has flags that are not known");
}

absl::Status TakePassword(std::optional<std::string> text, AuthData& out) {
  if (!text.has_value()) {
    return NotText("the password");
  }
  out.password = std::make_shared<const SecretBytes>(SecretBytes::FromText(*text));
  WipeMemory({reinterpret_cast<uint8_t*>(text->data()), text->size()});
  return absl::OkStatus();
}

absl::Status TakeText(std::optional<std::string> text, std::string_view what, std::string& out) {
  if (!text.has_value()) {
    return NotText(what);
  }
  out = *std::move(text);
  return absl::OkStatus();
}

struct IdentityParts {
  CountedText user;
  CountedText domain;
  CountedText password;
  CountedText package_list;
  ULONG flags;
};

absl::Status ReadParts(const IdentityParts& parts, AuthData& out) {
  EPA_RETURN_IF_ERROR(CheckFlags(parts.flags, kKindMask | kNullMask));
  const ULONG kind = parts.flags & kKindMask;
  if (kind == 0 || kind == kKindMask) {
    return absl::InvalidArgumentError("the identity says neither ANSI nor Unicode, or both");
  }
  const bool wide = kind == SEC_WINNT_AUTH_IDENTITY_UNICODE;
  EPA_RETURN_IF_ERROR(TakeText(Decode(parts.user, wide), "the user", out.user));
  EPA_RETURN_IF_ERROR(TakeText(Decode(parts.domain, wide), "the domain", out.domain));
  EPA_RETURN_IF_ERROR(
      TakeText(Decode(parts.package_list, wide), "the package list", out.package_list));
  if (parts.password.characters != nullptr) {
    EPA_RETURN_IF_ERROR(TakePassword(Decode(parts.password, wide), out));
  }
  // Empty strings, as opposed to none, are Windows' way to be nobody.
  if (out.user.empty() && out.domain.empty() && parts.user.characters != nullptr &&
      out.password != nullptr && out.password->empty()) {
    out.flags |= EPA_AUTH_ANONYMOUS;
    out.password.reset();
  }
  return absl::OkStatus();
}

template <typename Identity>
IdentityParts PartsOf(const Identity& identity) {
  return {{identity.User, identity.UserLength},
          {identity.Domain, identity.DomainLength},
          {identity.Password, identity.PasswordLength},
          {nullptr, 0},
          identity.Flags};
}

// A part of an EX2 in wide characters; no value where it leaves the structure.
std::optional<std::string> WidePart(const ByteReader& whole, uint64_t offset, uint64_t size) {
  std::span<const uint8_t> octets;
  if (size == 0) {
    return std::string();
  }
  if (size % sizeof(SEC_WCHAR) != 0 || !whole.SpanAt(offset, size, octets)) {
    return std::nullopt;
  }
  std::vector<SEC_WCHAR> characters(octets.size() / sizeof(SEC_WCHAR));
  std::memcpy(characters.data(), octets.data(), octets.size());
  auto text = TextOf(std::span<const SEC_WCHAR>(characters));
  WipeMemory({reinterpret_cast<uint8_t*>(characters.data()), octets.size()});
  return text;
}

// SEC_WINNT_AUTH_PACKED_CREDENTIALS with a password.
absl::Status ReadPackedPassword(std::span<const uint8_t> octets, AuthData& out) {
  SEC_WINNT_AUTH_PACKED_CREDENTIALS packed;
  SEC_WINNT_AUTH_DATA_PASSWORD password;
  if (octets.size() < sizeof(packed)) {
    return absl::InvalidArgumentError("the packed credentials are cut off");
  }
  std::memcpy(&packed, octets.data(), sizeof(packed));
  const ByteReader whole(octets);
  std::span<const uint8_t> data;
  if (std::memcmp(&packed.AuthData.CredType, &kPasswordType, sizeof(GUID)) != 0 ||
      packed.AuthData.CredData.ByteArrayLength < sizeof(password) ||
      !whole.SpanAt(packed.AuthData.CredData.ByteArrayOffset,
                    packed.AuthData.CredData.ByteArrayLength, data)) {
    return absl::InvalidArgumentError("the packed credentials are no password");
  }
  std::memcpy(&password, data.data(), sizeof(password));
  return TakePassword(WidePart(whole, password.UnicodePassword.ByteArrayOffset,
                               password.UnicodePassword.ByteArrayLength),
                      out);
}

}  // namespace

absl::Status ReadIdentity(const void* data, AuthData& out) {
  const Heading heading = HeadingOf(data);
  // No address begins with so many zeros: a version, and the length of another structure.
  constexpr ULONG kShortestUpperHalf = 0x1000;
  if (heading.version == SEC_WINNT_AUTH_IDENTITY_VERSION &&
      heading.length != sizeof(SEC_WINNT_AUTH_IDENTITY_EXW) &&
      heading.length < kShortestUpperHalf) {
    return absl::InvalidArgumentError("the extended identity has another length");
  }
  if (heading.version != SEC_WINNT_AUTH_IDENTITY_VERSION ||
      heading.length != sizeof(SEC_WINNT_AUTH_IDENTITY_EXW)) {
    return ReadParts(PartsOf(*static_cast<const SEC_WINNT_AUTH_IDENTITY_W*>(data)), out);
  }
  const auto& extended = *static_cast<const SEC_WINNT_AUTH_IDENTITY_EXW*>(data);
  IdentityParts parts = PartsOf(extended);
  parts.package_list = {extended.PackageList, extended.PackageListLength};
  return ReadParts(parts, out);
}

absl::Status ReadIdentityEx2(const void* data, AuthData& out) {
  SEC_WINNT_AUTH_IDENTITY_EX2 header;
  std::memcpy(&header, data, sizeof(header));
  if (header.cbHeaderLength < sizeof(header) || header.cbStructureLength < header.cbHeaderLength ||
      (header.Flags & kKindMask) != SEC_WINNT_AUTH_IDENTITY_UNICODE) {
    return absl::InvalidArgumentError(
        "the lengths of the identity contradict, or it is not Unicode");
  }
  // All of it is in one piece, which is what the third flag says.
  EPA_RETURN_IF_ERROR(CheckFlags(header.Flags, SEC_WINNT_AUTH_IDENTITY_UNICODE |
                                                   SEC_WINNT_AUTH_IDENTITY_MARSHALLED | kNullMask));
  const ByteReader whole({static_cast<const uint8_t*>(data), header.cbStructureLength});
  EPA_RETURN_IF_ERROR(
      TakeText(WidePart(whole, header.UserOffset, header.UserLength), "the user", out.user));
  EPA_RETURN_IF_ERROR(TakeText(WidePart(whole, header.DomainOffset, header.DomainLength),
                               "the domain", out.domain));
  EPA_RETURN_IF_ERROR(TakeText(WidePart(whole, header.PackageListOffset, header.PackageListLength),
                               "the package list", out.package_list));
  if (header.PackedCredentialsLength == 0) {
    return absl::OkStatus();
  }
  std::span<const uint8_t> packed;
  if (!whole.SpanAt(header.PackedCredentialsOffset, header.PackedCredentialsLength, packed)) {
    return absl::InvalidArgumentError("the packed credentials lie outside of the identity");
  }
  return ReadPackedPassword(packed, out);
}

}  // namespace epa::sspi
