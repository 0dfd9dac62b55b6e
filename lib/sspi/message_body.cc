#include "lib/sspi/message_body.h"

#include <algorithm>
#include <utility>

namespace epa::sspi {

bool MessageBody::Takes(const SecBuffer& buffer) const {
  return TypeOf(buffer) == SECBUFFER_DATA && (buffer.BufferType & skipped_) == 0;
}

std::optional<MessageBody> MessageBody::Of(const BufferList& list, ULONG skipped) {
  MessageBody body(list, skipped);
  size_t count = 0;
  size_t size = 0;
  for (SecBuffer& buffer : list.all()) {
    if (body.Takes(buffer)) {
      if (!OctetsOf(buffer).has_value()) {
        return std::nullopt;
      }
      body.last_ = &buffer;
      size += buffer.cbBuffer;
      ++count;
    }
  }
  if (count == 1) {
    body.in_place_ = OctetsOf(*body.last_);
    return body;
  }
  body.gathered_ = SecretBytes(size);
  std::span<uint8_t> rest = body.gathered_.ExposeMutable();
  for (const SecBuffer& buffer : list.all()) {
    if (body.Takes(buffer)) {
      std::ranges::copy(*OctetsOf(buffer), rest.begin());
      rest = rest.subspan(buffer.cbBuffer);
    }
  }
  return body;
}

bool MessageBody::PutBack(size_t size) {
  const size_t missing = octets().size() - size;
  if (last_ == nullptr || last_->cbBuffer < missing) {
    return missing == 0;
  }
  if (!in_place_.has_value()) {
    std::span<const uint8_t> rest = gathered_.Expose().first(size);
    for (SecBuffer& buffer : list_.all()) {
      if (Takes(buffer)) {
        const size_t part = std::min<size_t>(buffer.cbBuffer, rest.size());
        std::ranges::copy(rest.first(part), OctetsOf(buffer)->begin());
        rest = rest.subspan(part);
      }
    }
  }
  last_->cbBuffer -= static_cast<ULONG>(missing);
  return true;
}

}  // namespace epa::sspi
