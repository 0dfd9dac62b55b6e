// A client and a server of NTLM with somebody between them. The first two octets choose what the
// server and the client want, the rest is what becomes of the messages (Tampering). Without it the
// verdict is that of the mode and the binding, and with it none is better.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/pair_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

using epa::fuzz::PairOutcome;
using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::fuzz::Tampering;

ReachPoint bound("a login in mode 2");
ReachPoint unbound("a login that binds nothing");
ReachPoint refused("a login that is refused");
ReachPoint talked("messages in both directions");
ReachPoint changed("a login whose messages were changed");
ReachPoint altered("a message after the login that was changed");

PairOutcome Run(uint8_t server_options, uint8_t client_options, Tampering& tampering) {
  const epa::fuzz::CountingSink sink;
  auto server = epa::fuzz::NewAcceptor(server_options, sink);
  auto client = epa::fuzz::NewInitiator(client_options);
  const PairOutcome outcome = epa::fuzz::RunPair(*client, *server, tampering);
  server.reset();
  Require(sink.events() <= 1);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) {
    return 0;
  }
  Tampering none({});
  const PairOutcome expected = Run(data[0], data[1], none);
  const bool wants_to_talk = epa::fuzz::WantsSigning(data[1]);
  Require(!expected.server || expected.client);
  Require(expected.talked == (expected.server && wants_to_talk));
  bound.Reach(expected.server && (data[0] & 3) == 2);
  unbound.Reach(expected.server && (data[1] & 4) != 0);
  refused.Reach(!expected.server);
  talked.Reach(expected.talked);

  Tampering tampering(std::span(data, size).subspan(2));
  const PairOutcome outcome = Run(data[0], data[1], tampering);
  Require(!epa::fuzz::kProofsAreChecked || !outcome.server || expected.server);
  changed.Reach(tampering.happened());
  altered.Reach(tampering.happened() && expected.talked && outcome.server && !outcome.talked);
  return 0;
}
