// MakeSignature, VerifySignature, EncryptMessage and DecryptMessage.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/sspi/buffers.h"
#include "lib/sspi/context.h"
#include "lib/sspi/message_body.h"

namespace epa::sspi {
namespace {

// RFC 4121 4.2.6.2: the header of a Kerberos message.
constexpr size_t kHeaderSize = 16;
constexpr size_t kFlagsOffset = 2;
constexpr uint8_t kSealedFlag = 0x02;
constexpr size_t kRotationOffset = 6;

SECURITY_STATUS StatusOfMessage(const absl::Status& status) {
  if (status.ok()) {
    return SEC_E_OK;
  }
  if (absl::IsDataLoss(status)) {
    return SEC_E_MESSAGE_ALTERED;
  }
  if (absl::IsOutOfRange(status)) {
    return SEC_E_OUT_OF_SEQUENCE;
  }
  if (absl::IsFailedPrecondition(status)) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  return absl::IsInvalidArgument(status) ? SEC_E_INVALID_TOKEN : SEC_E_INTERNAL_ERROR;
}

// A context's protection and the caller's buffers for one message.
struct Work {
  bool kerberos = false;
  MessageProtection* protection = nullptr;
  BufferList list;
  SecBuffer* token = nullptr;  // null: none

  bool has_read_only_checksum() const {
    return std::ranges::any_of(list.all(), [](const SecBuffer& buffer) {
      return TypeOf(buffer) == SECBUFFER_DATA &&
             (buffer.BufferType & SECBUFFER_READONLY_WITH_CHECKSUM) != 0;
    });
  }
};

template <typename Body>
SECURITY_STATUS WithMessage(const SecHandle* handle, PSecBufferDesc descriptor, const Body& body) {
  return WithEstablished(handle, [&](Context& context) {
    const auto list = BufferList::Of(descriptor);
    if (!list.has_value()) {
      return SEC_E_INVALID_TOKEN;
    }
    const auto protection = context.login->message_protection();
    if (!protection.ok()) {
      return SEC_E_UNSUPPORTED_FUNCTION;
    }
    Work work = {context.login->package_name().value_or("") == "Kerberos", *protection, *list,
                 list->Find(SECBUFFER_TOKEN)};
    return body(work);
  });
}

// The place for a signature of that size, which cbBuffer then says.
SECURITY_STATUS RoomFor(size_t size, SecBuffer* token, std::span<uint8_t>& out) {
  const auto room = token == nullptr ? std::nullopt : OctetsOf(*token);
  if (!room.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  token->cbBuffer = static_cast<ULONG>(size);
  if (room->size() < size) {
    return SEC_E_BUFFER_TOO_SMALL;
  }
  out = room->first(size);
  return SEC_E_OK;
}

SECURITY_STATUS Sign(Work& work) {
  auto message = MessageBody::Of(work.list, SECBUFFER_READONLY);
  if (!message.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  std::span<uint8_t> signature;
  const SECURITY_STATUS room = RoomFor(work.protection->signature_size(), work.token, signature);
  return room != SEC_E_OK ? room
                          : StatusOfMessage(work.protection->Sign(message->octets(), signature));
}

SECURITY_STATUS Verify(Work& work) {
  auto message = MessageBody::Of(work.list, SECBUFFER_READONLY);
  const auto signature = work.token == nullptr ? std::nullopt : OctetsOf(*work.token);
  if (!message.has_value() || !signature.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  return StatusOfMessage(work.protection->Verify(message->octets(), *signature));
}

SECURITY_STATUS Seal(Work& work, MessageBody& message) {
  std::span<uint8_t> signature;
  const SECURITY_STATUS room =
      RoomFor(work.protection->seal_signature_size(), work.token, signature);
  if (room != SEC_E_OK) {
    return room;
  }
  const absl::Status status = work.protection->Seal(message.octets(), signature);
  return status.ok() && !message.PutBack(message.octets().size()) ? SEC_E_INTERNAL_ERROR
                                                                  : StatusOfMessage(status);
}

// Kerberos: header and checksum before the message, which RFC 4121 4.2.5 calls a rotation by the
// checksum's size; the message itself is not touched.
SECURITY_STATUS SignKerberosWrap(Work& work, MessageBody& message) {
  const size_t size = message.octets().size();
  std::span<uint8_t> signature;
  const SECURITY_STATUS room = RoomFor(work.protection->signature_size(), work.token, signature);
  if (room != SEC_E_OK) {
    return room;
  }
  const auto wrapped = work.protection->Wrap(message.octets(), WrapKind::kSigned);
  if (!wrapped.ok()) {
    return StatusOfMessage(wrapped.status());
  }
  const std::span<const uint8_t> all(*wrapped);
  if (all.size() != signature.size() + size) {
    return SEC_E_INTERNAL_ERROR;
  }
  std::ranges::copy(all.first(kHeaderSize), signature.begin());
  std::ranges::copy(all.subspan(kHeaderSize + size), signature.subspan(kHeaderSize).begin());
  const size_t rotation = signature.size() - kHeaderSize;
  signature[kRotationOffset] = static_cast<uint8_t>(rotation >> 8);
  signature[kRotationOffset + 1] = static_cast<uint8_t>(rotation);
  return SEC_E_OK;
}

SECURITY_STATUS Encrypt(Work& work, ULONG quality) {
  if (quality != 0 && quality != SECQOP_WRAP_NO_ENCRYPT) {
    return SEC_E_QOP_NOT_SUPPORTED;
  }
  auto message = MessageBody::Of(work.list, SECBUFFER_READONLY);
  if (!message.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  if (work.has_read_only_checksum()) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  if (SecBuffer* const padding = work.list.Find(SECBUFFER_PADDING); padding != nullptr) {
    padding->cbBuffer = 0;
  }
  if (quality == 0) {
    return Seal(work, *message);
  }
  return work.kerberos ? SignKerberosWrap(work, *message) : Sign(work);
}

// NTLM's messages do not say what they are: what was agreed on tells.
WrapKind KindOf(const Work& work, std::span<const uint8_t> header) {
  const bool sealed =
      work.kerberos ? header.size() > kFlagsOffset && (header[kFlagsOffset] & kSealedFlag) != 0
                    : work.protection->can_seal();
  return sealed ? WrapKind::kSealed : WrapKind::kSigned;
}

// NTLM leaves the caller's variable alone, as on Windows.
void TellQuality(const Work& work, WrapKind kind, PULONG quality) {
  if (quality != nullptr && work.kerberos) {
    *quality = kind == WrapKind::kSealed ? 0 : SECQOP_WRAP_NO_ENCRYPT;
  }
}

absl::Status UnprotectInPlace(Work& work, WrapKind kind, std::span<uint8_t> message,
                              std::span<const uint8_t> signature) {
  return kind == WrapKind::kSealed ? work.protection->Unseal(message, signature)
                                   : work.protection->Verify(message, signature);
}

// A token of any layout, with the message behind it.
SECURITY_STATUS UnwrapJoined(Work& work, WrapKind kind, MessageBody& message,
                             std::span<const uint8_t> token) {
  std::vector<uint8_t> wrapped(token.begin(), token.end());
  wrapped.insert(wrapped.end(), message.octets().begin(), message.octets().end());
  if (const SecBuffer* const padding = work.list.Find(SECBUFFER_PADDING); padding != nullptr) {
    const auto octets = OctetsOf(*padding);
    if (!octets.has_value()) {
      return SEC_E_INVALID_TOKEN;
    }
    wrapped.insert(wrapped.end(), octets->begin(), octets->end());
  }
  const auto plain = work.protection->Unwrap(wrapped, kind);
  if (!plain.ok()) {
    WipeMemory(message.octets());
    return StatusOfMessage(plain.status());
  }
  if (plain->size() > message.octets().size()) {
    return SEC_E_BUFFER_TOO_SMALL;
  }
  std::ranges::copy(*plain, message.octets().begin());
  return message.PutBack(plain->size()) ? SEC_E_OK : SEC_E_BUFFER_TOO_SMALL;
}

SECURITY_STATUS DecryptApart(Work& work, PULONG quality) {
  auto message = MessageBody::Of(work.list, SECBUFFER_READONLY);
  const auto token = work.token == nullptr ? std::nullopt : OctetsOf(*work.token);
  if (!message.has_value() || !token.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  if (work.has_read_only_checksum()) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  const WrapKind kind = KindOf(work, *token);
  TellQuality(work, kind, quality);
  if (work.kerberos &&
      (kind == WrapKind::kSigned || token->size() != work.protection->seal_signature_size())) {
    return UnwrapJoined(work, kind, *message, *token);
  }
  const absl::Status status = UnprotectInPlace(work, kind, message->octets(), *token);
  return message->PutBack(message->octets().size()) ? StatusOfMessage(status)
                                                    : SEC_E_INTERNAL_ERROR;
}

SECURITY_STATUS DecryptStream(Work& work, std::span<uint8_t> stream, SecBuffer& data,
                              PULONG quality) {
  const WrapKind kind = KindOf(work, stream);
  TellQuality(work, kind, quality);
  std::span<uint8_t> message;
  if (work.kerberos) {
    const auto plain = work.protection->Unwrap(stream, kind);
    if (!plain.ok()) {
      return StatusOfMessage(plain.status());
    }
    message = stream.first(plain->size());
    std::ranges::copy(*plain, message.begin());
  } else {
    const size_t size = kind == WrapKind::kSealed ? work.protection->seal_signature_size()
                                                  : work.protection->signature_size();
    if (stream.size() < size) {
      return SEC_E_INCOMPLETE_MESSAGE;
    }
    message = stream.subspan(size);
    const absl::Status status = UnprotectInPlace(work, kind, message, stream.first(size));
    if (!status.ok()) {
      return StatusOfMessage(status);
    }
  }
  data.pvBuffer = message.data();
  data.cbBuffer = static_cast<ULONG>(message.size());
  return SEC_E_OK;
}

SECURITY_STATUS Decrypt(Work& work, PULONG quality) {
  const SecBuffer* const stream = work.list.Find(SECBUFFER_STREAM);
  if (stream == nullptr) {
    return DecryptApart(work, quality);
  }
  const auto octets = OctetsOf(*stream);
  SecBuffer* const data = work.list.Find(SECBUFFER_DATA);
  return octets.has_value() && data != nullptr ? DecryptStream(work, *octets, *data, quality)
                                               : SEC_E_INVALID_TOKEN;
}

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                            PSecBufferDesc pMessage, ULONG) noexcept {
  return epa::sspi::WithMessage(phContext, pMessage, [&](epa::sspi::Work& work) {
    return fQOP == 0 ? epa::sspi::Sign(work) : SEC_E_QOP_NOT_SUPPORTED;
  });
}

SECURITY_STATUS SEC_ENTRY epa_VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG,
                                              PULONG) noexcept {
  return epa::sspi::WithMessage(phContext, pMessage,
                                [](epa::sspi::Work& work) { return epa::sspi::Verify(work); });
}

SECURITY_STATUS SEC_ENTRY epa_EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                             PSecBufferDesc pMessage, ULONG) noexcept {
  return epa::sspi::WithMessage(
      phContext, pMessage, [&](epa::sspi::Work& work) { return epa::sspi::Encrypt(work, fQOP); });
}

SECURITY_STATUS SEC_ENTRY epa_DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG,
                                             PULONG pfQOP) noexcept {
  return epa::sspi::WithMessage(
      phContext, pMessage, [&](epa::sspi::Work& work) { return epa::sspi::Decrypt(work, pfQOP); });
}
