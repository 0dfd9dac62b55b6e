#include "providers/negotiate/neg_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lib/asn1/object_identifier.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using nlohmann::json;
using test::FromHex;
using test::ToHex;

void ExpectField(const json& expected, const char* key, const std::optional<Octets>& read) {
  if (!expected.contains(key) || expected[key].is_null()) {
    EXPECT_TRUE(!read.has_value() || read->empty()) << key;
    return;
  }
  ASSERT_TRUE(read.has_value()) << key;
  EXPECT_EQ(ToHex(*read), expected[key].get<std::string>()) << key;
}

void ExpectInit(const json& expected, Octets token) {
  const auto init = ParseNegTokenInit(token);
  ASSERT_OK(init);
  EXPECT_EQ(init->framed, expected["framed"].get<bool>());
  EXPECT_EQ(ToHex(init->mech_types_der), expected["mech_types_der"].get<std::string>());
  ASSERT_EQ(init->mech_types.size(), expected["mech_types"].size());
  for (size_t i = 0; i < init->mech_types.size(); ++i) {
    EXPECT_EQ(asn1::DottedOid(init->mech_types[i]), expected["mech_types"][i].get<std::string>());
  }
  ExpectField(expected, "mech_token", init->mech_token);
  ExpectField(expected, "mech_list_mic", init->mech_list_mic);
  if (expected.contains("hint_name")) {
    ASSERT_TRUE(init->hint_name.has_value());
    EXPECT_EQ(std::string(init->hint_name->begin(), init->hint_name->end()),
              expected["hint_name"].get<std::string>());
  }
}

void ExpectResp(const json& expected, Octets token) {
  const auto resp = ParseNegTokenResp(token);
  ASSERT_OK(resp);
  const std::vector<std::string> states = {"accept-completed", "accept-incomplete", "reject",
                                           "request-mic"};
  if (expected.contains("neg_state")) {
    ASSERT_TRUE(resp->state.has_value());
    EXPECT_EQ(states[static_cast<size_t>(*resp->state)], expected["neg_state"].get<std::string>());
  }
  if (expected.contains("supported_mech")) {
    ASSERT_TRUE(resp->supported_mech.has_value());
    EXPECT_EQ(asn1::DottedOid(*resp->supported_mech),
              expected["supported_mech"].get<std::string>());
  }
  ExpectField(expected, "response_token", resp->response_token);
  // Windows 2000 repeats its token where the MIC belongs; such a MIC is dropped.
  if (expected.value("mech_list_mic", "") == expected.value("response_token", "-")) {
    EXPECT_FALSE(resp->mech_list_mic.has_value());
  } else {
    ExpectField(expected, "mech_list_mic", resp->mech_list_mic);
  }
}

TEST(NegToken, ReadsEveryGenuineToken) {
  size_t read = 0;
  const json vectors = test::ReadTestJson("negotiate/spnego.json");
  for (const auto& entry : vectors["entries"]) {
    const json& expected = entry["expected"];
    if (!expected["valid"].get<bool>() || !expected.contains("kind")) {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    const auto token = FromHex(entry["token"].get<std::string>());
    expected["kind"] == "negTokenInit" ? ExpectInit(expected, token) : ExpectResp(expected, token);
    ++read;
  }
  EXPECT_GE(read, 102u);
}

TEST(NegToken, RefusesEveryMalformedToken) {
  // What is wrong with these shows in the exchange, not in the syntax of one token.
  const std::set<std::string> kSemantic = {"malformed-resp-supportedmech-not-offered"};
  size_t refused = 0;
  const json vectors = test::ReadTestJson("negotiate/spnego.json");
  for (const auto& entry : vectors["entries"]) {
    const std::string name = entry["name"];
    if (entry["expected"]["valid"].get<bool>() || kSemantic.contains(name)) {
      continue;
    }
    const auto token = FromHex(entry["token"].get<std::string>());
    EXPECT_FALSE(ParseNegTokenInit(token).ok()) << name;
    EXPECT_FALSE(ParseNegTokenResp(token).ok()) << name;
    ++refused;
  }
  EXPECT_EQ(refused, 16u);
}

TEST(NegToken, WritesWhatItReads) {
  const std::vector<std::vector<uint8_t>> oids = {FromHex("06092a864886f712010202"),
                                                  FromHex("060a2b06010401823702020a")};
  const auto list = MechTypeListOf(oids);
  const auto token = FromHex("0102030405");
  const auto written_init = WriteNegTokenInit(list, token);
  const auto init = ParseNegTokenInit(written_init);
  ASSERT_OK(init);
  EXPECT_TRUE(init->framed);
  EXPECT_EQ(ToHex(init->mech_types_der), ToHex(list));
  EXPECT_EQ(init->mech_types.size(), 2u);
  EXPECT_EQ(ToHex(*init->mech_token), ToHex(token));
  const auto hints = WriteNegTokenInit2(list);
  const auto init2 = ParseNegTokenInit(hints);
  ASSERT_OK(init2);
  EXPECT_TRUE(init2->hint_name.has_value());
  EXPECT_FALSE(init2->mech_list_mic.has_value());
  NegTokenResp resp;
  resp.state = NegState::kRequestMic;
  const Octets mech = Octets(oids[1]).subspan(2);
  resp.supported_mech = mech;
  resp.response_token = token;
  const auto mic = FromHex("0a0b");
  resp.mech_list_mic = mic;
  const auto written_resp = WriteNegTokenResp(resp);
  const auto read = ParseNegTokenResp(written_resp);
  ASSERT_OK(read);
  EXPECT_EQ(read->state, NegState::kRequestMic);
  EXPECT_EQ(ToHex(*read->supported_mech), ToHex(mech));
  EXPECT_EQ(ToHex(*read->mech_list_mic), "0a0b");
}

// Bounded work for a list that claims to be longer than any peer's.
TEST(NegToken, RefusesMoreThan32Mechanisms) {
  const std::vector<std::vector<uint8_t>> oids(kMaxMechanisms + 1, FromHex("06012a"));
  EXPECT_FALSE(ParseNegTokenInit(WriteNegTokenInit(MechTypeListOf(oids), {})).ok());
  const std::vector<std::vector<uint8_t>> fits(kMaxMechanisms, FromHex("06012a"));
  EXPECT_TRUE(ParseNegTokenInit(WriteNegTokenInit(MechTypeListOf(fits), {})).ok());
}

}  // namespace
}  // namespace epa::negotiate
