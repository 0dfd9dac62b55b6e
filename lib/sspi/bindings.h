// Channel bindings as sspi.h has them.
#ifndef EPA_LIB_SSPI_BINDINGS_H_
#define EPA_LIB_SSPI_BINDINGS_H_

#include <optional>

#include "epa/core/channel_bindings.h"
#include "epa/core/extended_protection.h"
#include "epa/sspi/sspi.h"
#include "lib/sspi/buffers.h"

namespace epa::sspi {

// The SECBUFFER_CHANNEL_BINDINGS of a call, if it has one.
struct GivenBindings {
  std::optional<ChannelBindings> bindings;
  bool audit_only = false;  // SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS
};

// No value: there is no such buffer. SEC_E_INVALID_TOKEN where the octets are neither structure, or
// an empty one: taking them for "no bindings" would switch the check off.
SECURITY_STATUS ReadBindings(std::optional<std::span<const uint8_t>> octets, GivenBindings& out);

// What a login's bindings were compared with.
enum class Comparison { kNothing, kChannel, kSomeTls };

// The SEC_CHANNEL_BINDINGS_RESULT_* of a login. `forgives_absence`: mode Allow.
ULONG ResultFlags(BindingEvidence evidence, Comparison comparison, bool forgives_absence);

// Writes a SEC_CHANNEL_BINDINGS_RESULT where the caller made room for one. SEC_E_BUFFER_TOO_SMALL,
// and cbBuffer says what is needed.
SECURITY_STATUS CheckRoomForResult(const BufferList& output);
void WriteResult(ULONG flags, const BufferList& output);

// `out` becomes a block for FreeContextBuffer.
SECURITY_STATUS PutBindings(const ChannelBindings& bindings, SecPkgContext_Bindings& out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_BINDINGS_H_
