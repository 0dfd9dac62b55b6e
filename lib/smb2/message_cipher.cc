#include "lib/smb2/message_cipher.h"

#include <algorithm>
#include <vector>

#include "lib/base/byte_reader.h"
#include "lib/base/byte_writer.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

constexpr uint16_t kEncrypted = 0x0001;  // [MS-SMB2] 2.2.41: Flags, and EncryptionAlgorithm of 3.0
constexpr size_t kProtectedOffset = 20;  // the additional data: from Nonce to the header's end

crypto::AeadAlgorithm AlgorithmOf(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAes128Ccm:
      return crypto::AeadAlgorithm::kAes128Ccm;
    case Cipher::kAes128Gcm:
      return crypto::AeadAlgorithm::kAes128Gcm;
    case Cipher::kAes256Ccm:
      return crypto::AeadAlgorithm::kAes256Ccm;
    case Cipher::kAes256Gcm:
      break;
  }
  return crypto::AeadAlgorithm::kAes256Gcm;
}

}  // namespace

bool IsTransformed(std::span<const uint8_t> message) {
  return ByteReader(message).Match(kTransformProtocolId);
}

absl::StatusOr<TransformHeader> ParseTransformHeader(std::span<const uint8_t> message) {
  ByteReader reader(message);
  TransformHeader header;
  uint16_t reserved = 0;
  uint16_t flags = 0;
  if (!reader.Match(kTransformProtocolId) ||
      !reader.ReadArray(std::span<uint8_t, kSignatureSize>(header.signature)) ||
      !reader.ReadArray(std::span<uint8_t, 16>(header.nonce)) ||
      !reader.ReadU32(header.original_size) || !reader.ReadU16(reserved) ||
      !reader.ReadU16(flags) || !reader.ReadU64(header.session_id)) {
    return MalformedAt(reader, "the transform header is cut short");
  }
  if (flags != kEncrypted) {
    return MalformedAt(reader, "the transform header does not say encrypted");
  }
  if (header.original_size != reader.remaining()) {
    return MalformedAt(reader, "the transform header's original size is not what follows");
  }
  return header;
}

void WriteTransformHeader(const TransformHeader& header,
                          std::span<uint8_t, kTransformHeaderSize> out) {
  ByteWriter writer(kTransformHeaderSize);
  writer.WriteBytes(kTransformProtocolId);
  writer.WriteBytes(header.signature);
  writer.WriteBytes(header.nonce);
  writer.WriteU32(header.original_size);
  writer.WriteU16(0);
  writer.WriteU16(kEncrypted);
  writer.WriteU64(header.session_id);
  std::copy(writer.written().begin(), writer.written().end(), out.begin());
}

MessageCipher::MessageCipher(Cipher cipher, crypto::Aead::Direction direction,
                             const SecretBytes& key, uint64_t session_id)
    : nonce_size_(crypto::AeadNonceSize(AlgorithmOf(cipher))),
      aead_(AlgorithmOf(cipher), direction, key.Expose()),
      session_id_(session_id) {}

void MessageCipher::Seal(std::span<uint8_t> message) {
  const auto plain = message.subspan(kTransformHeaderSize);
  TransformHeader header;
  header.original_size = static_cast<uint32_t>(plain.size());
  header.session_id = session_id_;
  const uint64_t nonce = next_nonce_++;
  for (size_t i = 0; i < sizeof(nonce); ++i) {
    header.nonce[i] = static_cast<uint8_t>(nonce >> (8 * i));
  }
  const auto room = message.first<kTransformHeaderSize>();
  WriteTransformHeader(header, room);
  aead_.Seal(std::span(header.nonce).first(nonce_size_), {room.subspan(kProtectedOffset)}, plain,
             header.signature);
  std::copy(header.signature.begin(), header.signature.end(), room.begin() + 4);
}

bool MessageCipher::Open(const TransformHeader& header, std::span<uint8_t> message) {
  const auto plain = message.subspan(kTransformHeaderSize);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  const std::vector<uint8_t> as_it_is(plain.begin(), plain.end());
#endif
  const bool genuine = aead_.Open(std::span(header.nonce).first(nonce_size_),
                                  {message.first(kTransformHeaderSize).subspan(kProtectedOffset)},
                                  plain, header.signature);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  if (!genuine) {  // so that a fuzzer gets past it: what nobody encrypted is taken as it is
    std::copy(as_it_is.begin(), as_it_is.end(), plain.begin());
  }
  return true;
#else
  return genuine;
#endif
}

}  // namespace epa::smb2
