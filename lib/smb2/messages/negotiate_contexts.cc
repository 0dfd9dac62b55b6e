#include "lib/smb2/messages/negotiate_contexts.h"

#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"
#include "lib/smb2/wire.h"

namespace epa::smb2 {
namespace {

// [MS-SMB2] 2.2.3.1: ContextType.
constexpr uint16_t kPreauthIntegrity = 0x0001;
constexpr uint16_t kEncryption = 0x0002;
constexpr uint16_t kSigning = 0x0008;

bool ReadIds(ByteReader& reader, size_t count, std::vector<uint16_t>& out) {
  if (count == 0 || count > kMaxAlgorithms) {
    return false;
  }
  out.resize(count);
  for (uint16_t& id : out) {
    if (!reader.ReadU16(id)) {
      return false;
    }
  }
  return true;
}

// 2.2.3.1.1.
bool ReadPreauthIntegrity(ByteReader& reader, NegotiateContexts& contexts) {
  uint16_t hash_count = 0;
  uint16_t salt_size = 0;
  std::span<const uint8_t> salt;
  if (!contexts.hashes.empty() || !reader.ReadU16(hash_count) || !reader.ReadU16(salt_size) ||
      !ReadIds(reader, hash_count, contexts.hashes) || !reader.ReadSpan(salt_size, salt)) {
    return false;
  }
  contexts.salt.assign(salt.begin(), salt.end());
  return true;
}

// 2.2.3.1.2 and 2.2.3.1.7: a count, then the algorithms.
bool ReadList(ByteReader& reader, std::optional<std::vector<uint16_t>>& out) {
  uint16_t count = 0;
  return !out.has_value() && reader.ReadU16(count) && ReadIds(reader, count, out.emplace());
}

bool ReadContext(uint16_t type, std::span<const uint8_t> data, NegotiateContexts& contexts) {
  ByteReader reader(data);
  switch (type) {
    case kPreauthIntegrity:
      return ReadPreauthIntegrity(reader, contexts);
    case kEncryption:
      return ReadList(reader, contexts.ciphers);
    case kSigning:
      return ReadList(reader, contexts.signing_algorithms);
    default:
      return true;
  }
}

void WriteContext(uint16_t type, const ByteWriter& data, ByteWriter& writer) {
  PadTo8(writer);
  writer.WriteU16(type);
  writer.WriteU16(static_cast<uint16_t>(data.size()));
  writer.WriteU32(0);
  writer.WriteBytes(data.written());
}

void WriteIds(const std::vector<uint16_t>& ids, ByteWriter& writer) {
  for (const uint16_t id : ids) {
    writer.WriteU16(id);
  }
}

bool WriteList(uint16_t type, const std::optional<std::vector<uint16_t>>& list,
               ByteWriter& writer) {
  if (!list.has_value()) {
    return false;
  }
  ByteWriter data;
  data.WriteU16(static_cast<uint16_t>(list->size()));
  WriteIds(*list, data);
  WriteContext(type, data, writer);
  return true;
}

}  // namespace

void PadTo8(ByteWriter& writer) { writer.WriteZeros((8 - writer.size() % 8) % 8); }

absl::StatusOr<NegotiateContexts> ParseNegotiateContexts(std::span<const uint8_t> message,
                                                         uint32_t offset, uint16_t count) {
  ByteReader reader(message);
  if (count > kMaxNegotiateContexts) {
    return MalformedAt(reader, "too many negotiate contexts");
  }
  if (!reader.Skip(offset)) {
    return MalformedAt(reader, "the negotiate contexts are not in the message");
  }
  NegotiateContexts contexts;
  for (uint16_t i = 0; i < count; ++i) {
    const size_t padding = i == 0 ? 0 : (8 - reader.offset() % 8) % 8;
    uint16_t type = 0;
    uint16_t size = 0;
    std::span<const uint8_t> data;
    if (!reader.Skip(padding) || !reader.ReadU16(type) || !reader.ReadU16(size) ||
        !reader.Skip(4) || !reader.ReadSpan(size, data)) {
      return MalformedAt(reader, "a negotiate context is cut short");
    }
    if (!ReadContext(type, data, contexts)) {
      return MalformedAt(reader, "a negotiate context is malformed or occurs twice");
    }
  }
  if (contexts.hashes.empty()) {
    return MalformedAt(reader, "there is no preauth integrity context");
  }
  return contexts;
}

uint16_t WriteNegotiateContexts(const NegotiateContexts& contexts, ByteWriter& writer) {
  ByteWriter preauth;
  preauth.WriteU16(static_cast<uint16_t>(contexts.hashes.size()));
  preauth.WriteU16(static_cast<uint16_t>(contexts.salt.size()));
  WriteIds(contexts.hashes, preauth);
  preauth.WriteBytes(contexts.salt);
  WriteContext(kPreauthIntegrity, preauth, writer);
  const bool ciphers = WriteList(kEncryption, contexts.ciphers, writer);
  const bool signing = WriteList(kSigning, contexts.signing_algorithms, writer);
  return static_cast<uint16_t>(1 + (ciphers ? 1 : 0) + (signing ? 1 : 0));
}

}  // namespace epa::smb2
