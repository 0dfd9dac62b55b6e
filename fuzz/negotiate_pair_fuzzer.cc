// A client and a server of Negotiate with somebody between them, who would like them to agree on
// something worse. The first two octets choose what the server and the client want, the rest is
// what becomes of the messages (Tampering). Where both ends hold a login by NTLM for done, they
// would have come to it without anybody between them.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/negotiate_fuzz_setup.h"
#include "fuzz/pair_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

using epa::fuzz::PairOutcome;
using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::fuzz::Tampering;

ReachPoint preferred("a login by the preferred package");
ReachPoint other("a login by another package");
ReachPoint refused("a login that is refused");
ReachPoint talked("messages in both directions");
ReachPoint changed("a login whose messages were changed");

struct Outcome : PairOutcome {
  bool by_ntlm = false;
};

Outcome Run(uint8_t server_options, uint8_t client_options, Tampering& tampering) {
  const epa::fuzz::CountingSink sink;
  auto server = epa::fuzz::NewNegotiateAcceptor(server_options, sink);
  auto client = epa::fuzz::NewNegotiateInitiator(client_options);
  Outcome outcome{epa::fuzz::RunPair(*client, *server, tampering)};
  outcome.by_ntlm = outcome.server && *server->package_name() == "NTLM";
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
  const Outcome expected = Run(data[0], data[1], none);
  preferred.Reach(expected.server && expected.by_ntlm == ((data[1] & 128) != 0));
  other.Reach(expected.server && expected.by_ntlm != ((data[1] & 128) != 0));
  refused.Reach(!expected.server);
  talked.Reach(expected.talked);

  Tampering tampering(std::span(data, size).subspan(2));
  const Outcome outcome = Run(data[0], data[1], tampering);
  // The package without cryptography proves nothing: whoever changes its messages logs in by it.
  if (epa::fuzz::kProofsAreChecked && outcome.by_ntlm && outcome.client) {
    Require(expected.by_ntlm);
  }
  changed.Reach(tampering.happened());
  return 0;
}
