#include "lib/sasl/layer_negotiation.h"

#include <gtest/gtest.h>

#include "tests/support/test_data.h"

namespace epa::sasl {
namespace {

using test::FromHex;
using test::ToHex;

// What servers send: Active Directory and slapd, Postfix, Dovecot (which names a size without a
// layer), Windows.
TEST(LayerNegotiation, ReadsWhatServersOffer) {
  struct Row {
    std::string_view octets;
    uint8_t layers;
    uint32_t max_message;
  };
  for (const Row& row : {Row{"07010000", 7, 0x10000}, Row{"01000000", 1, 0},
                         Row{"01ffffff", 1, 0xFFFFFF}, Row{"07a00000", 7, 0xA00000}}) {
    const auto offer = ParseLayerOffer(FromHex(row.octets));
    ASSERT_TRUE(offer.has_value()) << row.octets;
    EXPECT_EQ(offer->layers, row.layers);
    EXPECT_EQ(offer->max_message, row.max_message);
    EXPECT_EQ(ToHex(EncodeLayerOffer(*offer)), row.octets);
  }
}

TEST(LayerNegotiation, AnOfferHasFourOctets) {
  for (const std::string_view octets : {"", "010000", "0100000000"}) {
    EXPECT_FALSE(ParseLayerOffer(FromHex(octets)).has_value()) << octets;
  }
}

TEST(LayerNegotiation, AChoiceHasFourOctetsAndAnIdentity) {
  const auto none = ParseLayerChoice(FromHex("01000000"));
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->layers, 1);
  EXPECT_EQ(none->authorization_identity, "");
  const auto named = ParseLayerChoice(FromHex("04ffffff753a626f62"));
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->layers, 4);
  EXPECT_EQ(named->max_message, 0xFFFFFFu);
  EXPECT_EQ(named->authorization_identity, "u:bob");
  EXPECT_EQ(ToHex(EncodeLayerChoice(*named)), "04ffffff753a626f62");
}

TEST(LayerNegotiation, RefusesChoicesThatAreNone) {
  EXPECT_FALSE(ParseLayerChoice(FromHex("010000")).has_value());
  EXPECT_FALSE(ParseLayerChoice(FromHex("01000000620062")).has_value()) << "a NUL";
  EXPECT_FALSE(ParseLayerChoice(FromHex("01000000ff")).has_value()) << "not UTF-8";
  std::vector<uint8_t> longest = FromHex("01000000");
  longest.resize(4 + kLongestAuthorizationIdentity, 'a');
  EXPECT_TRUE(ParseLayerChoice(longest).has_value());
  longest.push_back('a');
  EXPECT_FALSE(ParseLayerChoice(longest).has_value());
}

}  // namespace
}  // namespace epa::sasl
