#include "tests/negotiate/fake_mechanisms.h"

#include <gtest/gtest.h>

#include <utility>

#include "epa/negotiate/negotiate.h"
#include "lib/asn1/der_writer.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using test::FakePackageOptions;
using test::FakeToken;

FakePackageOptions Package(std::string_view name, std::vector<uint8_t> oid) {
  FakePackageOptions options;
  options.info = {name, "no cryptography", {std::move(oid)}, 64 * 1024};
  options.initiator = InitiatorScript;
  options.recognizes = [](std::string_view token) { return token == "hello"; };
  options.signs_lists = true;
  return options;
}

}  // namespace

std::vector<uint8_t> AlphaOid() { return test::FromHex("06032a0301"); }
std::vector<uint8_t> BetaOid() { return test::FromHex("06032a0302"); }
std::vector<uint8_t> UnknownOid() { return test::FromHex("06032a0303"); }

FakePackageOptions Alpha() { return Package("Alpha", AlphaOid()); }
FakePackageOptions Beta() { return Package("Beta", BetaOid()); }

absl::StatusOr<MechanismResult> InitiatorScript(std::string_view token, int step,
                                                test::FakeLogin&) {
  if (step == 0) {
    return token.empty() ? MechanismResult::Continue(FakeToken("hello"))
                         : MechanismResult::Rejected(Reason::kUnexpectedMessage);
  }
  if (token == "challenge") {
    return MechanismResult::Verified(FakeToken("login alice"));
  }
  if (token == "again") {
    return MechanismResult::Continue(FakeToken("more"));
  }
  return token == "end" ? MechanismResult::Verified()
                        : MechanismResult::Rejected(Reason::kMalformedToken);
}

absl::StatusOr<MechanismResult> OneTokenScript(std::string_view, int, test::FakeLogin&) {
  return MechanismResult::Verified(FakeToken("login alice"));
}

std::unique_ptr<Mechanism> MakeSide(bool acceptor, std::vector<FakePackageOptions> packages,
                                    InitiatorParameters parameters) {
  // Outlives every side of the test program.
  static const Channel& channel = *new Channel(Channel::Plain());
  std::vector<std::shared_ptr<const Credentials>> credentials;
  for (FakePackageOptions& options : packages) {
    credentials.push_back(test::MakeFakeCredentials(std::move(options)));
  }
  return acceptor
             ? (*CreateAcceptorCredentials(std::move(credentials)))->CreateAcceptor(channel).value()
             : (*CreateInitiatorCredentials(std::move(credentials)))
                   ->CreateInitiator(channel, std::move(parameters))
                   .value();
}

std::vector<uint8_t> ListOf(const std::vector<std::vector<uint8_t>>& oids) {
  return MechTypeListOf(oids);
}

std::vector<uint8_t> Init(const std::vector<std::vector<uint8_t>>& oids, std::string_view token) {
  return WriteNegTokenInit(ListOf(oids), FakeToken(token));
}

std::vector<uint8_t> Resp(const RespFields& fields) {
  const std::vector<uint8_t> token = FakeToken(fields.token);
  NegTokenResp resp;
  resp.state = fields.state;
  if (!fields.mech.empty()) {
    resp.supported_mech = Octets(fields.mech).subspan(2);
  }
  resp.response_token = token;
  resp.mech_list_mic = fields.mic;
  return WriteNegTokenResp(resp);
}

RespFields ReadResp(const std::vector<uint8_t>& token) {
  const NegTokenResp resp = ParseNegTokenResp(token).value();
  RespFields fields;
  fields.state = resp.state;
  if (resp.supported_mech.has_value()) {
    fields.mech = asn1::Element(0x06, *resp.supported_mech);
  }
  fields.token = test::FakeTokenText(resp.response_token.value_or(Octets()));
  const Octets mic = resp.mech_list_mic.value_or(Octets());
  fields.mic.assign(mic.begin(), mic.end());
  return fields;
}

MechanismResult StepOf(Mechanism& side, const std::vector<uint8_t>& token) {
  return side.Step(token).value();
}

MechanismResult RunPending(Mechanism& side, MechanismResult pending) {
  EXPECT_EQ(static_cast<int>(pending.outcome),
            static_cast<int>(MechanismResult::Outcome::kPending));
  pending.work->Run();
  return side.Resume(std::move(pending.work)).value();
}

void ExpectRejected(const MechanismResult& result, Reason reason) {
  EXPECT_EQ(static_cast<int>(result.outcome),
            static_cast<int>(MechanismResult::Outcome::kRejected));
  EXPECT_EQ(ReasonName(result.reason), ReasonName(reason));
}

void ExpectOutcome(const MechanismResult& result, MechanismResult::Outcome outcome) {
  EXPECT_EQ(static_cast<int>(result.outcome), static_cast<int>(outcome)) << result.detail;
}

}  // namespace epa::negotiate
