// Credentials of the C interface for fuzzers, and input as its structures.
#ifndef EPA_FUZZ_SSPI_FUZZ_SETUP_H_
#define EPA_FUZZ_SSPI_FUZZ_SETUP_H_

#include <cstdint>
#include <span>
#include <vector>

#include "epa/sspi/epa_sspi.h"
#include "fuzz/require.h"
#include "lib/base/byte_reader.h"

namespace epa::fuzz {

// NTLM by Negotiate, made once.
PCredHandle SspiServer();
PCredHandle SspiClient();

// A descriptor made of the input: its version and count as they come, then up to eight buffers,
// each with a type, a size that may differ from its octets' by a little downwards, and a null
// pointer now and then. Never lies about memory that is not there, which no callee could notice.
class FuzzedDescriptor {
 public:
  explicit FuzzedDescriptor(ByteReader& input);
  PSecBufferDesc get() { return &descriptor_; }

  // What the callee made of the buffers stays inside of them. Ends the process otherwise.
  void Check() const;

 private:
  std::vector<std::vector<uint8_t>> octets_;
  std::vector<SecBuffer> buffers_;
  SecBufferDesc descriptor_{};
};

// ISC_REQ_ALLOCATE_MEMORY is never among them: what is allocated would replace the fuzzer's memory.
ULONG RequestOf(uint8_t flags);

// InitializeSecurityContext or AcceptSecurityContext; `context` is null in the first call.
SECURITY_STATUS Step(bool server, PCtxtHandle context, PSecBufferDesc input, ULONG request,
                     PCtxtHandle new_context, PSecBufferDesc output);

// Both ends of a login that agreed on sealing.
class EstablishedPair {
 public:
  EstablishedPair();
  ~EstablishedPair();
  EstablishedPair(const EstablishedPair&) = delete;
  EstablishedPair& operator=(const EstablishedPair&) = delete;

  PCtxtHandle client() { return &client_; }
  PCtxtHandle server() { return &server_; }

 private:
  CtxtHandle client_{};
  CtxtHandle server_{};
};

// A block for FreeContextBuffer.
SecPkgContext_Bindings CopyBindings(std::span<const uint8_t> bindings);

// A login with these bindings on both sides: the first status that is no success, or the last, and
// the server's result flags.
struct BoundLogin {
  SECURITY_STATUS status;
  ULONG result;
};
BoundLogin LogInWith(std::span<const uint8_t> bindings);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_SSPI_FUZZ_SETUP_H_
