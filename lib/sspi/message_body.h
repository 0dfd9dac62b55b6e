// The data of a message, wherever the caller keeps it.
#ifndef EPA_LIB_SSPI_MESSAGE_BODY_H_
#define EPA_LIB_SSPI_MESSAGE_BODY_H_

#include <optional>
#include <span>

#include "epa/base/secret.h"
#include "lib/sspi/buffers.h"

namespace epa::sspi {

// The octets of all SECBUFFER_DATA as one message. A single buffer, the usual case, is worked on in
// place; several are gathered, and what changed is put back.
class MessageBody {
 public:
  // `skipped`: attributes of the buffers to leave out. No value for buffers that are not there.
  static std::optional<MessageBody> Of(const BufferList& list, ULONG skipped);

  std::span<uint8_t> octets() {
    return in_place_.has_value() ? *in_place_ : gathered_.ExposeMutable();
  }
  // Gives the buffers the first octets() of what they held, changed; `size` is the whole's, at most
  // what it was, and the last buffer takes the difference. False where it cannot.
  [[nodiscard]] bool PutBack(size_t size);

 private:
  MessageBody(const BufferList& list, ULONG skipped) : list_(list), skipped_(skipped) {}

  bool Takes(const SecBuffer& buffer) const;

  BufferList list_;
  ULONG skipped_;
  SecBuffer* last_ = nullptr;
  std::optional<std::span<uint8_t>> in_place_;
  SecretBytes gathered_;
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_MESSAGE_BODY_H_
