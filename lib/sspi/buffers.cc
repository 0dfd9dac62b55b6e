#include "lib/sspi/buffers.h"

#include <algorithm>

#include "lib/sspi/memory.h"

namespace epa::sspi {
namespace {

constexpr ULONG kMaxBuffers = 64;

}  // namespace

std::optional<BufferList> BufferList::Of(PSecBufferDesc descriptor) {
  if (descriptor == nullptr) {
    return BufferList({});
  }
  if (descriptor->ulVersion != SECBUFFER_VERSION || descriptor->cBuffers > kMaxBuffers ||
      (descriptor->cBuffers != 0 && descriptor->pBuffers == nullptr)) {
    return std::nullopt;
  }
  const std::span buffers(descriptor->pBuffers, descriptor->cBuffers);
  const bool known = std::ranges::all_of(buffers, [](const SecBuffer& buffer) {
    return (buffer.BufferType & SECBUFFER_RESERVED) == 0;
  });
  return known ? std::optional(BufferList(buffers)) : std::nullopt;
}

SecBuffer* BufferList::Find(ULONG type) const {
  const auto found =
      std::ranges::find_if(buffers_, [type](const SecBuffer& b) { return TypeOf(b) == type; });
  return found == buffers_.end() ? nullptr : &*found;
}

std::optional<std::span<uint8_t>> OctetsOf(const SecBuffer& buffer) {
  if (buffer.cbBuffer != 0 && buffer.pvBuffer == nullptr) {
    return std::nullopt;
  }
  return std::span(static_cast<uint8_t*>(buffer.pvBuffer), buffer.cbBuffer);
}

SECURITY_STATUS GiveToken(std::span<const uint8_t> token, bool allocate, const BufferList& output) {
  SecBuffer* const buffer = output.Find(SECBUFFER_TOKEN);
  if (buffer == nullptr) {
    return token.empty() ? SEC_E_OK : SEC_E_BUFFER_TOO_SMALL;
  }
  const auto size = static_cast<ULONG>(token.size());
  if (allocate) {
    buffer->pvBuffer = token.empty() ? nullptr : AllocateCopy(token);
    if (!token.empty() && buffer->pvBuffer == nullptr) {
      buffer->cbBuffer = 0;
      return SEC_E_INSUFFICIENT_MEMORY;
    }
  } else if (!token.empty()) {
    const auto room = OctetsOf(*buffer);
    if (!room.has_value()) {
      return SEC_E_INTERNAL_ERROR;
    }
    if (room->size() < token.size()) {
      buffer->cbBuffer = size;
      return SEC_E_BUFFER_TOO_SMALL;
    }
    std::ranges::copy(token, room->begin());
  }
  buffer->cbBuffer = size;
  return SEC_E_OK;
}

}  // namespace epa::sspi
