#include "epa/core/channel_bindings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "epa/core/extended_protection.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa {
namespace {

using nlohmann::json;
using test::FromHex;
using test::OctetsOf;
using test::ToHex;

// go-mssqldb writes 32 as the offset of the two parts that are not there.
constexpr char kZeroLengthOffsets[] =
    "0000000000000000200000000000000000000000200000001b00000020000000"
    "746c732d756e697175653a30313233343536373839616263646566";
// Bindings that name nothing: 20 zero octets hashed.
constexpr char kEmptyToken[] = "441018525208457705bf09a8ee3c1093";

ChannelBindings Make(std::span<const uint8_t> application_data) {
  auto bindings = ChannelBindings::FromApplicationData(application_data);
  EXPECT_THAT(bindings, test::IsOk());
  return *std::move(bindings);
}

ChannelBindingFields AllFields() {
  return {.initiator_address_type = 2,
          .initiator_address = {1, 2, 3, 4},
          .acceptor_address_type = 4,
          .acceptor_address = {5, 6, 7},
          .application_data = OctetsOf("tls-unique:xyz")};
}

void ExpectSameFields(const ChannelBindingFields& a, const ChannelBindingFields& b) {
  EXPECT_EQ(a.initiator_address_type, b.initiator_address_type);
  EXPECT_EQ(a.initiator_address, b.initiator_address);
  EXPECT_EQ(a.acceptor_address_type, b.acceptor_address_type);
  EXPECT_EQ(a.acceptor_address, b.acceptor_address);
  EXPECT_EQ(a.application_data, b.application_data);
}

class ChannelBindingVectors : public testing::Test {
 protected:
  const json entries_ = test::ReadTestJson("core/channel_bindings.json")["entries"];
};

TEST_F(ChannelBindingVectors, SerializationAndToken) {
  int checked = 0;
  for (const json& entry : entries_) {
    if (entry["kind"] != "hash") {
      continue;
    }
    const json& inputs = entry["inputs"];
    const ChannelBindingFields fields = {
        .initiator_address_type = inputs["initiator_addrtype"].get<uint32_t>(),
        .initiator_address = FromHex(inputs["initiator_address"].get<std::string>()),
        .acceptor_address_type = inputs["acceptor_addrtype"].get<uint32_t>(),
        .acceptor_address = FromHex(inputs["acceptor_address"].get<std::string>()),
        .application_data = FromHex(inputs["application_data"].get<std::string>())};
    EXPECT_EQ(ToHex(SerializeForHash(fields)), entry["expected"]["struct"].get<std::string>())
        << entry["name"];
    const auto bindings = ChannelBindings::FromFields(fields);
    ASSERT_THAT(bindings, test::IsOk()) << entry["name"];
    EXPECT_EQ(ToHex(bindings->token().octets), entry["expected"]["md5"].get<std::string>())
        << entry["name"];
    ++checked;
  }
  EXPECT_EQ(checked, 11);
}

BindingEvidence EvidenceOf(const json& sent, const json& ours) {
  if (sent.is_null()) {
    return BindingEvidence::kAbsent;
  }
  if (FromHex(sent.get<std::string>()) == std::vector<uint8_t>(16)) {
    return BindingEvidence::kExplicitNone;
  }
  return sent == ours ? BindingEvidence::kMatched : BindingEvidence::kMismatched;
}

// [MS-NLMP] 3.2.5.1.2 as the decision sees it. A server that requires bindings and has none to
// compare with trusts a proxy's.
TEST_F(ChannelBindingVectors, AcceptorRules) {
  int checked = 0;
  const ChannelBindings blog =
      Make(FromHex("746c732d7365727665722d656e642d706f696e743a"
                   "ea05fefecc6b0bd571dbbc5baa3ed45386d0446835f7b74c85621b9983475f95"));
  for (const json& entry : entries_) {
    if (entry["kind"] != "acceptor_policy") {
      continue;
    }
    const json& inputs = entry["inputs"];
    const json& ours = inputs["server_channel_bindings_md5"];
    ExtendedProtectionOptions options;
    options.mode = inputs["application_requires_cbt"].get<bool>() ? ExtendedProtectionMode::kRequire
                                                                  : ExtendedProtectionMode::kLegacy;
    options.no_service_name_check = true;
    if (ours.is_null() && options.mode == ExtendedProtectionMode::kRequire) {
      options.scenario = ProtectionScenario::kTrustedProxy;
    }
    if (!ours.is_null()) {
      ASSERT_EQ(ToHex(blog.token().octets), ours.get<std::string>());
    }
    ExtendedProtectionEvidence evidence;
    evidence.binding = EvidenceOf(inputs["client_av_channel_bindings"], ours);
    const auto decision = EvaluateExtendedProtection(
        ExtendedProtectionPolicy::Create(options).value(),
        ours.is_null() ? Channel::Plain() : Channel::Tls(blog), IdentityKind::kUser, evidence);
    EXPECT_EQ(decision.accepted, entry["expected"]["result"] == "ok") << entry["name"];
    ++checked;
  }
  EXPECT_EQ(checked, 7);
}

TEST(ChannelBindingsTest, KnownTokens) {
  const auto token = [](std::string_view prefix, size_t zeros) {
    std::vector<uint8_t> data = OctetsOf(prefix);
    data.resize(data.size() + zeros);
    return ToHex(Make(data).token().octets);
  };
  EXPECT_EQ(token("tls-unique:0123456789abcdef", 0), "1eb7620a5e38cb1f50478b1690621a03");
  EXPECT_EQ(token("tls-unique:", 12), "dedb00e012e60937f09bb7b690fb5f33");
  EXPECT_EQ(token("tls-exporter:", 32), "fcb4584f47d25844266c116ca9731a47");
}

TEST(ChannelBindingsTest, TypeIsReadFromThePrefix) {
  EXPECT_EQ(Make(OctetsOf("tls-server-end-point:x")).type(), ChannelBindingType::kServerEndPoint);
  EXPECT_EQ(Make(OctetsOf("tls-unique:x")).type(), ChannelBindingType::kUnique);
  EXPECT_EQ(Make(OctetsOf("tls-exporter:x")).type(), ChannelBindingType::kExporter);
  EXPECT_EQ(Make(OctetsOf("tls-unique-for-telnet:x")).type(), ChannelBindingType::kOther);
  EXPECT_EQ(Make(OctetsOf("TLS-UNIQUE:x")).type(), ChannelBindingType::kOther);
  EXPECT_EQ(Make(OctetsOf("tls-uniq")).type(), ChannelBindingType::kOther);
}

// Their token is not zero and matches no channel: a client that meant "none" would be refused.
TEST(ChannelBindingsTest, EmptyBindingsCannotBeMade) {
  EXPECT_FALSE(ChannelBindings::FromApplicationData({}).ok());
  EXPECT_FALSE(ChannelBindings::FromFields({}).ok());
  ChannelBindingFields type_alone;
  type_alone.initiator_address_type = 2;
  EXPECT_FALSE(ChannelBindings::FromFields(type_alone).ok());
  EXPECT_FALSE(ChannelBindings::ParseSecChannelBindings(std::vector<uint8_t>(32)).ok());
  EXPECT_NE(ToHex(Make(std::vector<uint8_t>(1)).token().octets), kEmptyToken);
}

TEST(ChannelBindingsTest, OversizedBindingsCannotBeMade) {
  EXPECT_TRUE(ChannelBindings::FromApplicationData(std::vector<uint8_t>(64 * 1024)).ok());
  EXPECT_FALSE(ChannelBindings::FromApplicationData(std::vector<uint8_t>(64 * 1024 + 1)).ok());
}

TEST(ChannelBindingTokenTest, ZeroAndEquality) {
  ChannelBindingToken token;
  EXPECT_TRUE(token.IsZero());
  token.octets[15] = 1;
  EXPECT_FALSE(token.IsZero());
  EXPECT_FALSE(token == ChannelBindingToken());
  EXPECT_TRUE(token == token);
}

TEST(SecChannelBindings, ReadsZeroLengthPartsWhateverTheirOffset) {
  const auto parsed = ChannelBindings::ParseSecChannelBindings(FromHex(kZeroLengthOffsets));
  ASSERT_THAT(parsed, test::IsOk());
  EXPECT_FALSE(parsed->extended_flags.has_value());
  EXPECT_EQ(ToHex(parsed->bindings.token().octets), "1eb7620a5e38cb1f50478b1690621a03");
  auto garbage = FromHex(kZeroLengthOffsets);
  garbage[8] = garbage[9] = garbage[10] = garbage[11] = 0xFF;
  EXPECT_THAT(ChannelBindings::ParseSecChannelBindings(garbage), test::IsOk());
}

TEST(SecChannelBindings, PlainFormHasTheLayoutOfTheHeaderFile) {
  const auto octets = Make(OctetsOf("tls-unique:0123456789abcdef")).ToSecChannelBindings();
  EXPECT_EQ(ToHex(octets),
            "0000000000000000000000000000000000000000000000001b00000020000000"
            "746c732d756e697175653a30313233343536373839616263646566");
}

TEST(SecChannelBindings, ExtendedFormHasTheLayoutOfTheHeaderFile) {
  const auto octets = Make(OctetsOf("tls-unique:0123456789abcdef"))
                          .ToSecChannelBindingsEx(kSecChannelBindingsAuditBindings);
  EXPECT_EQ(ToHex(octets),
            "4342455801000000300000004b000000"
            "0000000000000000000000000000000000000000000000001b00000030000000"
            "746c732d756e697175653a30313233343536373839616263646566");
}

TEST(SecChannelBindings, BothFormsReadBackWhatWasWritten) {
  const ChannelBindings bindings = ChannelBindings::FromFields(AllFields()).value();
  const auto plain = ChannelBindings::ParseSecChannelBindings(bindings.ToSecChannelBindings());
  ASSERT_THAT(plain, test::IsOk());
  ExpectSameFields(plain->bindings.fields(), AllFields());
  EXPECT_EQ(plain->bindings.token(), bindings.token());
  EXPECT_FALSE(plain->extended_flags.has_value());
  const auto extended =
      ChannelBindings::ParseSecChannelBindings(bindings.ToSecChannelBindingsEx(5));
  ASSERT_THAT(extended, test::IsOk());
  ExpectSameFields(extended->bindings.fields(), AllFields());
  EXPECT_EQ(extended->extended_flags, 5u);
}

TEST(SecChannelBindings, EveryTruncationIsAnError) {
  const ChannelBindings bindings = ChannelBindings::FromFields(AllFields()).value();
  for (const auto& whole : {bindings.ToSecChannelBindings(), bindings.ToSecChannelBindingsEx(1)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(ChannelBindings::ParseSecChannelBindings(std::span(whole).first(size)).ok())
          << size << " of " << whole.size();
    }
  }
}

TEST(SecChannelBindings, PartsThatOverlapTheHeaderOrLeaveTheBufferAreErrors) {
  const auto with_word = [](size_t at, uint32_t value) {
    auto octets = FromHex(kZeroLengthOffsets);
    for (size_t i = 0; i < 4; ++i) {
      octets[at + i] = static_cast<uint8_t>(value >> (8 * i));
    }
    return ChannelBindings::ParseSecChannelBindings(octets);
  };
  EXPECT_TRUE(with_word(28, 32).ok());
  EXPECT_FALSE(with_word(28, 31).ok());  // overlaps the header
  EXPECT_FALSE(with_word(28, 0).ok());
  EXPECT_FALSE(with_word(28, 33).ok());          // one octet past the end
  EXPECT_FALSE(with_word(28, 0xFFFFFFFF).ok());  // wraps in 32 bits
  EXPECT_FALSE(with_word(24, 0xFFFFFFFF).ok());
  EXPECT_FALSE(with_word(24, 28).ok());
  EXPECT_TRUE(with_word(4, 27).ok());  // an initiator address that is there after all
  EXPECT_FALSE(with_word(4, 28).ok());
}

TEST(SecChannelBindings, ExtendedLengthsThatContradictAreErrors) {
  const auto with_octet = [](size_t at, uint8_t value) {
    auto octets = Make(OctetsOf("tls-unique:x")).ToSecChannelBindingsEx(0);
    octets[at] = value;
    return ChannelBindings::ParseSecChannelBindings(octets);
  };
  EXPECT_TRUE(with_octet(8, 48).ok());
  EXPECT_FALSE(with_octet(8, 47).ok());   // the header ends inside itself
  EXPECT_FALSE(with_octet(8, 49).ok());   // the application data lies in the header
  EXPECT_FALSE(with_octet(8, 255).ok());  // longer than the structure
  EXPECT_FALSE(with_octet(12, 61).ok());  // the structure leaves the buffer
  EXPECT_FALSE(with_octet(12, 47).ok());
}

TEST(ChannelTest, FindsAnyOfItsBindings) {
  auto list = std::make_shared<ChannelBindingsList>();
  list->push_back(Make(OctetsOf("tls-server-end-point:old")));
  list->push_back(Make(OctetsOf("tls-server-end-point:new")));
  const Channel channel = Channel::Tls(list);
  EXPECT_TRUE(channel.has_bindings());
  EXPECT_EQ(channel.Find((*list)[0].token()), 0u);
  EXPECT_EQ(channel.Find((*list)[1].token()), 1u);
  EXPECT_EQ(channel.Find(Make(OctetsOf("tls-unique:other")).token()), std::nullopt);
  EXPECT_EQ(channel.Find(ChannelBindingToken()), std::nullopt);
}

TEST(ChannelTest, ChannelsWithoutBindingsFindNothing) {
  const ChannelBindingToken token = Make(OctetsOf("tls-unique:x")).token();
  for (const Channel& channel : {Channel::Plain(), Channel::TrustedProxy(),
                                 Channel::Tls(std::shared_ptr<const ChannelBindingsList>())}) {
    EXPECT_FALSE(channel.has_bindings());
    EXPECT_TRUE(channel.bindings().empty());
    EXPECT_EQ(channel.Find(token), std::nullopt);
  }
}

}  // namespace
}  // namespace epa
