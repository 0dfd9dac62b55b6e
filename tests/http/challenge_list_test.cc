#include "lib/http/challenge_list.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "tests/support/test_data.h"

namespace epa::http {
namespace {

nlohmann::json LoadVectors() { return test::ReadTestJson("http/http_headers.json").at("entries"); }

std::string LowerCase(std::string_view text) { return absl::AsciiStrToLower(std::string(text)); }

void ExpectEqual(const Challenge& actual, const nlohmann::json& expected) {
  EXPECT_EQ(LowerCase(actual.scheme), expected.at("scheme").get<std::string>());
  EXPECT_EQ(std::string(actual.token68),
            expected.at("token68").is_null() ? "" : expected.at("token68").get<std::string>());
  const nlohmann::json& parameters = expected.at("params");
  ASSERT_EQ(actual.parameters.size(), parameters.is_null() ? 0 : parameters.size());
  for (const AuthParameter& parameter : actual.parameters) {
    EXPECT_EQ(parameter.value, parameters.at(LowerCase(parameter.name)).get<std::string>());
  }
}

TEST(ChallengeListTest, PublishedHeadersParseAsPublished) {
  const nlohmann::json entries = LoadVectors();
  ASSERT_EQ(entries.size(), 59u);
  for (const nlohmann::json& entry : entries) {
    SCOPED_TRACE(entry.at("name"));
    const std::string value = entry.at("inputs").at("value");
    const nlohmann::json& expected = entry.at("expected");
    const auto list = ParseChallengeList(value);
    ASSERT_EQ(list.ok(), expected.at("list_parses").get<bool>());
    const nlohmann::json& challenges = expected.at("challenges");
    if (!list.ok()) {
      continue;
    }
    ASSERT_EQ(list->size(), challenges.is_null() ? 0 : challenges.size());
    for (size_t i = 0; i < list->size(); ++i) {
      ExpectEqual((*list)[i], challenges[i]);
    }
  }
}

TEST(ChallengeListTest, PublishedTokensDecodeAsPublished) {
  int tokens = 0;
  for (const nlohmann::json& entry : LoadVectors()) {
    SCOPED_TRACE(entry.at("name"));
    const nlohmann::json& expected = entry.at("expected");
    if (!expected.contains("base64_valid")) {
      continue;
    }
    const std::string value = entry.at("inputs").at("value");
    const auto list = ParseChallengeList(value).value();
    const auto token = DecodeBase64(list.front().token68);
    ASSERT_EQ(token.has_value(), expected.at("base64_valid").get<bool>());
    if (token.has_value()) {
      EXPECT_EQ(EncodeHex(*token), expected.at("token_hex").get<std::string>());
      EXPECT_EQ(EncodeBase64(*token), list.front().token68);
    }
    ++tokens;
  }
  EXPECT_GE(tokens, 30);
}

TEST(ChallengeListTest, FoldedListKeepsParametersWithTheirChallenge) {
  const auto list =
      ParseChallengeList(R"(, Digest realm="x", nonce = abc ,,NTLM , Basic realm="\"q\\", Foo a==)")
          .value();
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].scheme, "Digest");
  ASSERT_EQ(list[0].parameters.size(), 2u);
  EXPECT_EQ(list[0].parameters[1].name, "nonce");
  EXPECT_EQ(list[0].parameters[1].value, "abc");
  EXPECT_EQ(list[1].scheme, "NTLM");
  EXPECT_TRUE(list[1].parameters.empty());
  EXPECT_EQ(list[2].parameters[0].value, "\"q\\");
  EXPECT_EQ(list[3].token68, "a==");
}

TEST(ChallengeListTest, MalformedValuesAreErrors) {
  const std::string nul("NTLM abc\0def", 12);
  for (const std::string& value :
       {std::string("="), std::string("NTLM abc def"), std::string("NTLM =abc"),
        std::string("Basic realm=\"open"), std::string("Basic realm=\"open\\"),
        std::string("Basic realm=\"a\r\nb\""), std::string("Basic realm=a b"),
        std::string("Basic realm=a, realm=b"), std::string("Basic realm=a, REALM=b"),
        std::string("Basic a=b, c="), std::string("NTLM abc, x=y"), std::string("N\xc3\xa4"),
        std::string("NTLM abc;"), std::string("NTLM\r\n abc"), std::string("NTLM\"x\""), nul}) {
    EXPECT_FALSE(ParseChallengeList(value).ok()) << value;
  }
}

TEST(ChallengeListTest, ErrorNamesTheOffset) {
  EXPECT_THAT(std::string(ParseChallengeList("NTLM abc def").status().message()),
              ::testing::HasSubstr("offset 9"));
}

TEST(ChallengeListTest, ElementsAreBounded) {
  std::string challenges = "NTLM";
  std::string parameters = "Basic p0=x";
  for (size_t i = 1; i < kMaxChallenges; ++i) {
    challenges += ",NTLM";
  }
  for (size_t i = 1; i < kMaxParameters; ++i) {
    parameters += ",p" + std::to_string(i) + "=x";
  }
  EXPECT_EQ(ParseChallengeList(challenges).value().size(), kMaxChallenges);
  EXPECT_EQ(ParseChallengeList(parameters).value()[0].parameters.size(), kMaxParameters);
  EXPECT_FALSE(ParseChallengeList(challenges + ",NTLM").ok());
  EXPECT_FALSE(ParseChallengeList(parameters + ",q=x").ok());
  EXPECT_TRUE(ParseChallengeList(std::string(100'000, ',')).value().empty());
}

std::string Readable(std::string_view value) {
  std::string text;
  for (const Challenge& challenge : ParseChallengesLeniently(value)) {
    text += std::string(challenge.scheme) + (challenge.damaged ? "!" : "");
    text += challenge.token68.empty() ? "" : " " + std::string(challenge.token68);
    for (const AuthParameter& parameter : challenge.parameters) {
      text += " " + std::string(parameter.name) + "=" + parameter.value;
    }
    text += ";";
  }
  return text;
}

TEST(LenientChallengeListTest, FaultyChallengeLosesNoNeighbour) {
  EXPECT_EQ(Readable("Negotiate, Basic realm=no quotes, NTLM TlRM"),
            "Negotiate;Basic! realm=no;NTLM TlRM;");
  EXPECT_EQ(Readable("Basic realm=\"x\" charset=UTF-8, NTLM"), "Basic! realm=x;NTLM;");
  EXPECT_EQ(Readable("Digest a=1, a=2, b=3, NTLM"), "Digest! a=1 b=3;NTLM;");
  EXPECT_EQ(Readable("NTLM ab=cd==, Negotiate"), "NTLM! ab=cd;Negotiate;");
  EXPECT_EQ(Readable("NTLM TlRM, \"junk\", =, @, Negotiate"), "NTLM TlRM;Negotiate;");
  EXPECT_EQ(Readable("Negotiate, \"junk\", NTLM"), "Negotiate;NTLM;");
  EXPECT_EQ(Readable("Basic realm=;, NTLM"), "Basic!;NTLM;");
}

// What a site's author may choose, a realm, begins no challenge.
TEST(LenientChallengeListTest, NothingInsideQuotesIsAChallenge) {
  EXPECT_EQ(Readable("Basic realm=\"a, NTLM TlRM\" x, Negotiate"),
            "Basic! realm=a, NTLM TlRM;Negotiate;");
  EXPECT_EQ(Readable("Basic realm=\"a\x01, NTLM TlRM\", Negotiate"), "Basic!;Negotiate;");
  EXPECT_EQ(Readable("Basic realm=\"a\\\", NTLM TlRM\" x, Negotiate"),
            "Basic! realm=a\", NTLM TlRM;Negotiate;");
  EXPECT_EQ(Readable("Basic realm=\"without end, NTLM TlRM"), "Basic!;");
  EXPECT_EQ(Readable("Basic realm=\"without end\\"), "Basic!;");
}

TEST(LenientChallengeListTest, SoundListsAreReadAsStrictly) {
  for (const nlohmann::json& entry : LoadVectors()) {
    const std::string value = entry.at("inputs").at("value");
    const auto strict = ParseChallengeList(value);
    if (!strict.ok()) {
      continue;
    }
    SCOPED_TRACE(entry.at("name"));
    const auto lenient = ParseChallengesLeniently(value);
    ASSERT_EQ(lenient.size(), strict->size());
    for (size_t i = 0; i < lenient.size(); ++i) {
      EXPECT_FALSE(lenient[i].damaged);
      EXPECT_EQ(lenient[i].scheme, (*strict)[i].scheme);
      EXPECT_EQ(lenient[i].token68, (*strict)[i].token68);
      EXPECT_EQ(lenient[i].parameters.size(), (*strict)[i].parameters.size());
    }
  }
}

TEST(LenientChallengeListTest, StaysWithinTheLimits) {
  std::string value;
  for (size_t i = 0; i < 10 * kMaxChallenges; ++i) {
    value += "A" + std::to_string(i) + ", ";
  }
  EXPECT_EQ(ParseChallengesLeniently(value).size(), kMaxChallenges);
}

}  // namespace
}  // namespace epa::http
