// Mechanisms without cryptography beneath a negotiation, and its messages field by field.
#ifndef EPA_TESTS_NEGOTIATE_FAKE_MECHANISMS_H_
#define EPA_TESTS_NEGOTIATE_FAKE_MECHANISMS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/security_package.h"
#include "providers/negotiate/neg_token.h"
#include "tests/support/fake_package.h"

namespace epa::negotiate {

// The object identifiers of packages that exist nowhere else, as DER.
std::vector<uint8_t> AlphaOid();
std::vector<uint8_t> BetaOid();
std::vector<uint8_t> UnknownOid();

// Packages called "Alpha" and "Beta" that can sign mechanism lists. As acceptors they follow
// FakeAcceptorScript and know the bare token "hello" by its look; as initiators, InitiatorScript.
test::FakePackageOptions Alpha();
test::FakePackageOptions Beta();

// The first token is "hello". "challenge" is answered with the last token "login alice", "again"
// with "more"; "end" is a server's last token. Anything else is rejected.
absl::StatusOr<MechanismResult> InitiatorScript(std::string_view token, int step,
                                                test::FakeLogin& login);
// The first token is the only one.
absl::StatusOr<MechanismResult> OneTokenScript(std::string_view token, int step,
                                               test::FakeLogin& login);

// What every client side asks for.
inline constexpr std::string_view kTarget = "HTTP/server.example.com";

// One side of a negotiation over those packages. Set-up faults end the test program.
std::unique_ptr<Mechanism> MakeSide(bool acceptor, std::vector<test::FakePackageOptions> packages,
                                    InitiatorParameters parameters = {
                                        .target_name = std::string(kTarget)});

// The mechanism list as a client sends it.
std::vector<uint8_t> ListOf(const std::vector<std::vector<uint8_t>>& oids);
std::vector<uint8_t> Init(const std::vector<std::vector<uint8_t>>& oids,
                          std::string_view token = {});

struct RespFields {
  std::optional<NegState> state;
  std::vector<uint8_t> mech = {};  // with tag and length; empty: none
  std::string token = {};
  std::vector<uint8_t> mic = {};
};
std::vector<uint8_t> Resp(const RespFields& fields);
// A NegTokenResp taken apart. Anything else ends the test program.
RespFields ReadResp(const std::vector<uint8_t>& token);

// The result of a step that is no fault of ours, which would end the test program.
MechanismResult StepOf(Mechanism& side, const std::vector<uint8_t>& token);
// Runs the work of a pending result and hands it back.
MechanismResult RunPending(Mechanism& side, MechanismResult pending);

void ExpectOutcome(const MechanismResult& result, MechanismResult::Outcome outcome);
void ExpectRejected(const MechanismResult& result, Reason reason);

}  // namespace epa::negotiate

#endif  // EPA_TESTS_NEGOTIATE_FAKE_MECHANISMS_H_
