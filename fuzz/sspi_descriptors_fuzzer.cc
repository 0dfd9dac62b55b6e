// SecBufferDesc of any shape into both sides' steps and into the message functions. The first octet
// chooses the function, the next the flags; then descriptors, in and out by turns.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/reach.h"
#include "fuzz/sspi_fuzz_setup.h"

namespace {

using epa::fuzz::FuzzedDescriptor;
using epa::fuzz::Require;

epa::fuzz::ReachPoint client_goes_on("a client that has sent its first token");
epa::fuzz::ReachPoint server_goes_on("a server that has sent its challenge");
epa::fuzz::ReachPoint sealed("a message that is sealed and opened");

void RunSide(epa::ByteReader& input, bool server, ULONG request) {
  CtxtHandle handle{};
  bool begun = false;
  for (int call = 0; call < 4 && !input.at_end(); ++call) {
    FuzzedDescriptor in(input), out(input);
    const SECURITY_STATUS status =
        epa::fuzz::Step(server, begun ? &handle : nullptr, in.get(), request, &handle, out.get());
    in.Check();
    out.Check();
    begun = begun || status >= 0;
    (server ? server_goes_on : client_goes_on).Reach(status == SEC_I_CONTINUE_NEEDED);
  }
  Require((epa_DeleteSecurityContext(&handle) == SEC_E_OK) == begun);
}

void RunMessages(epa::ByteReader& input, ULONG quality) {
  epa::fuzz::EstablishedPair pair;
  for (int call = 0; call < 4 && !input.at_end(); ++call) {
    FuzzedDescriptor first(input), second(input);
    const SECURITY_STATUS encrypted = epa_EncryptMessage(pair.client(), quality, first.get(), 0);
    const SECURITY_STATUS opened = epa_DecryptMessage(pair.server(), first.get(), 0, nullptr);
    sealed.Reach(encrypted == SEC_E_OK && opened == SEC_E_OK);
    epa_MakeSignature(pair.server(), 0, second.get(), 0);
    epa_VerifySignature(pair.client(), second.get(), 0, nullptr);
    first.Check();
    second.Check();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  epa::ByteReader input(std::span(data, size));
  uint8_t choice = 0, flags = 0;
  if (!input.ReadU8(choice) || !input.ReadU8(flags)) {
    return 0;
  }
  if (choice % 3 == 2) {
    RunMessages(input, flags % 2 == 0 ? 0 : SECQOP_WRAP_NO_ENCRYPT);
  } else {
    RunSide(input, choice % 3 == 1, epa::fuzz::RequestOf(flags));
  }
  return 0;
}
