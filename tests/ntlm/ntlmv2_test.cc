#include "providers/ntlm/ntlmv2.h"
#include "tests/ntlm/ntlm_response_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "lib/base/utf16.h"
#include "lib/crypto/rc4.h"
#include "providers/ntlm/messages/flags.h"
#include "tests/ntlm/ntlm_vectors.h"
#include "tests/support/test_data.h"

namespace epa::ntlm {
namespace {

using nlohmann::json;

Secret<16> NtowfOf(const json& inputs) {
  const json& domain = Has(inputs, "owf_domain") ? inputs["owf_domain"] : inputs["domain"];
  return NtowfV2(Key(inputs["nt_hash"]), Utf8ToUtf16Le(inputs["user"].get<std::string>()).value(),
                 Utf8ToUtf16Le(domain.get<std::string>()).value());
}

uint32_t FlagsOf(const json& text) {
  return static_cast<uint32_t>(std::stoul(text.get<std::string>(), nullptr, 16));
}

class NtlmV2Vectors : public testing::Test {
 protected:
  const json entries_ = ReadEntries("ntlmv2.json");
};

TEST_F(NtlmV2Vectors, NtHashOfEveryPassword) {
  ASSERT_EQ(entries_.size(), 39u);
  for (const json& entry : entries_) {
    const auto hash = NtHashFromPassword(entry["inputs"]["password"].get<std::string>());
    ASSERT_TRUE(hash.ok()) << hash.status();
    EXPECT_EQ(test::ToHex(hash->Expose()), entry["expected"]["nt_hash"].get<std::string>())
        << entry["name"];
  }
}

TEST_F(NtlmV2Vectors, NtowfOfEveryAccount) {
  for (const json& entry : entries_) {
    EXPECT_EQ(test::ToHex(NtowfOf(entry["inputs"]).Expose()),
              entry["expected"]["ntowf_v2"].get<std::string>())
        << entry["name"];
  }
}

TEST(NtowfV2, UppercasesUserNamesAsWindowsDoes) {
  const json entries = ReadEntries("ntowfv2_names.json");
  ASSERT_EQ(entries.size(), 6u);
  for (const json& entry : entries) {
    const auto user = Utf8ToUtf16Le(entry["user"].get<std::string>()).value();
    const auto upper = Utf8ToUtf16Le(entry["upper"].get<std::string>()).value();
    const auto domain = Utf8ToUtf16Le(entry["domain"].get<std::string>()).value();
    const NtHash hash = NtHashFromPassword(entry["password"].get<std::string>()).value();
    EXPECT_EQ(test::ToHex(NtowfV2(hash, user, domain).Expose()),
              entry["ntowf_v2"].get<std::string>());
    EXPECT_EQ(test::ToHex(NtowfV2OfUpper(hash, upper, domain).Expose()),
              entry["ntowf_v2"].get<std::string>());
  }
}

TEST_F(NtlmV2Vectors, ProofAndSessionBaseKey) {
  int checked = 0;
  for (const json& entry : entries_) {
    const json& expected = entry["expected"];
    if (!Has(expected, "nt_proof")) {
      continue;
    }
    const Secret<16> ntowf = NtowfOf(entry["inputs"]);
    const auto challenge = Octets(entry["inputs"]["server_challenge"]);
    const Secret<16> proof =
        NtProof(ntowf, std::span<const uint8_t, 8>(challenge), Octets(expected["temp"]));
    EXPECT_EQ(test::ToHex(proof.Expose()), expected["nt_proof"].get<std::string>())
        << entry["name"];
    EXPECT_EQ(test::ToHex(SessionBaseKey(ntowf, proof.Expose()).Expose()),
              expected["session_base_key"].get<std::string>())
        << entry["name"];
    ++checked;
  }
  EXPECT_EQ(checked, 35);
}

TEST_F(NtlmV2Vectors, SignAndSealKeys) {
  int checked = 0;
  for (const json& entry : entries_) {
    const json& expected = entry["expected"];
    // Null without extended session security.
    if (!Has(expected, "sign_key_c2s")) {
      continue;
    }
    const uint32_t flags = FlagsOf(entry["inputs"]["authenticate_flags"]);
    const Secret<16> key = Key(expected["exported_session_key"]);
    for (const auto& [direction, suffix] :
         {std::pair(Direction::kClientToServer, "c2s"), {Direction::kServerToClient, "s2c"}}) {
      EXPECT_EQ(test::ToHex(SealKey(flags, key, direction).Expose()),
                expected[std::string("seal_key_") + suffix].get<std::string>())
          << entry["name"];
      EXPECT_EQ(test::ToHex(SignKey(key, direction).Expose()),
                expected[std::string("sign_key_") + suffix].get<std::string>())
          << entry["name"];
      ++checked;
    }
  }
  EXPECT_EQ(checked, 2 * 31);
}

TEST_F(NtlmV2Vectors, Mic) {
  int checked = 0;
  for (const json& entry : entries_) {
    const json& expected = entry["expected"];
    if (!Has(expected, "mic_valid") || !Has(entry["messages"], "negotiate")) {
      continue;
    }
    const json& inputs = entry["inputs"];
    const auto negotiate = Octets(Has(inputs, "mic_message1") ? inputs["mic_message1"]
                                                              : entry["messages"]["negotiate"]);
    const auto challenge = Octets(Has(inputs, "mic_message2") ? inputs["mic_message2"]
                                                              : entry["messages"]["challenge"]);
    const Secret<16> mic = Mic(Key(expected["exported_session_key"]), negotiate, challenge,
                               Octets(entry["messages"]["authenticate"]), kMicOffset);
    EXPECT_EQ(test::ToHex(mic.Expose()) == expected["mic"].get<std::string>(),
              expected["mic_valid"].get<bool>())
        << entry["name"];
    ++checked;
  }
  EXPECT_EQ(checked, 18);
}

// [MS-NLMP] 3.4.5.3: of the session key 16, 7 or 5 octets count.
TEST(SealKeyTest, WeakerKeysIgnoreTheRestOfTheSessionKey) {
  Secret<16> key;
  Secret<16> last_octet_differs;
  last_octet_differs.ExposeMutable()[15] = 1;
  Secret<16> sixth_octet_differs;
  sixth_octet_differs.ExposeMutable()[5] = 1;
  const auto same = [&key](uint32_t flags, const Secret<16>& other) {
    return SealKey(flags, key, Direction::kClientToServer) ==
           SealKey(flags, other, Direction::kClientToServer);
  };
  EXPECT_FALSE(same(kNegotiate128 | kNegotiate56, last_octet_differs));
  EXPECT_TRUE(same(kNegotiate56, last_octet_differs));
  EXPECT_FALSE(same(kNegotiate56, sixth_octet_differs));
  EXPECT_TRUE(same(0, sixth_octet_differs));
}

TEST(NtHashFromPasswordTest, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(NtHashFromPassword("\xFF").status().code(), absl::StatusCode::kInvalidArgument);
}

class NtlmV2NegativeVectors : public testing::Test {
 protected:
  struct Exchange {
    explicit Exchange(const json& entry)
        : negotiate(Octets(entry["messages"]["negotiate"])),
          challenge(Octets(entry["messages"]["challenge"])),
          authenticate(Octets(entry["messages"]["authenticate"])),
          hash(NtHashFromPassword(entry["inputs"]["password"].get<std::string>()).value()),
          user(Utf16LeToUtf8(AuthenticateField(authenticate, kUserDescriptor)).value()),
          domain(Utf16LeToUtf8(AuthenticateField(authenticate, kDomainDescriptor)).value()) {}

    LogonRequest Request() const {
      LogonRequest request;
      request.user = user;
      request.domain = domain;
      ByteReader reader(challenge);
      EXPECT_TRUE(reader.Skip(24) && reader.ReadArray(std::span(request.server_challenge)));
      request.nt_response = AuthenticateField(authenticate, kNtResponseDescriptor);
      return request;
    }

    std::vector<uint8_t> negotiate;
    std::vector<uint8_t> challenge;
    std::vector<uint8_t> authenticate;
    NtHash hash;
    std::string user;
    std::string domain;
  };

  static Secret<16> ExportedSessionKey(const Exchange& exchange, const Secret<16>& base_key) {
    ByteReader reader(exchange.authenticate);
    uint32_t flags = 0;
    EXPECT_TRUE(reader.Skip(kFlagsOffset) && reader.ReadU32(flags));
    const auto wrapped = AuthenticateField(exchange.authenticate, kSessionKeyDescriptor);
    return (flags & kNegotiateKeyExchange) != 0 ? crypto::Rc4WrapKey(base_key, wrapped.first<16>())
                                                : base_key;
  }

  static bool MicMatches(const Exchange& exchange, const Secret<16>& base_key) {
    const Secret<16> mic = Mic(ExportedSessionKey(exchange, base_key), exchange.negotiate,
                               exchange.challenge, exchange.authenticate, kMicOffset);
    return ConstantTimeEquals(
        mic.Expose(), std::span<const uint8_t>(exchange.authenticate).subspan(kMicOffset, 16));
  }

  const json entries_ = ReadEntries("ntlmv2_negative.json");
};

TEST_F(NtlmV2NegativeVectors, ProofHoldsWhereExpectedAndNowhereElse) {
  ASSERT_EQ(entries_.size(), 77u);
  for (const json& entry : entries_) {
    const Exchange exchange(entry);
    const auto verdict = VerifyWithNtHash(exchange.hash, exchange.Request(), SomeAccount());
    ASSERT_TRUE(verdict.ok()) << entry["name"] << verdict.status();
    EXPECT_EQ(verdict->verified(), entry["expected"]["proof_ok"].get<bool>()) << entry["name"];
    if (!verdict->verified()) {
      EXPECT_EQ(verdict->refusal(), Reason::kWrongPassword) << entry["name"];
      EXPECT_EQ(verdict->session_base_key(), Secret<16>()) << entry["name"];
    }
  }
}

TEST_F(NtlmV2NegativeVectors, MicHoldsWhereExpectedAndNowhereElse) {
  int checked = 0;
  for (const json& entry : entries_) {
    const Exchange exchange(entry);
    const auto verdict = VerifyWithNtHash(exchange.hash, exchange.Request(), SomeAccount());
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    if (entry["expected"]["mic_present"] == false || !verdict->verified()) {
      continue;
    }
    EXPECT_EQ(MicMatches(exchange, verdict->session_base_key()),
              entry["expected"]["mic_ok"].get<bool>())
        << entry["name"];
    ++checked;
  }
  EXPECT_EQ(checked, 38);
}

}  // namespace
}  // namespace epa::ntlm
