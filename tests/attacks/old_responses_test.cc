// Responses older than NTLMv2, cut or empty ones, and proofs that never were.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "providers/ntlm/file_authority.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::test {
namespace {

using ntlm::AvId;

const std::vector<uint8_t> kSomeResponse(24, 0x42);
const std::vector<uint8_t> kZeros(24, 0);

Exchange RunWithResponses(std::vector<uint8_t> nt_response, std::vector<uint8_t> lm_response,
                          uint32_t kept_flags = 0xFFFFFFFF,
                          ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire) {
  ForgedClient client;
  client.nt_response = std::move(nt_response);
  client.lm_response = std::move(lm_response);
  client.kept_flags = kept_flags;
  ExchangeSetup setup;
  setup.policy.mode = mode;
  return RunForged(client, std::move(setup));
}

constexpr uint32_t kWithoutSessionSecurity =
    ~(ntlm::kNegotiateExtendedSessionSecurity | ntlm::kNegotiateSign);

// CVE-2019-1338: LMv2 carries neither binding nor MIC. In no mode is it looked at.
TEST(OldResponses, LmV2Alone) {
  for (const int mode : {0, 1, 2}) {
    ExpectRefused(RunWithResponses({}, kSomeResponse, 0xFFFFFFFF, ExtendedProtectionMode(mode)),
                  Reason::kLmV2OnlyRefused);
  }
}

// CVE-2019-1338: the NTLMv2 response is removed on the way, the LMv2 one stays.
TEST(OldResponses, NtlmV2RemovedOnTheWay) {
  ForgedClient client;
  client.lm_response = kSomeResponse;
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    ReplaceResponses(message, {}, kSomeResponse);
  };
  ExpectRefused(RunForged(client, std::move(setup)), Reason::kLmV2OnlyRefused);
}

TEST(OldResponses, LmAlone) {
  ExpectRefused(RunWithResponses({}, kSomeResponse, kWithoutSessionSecurity), Reason::kLmRefused);
}

// An LMv2 response beside a good NTLMv2 one changes nothing, right or wrong.
TEST(OldResponses, LmV2BesideNtlmV2IsIgnored) {
  ForgedClient client;
  client.lm_response = kSomeResponse;
  ExpectEstablished(RunForged(client));
}

// CVE-2018-1139: NTLMv1 was disabled, and one path did not know.
TEST(OldResponses, NtlmV1) {
  for (const int mode : {0, 1, 2}) {
    for (const uint32_t kept : {0xFFFFFFFF, kWithoutSessionSecurity}) {
      ExpectRefused(RunWithResponses(kSomeResponse, kZeros, kept, ExtendedProtectionMode(mode)),
                    Reason::kNtlmV1Refused);
    }
  }
}

// wget 1.21 announces Unicode and sends OEM names: NTLMv1 is what it is to be told.
TEST(OldResponses, NtlmV1BesideNamesThatAreNoText) {
  const auto run_with_bad_name = [](const ForgedClient& client) {
    ExchangeSetup setup;
    setup.on_authenticate = [](std::vector<uint8_t>& message) {
      UserIn(message)[1] = 0xD8;  // a surrogate alone
    };
    return RunForged(client, std::move(setup));
  };
  ForgedClient client;
  ExpectRefused(run_with_bad_name(client), Reason::kMalformedToken);
  client.nt_response = kSomeResponse;
  client.lm_response = kSomeResponse;
  ExpectRefused(run_with_bad_name(client), Reason::kNtlmV1Refused);
}

// NTLMv1 with extended session security: the client's nonce lies in the LM response.
TEST(OldResponses, NtlmV1WithSessionSecurity) {
  std::vector<uint8_t> lm(24);
  std::fill_n(lm.begin(), 8, uint8_t{0xAA});
  ExpectRefused(RunWithResponses(kSomeResponse, lm), Reason::kNtlmV1Refused);
}

// CVE-2023-0210: a length from which 16 is taken without a look.
TEST(OldResponses, EveryLengthBelowTheShortestNtlmV2) {
  for (size_t length = 1; length <= 43; ++length) {
    SCOPED_TRACE(length);
    ExpectRefused(RunWithResponses(std::vector<uint8_t>(length, 1), kZeros),
                  length == 24 ? Reason::kNtlmV1Refused : Reason::kMalformedToken);
  }
}

TEST(OldResponses, EveryTruncationOfAGoodNtlmV2) {
  std::vector<uint8_t> genuine;
  ExchangeSetup setup;
  setup.on_authenticate = [&genuine](std::vector<uint8_t>& message) {
    const auto response = NtResponseIn(message);
    genuine.assign(response.begin(), response.end());
  };
  ExpectEstablished(RunForged(ForgedClient(), std::move(setup)));
  for (size_t length = 1; length < genuine.size(); ++length) {
    ExchangeSetup cut;
    cut.on_authenticate = [length](std::vector<uint8_t>& message) {
      const auto response = NtResponseIn(message);
      const std::vector<uint8_t> part(response.begin(),
                                      response.begin() + static_cast<std::ptrdiff_t>(length));
      ReplaceResponses(message, part, kZeros);
    };
    const Exchange exchange = RunForged(ForgedClient(), std::move(cut));
    EXPECT_EQ(exchange.server_result.state, StepState::kRejected) << length;
  }
}

TEST(OldResponses, NoResponseAtAllForANamedUser) {
  ExpectRefused(RunWithResponses({}, {}), Reason::kLmV2OnlyRefused);
}

// FreeRDP issue 6082, sspi-rs issue 172: without a MIC the password was not looked at.
TEST(NoProof, WrongPasswordWithoutAMic) {
  for (const int mode : {0, 1, 2}) {
    ForgedClient client;
    client.password = "guess";
    client.av_flags.reset();
    ExchangeSetup setup;
    setup.policy.mode = ExtendedProtectionMode(mode);
    setup.on_authenticate = StripMicAndVersion;
    ExpectRefused(RunForged(client, std::move(setup)), Reason::kWrongPassword);
  }
}

// Every part a client may leave out, with the wrong password.
TEST(NoProof, WrongPasswordWithEachOptionalPartLeftOut) {
  const auto expect_refused = [](ForgedClient client) {
    client.password = "guess";
    ExpectRefused(RunForged(client), Reason::kWrongPassword);
  };
  ForgedClient client;
  client.binding.reset();
  expect_refused(client);
  client.target_name.reset();
  expect_refused(client);
  client.av_flags.reset();
  expect_refused(client);
  client.workstation.clear();
  expect_refused(client);
  client.kept_flags = ~ntlm::kNegotiateKeyExchange;
  expect_refused(client);
  client.edit_pairs = [](ForgedPairs& pairs) { pairs.clear(); };
  expect_refused(client);
}

TEST(NoProof, ProofOfZeros) {
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(NtResponseIn(message).first(16), uint8_t{0});
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

TEST(NoProof, EmptyPassword) {
  ForgedClient client;
  client.password.clear();
  ExpectRefused(RunForged(client), Reason::kWrongPassword);
}

TEST(NoProof, UserWithoutAName) {
  ForgedClient client;
  client.user.clear();
  ExpectRefused(RunForged(client), Reason::kUnknownUser);
}

// Anonymous says so itself, or an attacker makes it so: neither passes for a user.
TEST(NoProof, AnonymousByStripping) {
  ForgedClient client;
  client.user.clear();
  client.domain.clear();
  client.nt_response.emplace();
  client.lm_response.emplace(1);
  ExpectRefused(RunForged(client), Reason::kAnonymousRefused);
}

// The account's name is the one that was proved.
TEST(NoProof, UserExchangedForAnother) {
  ExchangeSetup setup;
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::copy(Utf16("carol"), UserIn(message).begin());
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

// CVE-2022-24883: accounts that could not be read counted as a match. CVE-2022-24882: so did an
// empty hash.
TEST(UnreadableAccounts, LetNobodyIn) {
  const test::TemporaryFolder folder;
  const std::string path = folder.Write("accounts", "EXAMPLE:alice:secret-alice\n");
  ASSERT_OK_AND_ASSIGN(const auto authority,
                       ntlm::FileAuthority::Create({.paths = {path}, .interval = {}}));
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = authority;
  const TestServer server({}, acceptor);
  ASSERT_EQ(std::remove(path.c_str()), 0);
  EXPECT_FALSE(authority->Check().ok());
  ForgedClient client;
  for (const auto& [user, password] :
       {std::pair("alice", ""), std::pair("alice", "guess"), std::pair("mallory", "")}) {
    client.user = user;
    client.password = password;
    const auto context = server.Accept();
    const auto negotiate = client.Negotiate();
    const auto challenge = StepOrDie(*context, negotiate).token;
    EXPECT_EQ(StepOrDie(*context, client.Authenticate(negotiate, challenge)).state,
              StepState::kRejected);
    EXPECT_FALSE(context->established());
    EXPECT_EQ(server.audit->events.back().outcome, AuditOutcome::kRefused);
  }
  EXPECT_EQ(server.audit->events.size(), 3u);
  EXPECT_FALSE(ntlm::CreateFileAuthority(path).ok());
}

// CVE-2023-25566: names parsed twice leaked each time; the address sanitizer watches this.
TEST(RepeatedNames, DomainInTheUserFieldAThousandTimes) {
  const TestServer server({}, {});
  ForgedClient client;
  client.user = "EXAMPLE\\alice";
  client.domain.clear();
  const auto negotiate = client.Negotiate();
  for (int i = 0; i < 1000; ++i) {
    const auto context = server.Accept();
    const auto challenge = StepOrDie(*context, negotiate).token;
    ASSERT_EQ(StepOrDie(*context, client.Authenticate(negotiate, challenge)).state,
              StepState::kEstablished);
  }
}

}  // namespace
}  // namespace epa::test
