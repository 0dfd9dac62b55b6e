// The caller's SecBufferDesc, checked once.
#ifndef EPA_LIB_SSPI_BUFFERS_H_
#define EPA_LIB_SSPI_BUFFERS_H_

#include <cstdint>
#include <optional>
#include <span>

#include "epa/sspi/sspi.h"

namespace epa::sspi {

class BufferList {
 public:
  // Null is an empty list. No value for another version than SECBUFFER_VERSION, for buffers that
  // are not there, for more than any function has a use for and for attributes that are none.
  static std::optional<BufferList> Of(PSecBufferDesc descriptor);

  // The first of this type, whatever its attributes; null when there is none.
  SecBuffer* Find(ULONG type) const;
  std::span<SecBuffer> all() const { return buffers_; }

 private:
  explicit BufferList(std::span<SecBuffer> buffers) : buffers_(buffers) {}

  std::span<SecBuffer> buffers_;
};

constexpr ULONG TypeOf(const SecBuffer& buffer) { return buffer.BufferType & ~SECBUFFER_ATTRMASK; }

// No value for a null pointer to some octets.
std::optional<std::span<uint8_t>> OctetsOf(const SecBuffer& buffer);

// Gives `token` to the caller: into the SECBUFFER_TOKEN, or allocated. SEC_E_BUFFER_TOO_SMALL
// without such a buffer (unless there is nothing to give), and where it is too small: cbBuffer says
// what is needed. SEC_E_INTERNAL_ERROR, as on Windows, for octets that are not there.
SECURITY_STATUS GiveToken(std::span<const uint8_t> token, bool allocate, const BufferList& output);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_BUFFERS_H_
