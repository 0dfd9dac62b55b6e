// Channel bindings as sspi.h has them.
#ifndef EPA_LIB_SSPI_BINDINGS_H_
#define EPA_LIB_SSPI_BINDINGS_H_

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/sspi/sspi.h"
#include "lib/sspi/buffers.h"
#include "lib/sspi/lock.h"

namespace epa::sspi {

// A SECBUFFER_CHANNEL_BINDINGS: as it was passed, and what it means. Immutable.
struct GivenBindings {
  std::vector<uint8_t> octets;
  Channel channel;          // TLS with the one binding
  bool audit_only = false;  // SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS

  const ChannelBindingToken& token() const { return channel.bindings().front().token(); }
};

// The bindings that the logins of one credentials handle came with last: a server has few
// certificates and many connections. Safe for several threads.
class BindingsReader {
 public:
  // SEC_E_INVALID_TOKEN where the octets are neither structure, an empty one, or one with flags
  // that nobody has defined: taking them for "no bindings", or for a wish to audit, would switch
  // the check off.
  SECURITY_STATUS Read(std::span<const uint8_t> octets, std::shared_ptr<const GivenBindings>& out);

 private:
  Lock lock_;
  size_t next_ = 0;
  std::array<std::shared_ptr<const GivenBindings>, 4> last_;
};

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
