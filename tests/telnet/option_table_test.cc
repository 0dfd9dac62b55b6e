// RFC 1143: every state of an option against every command, and no loops.
#include "lib/telnet/option_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::telnet {
namespace {

constexpr Option kAgreed = kSuppressGoAhead;
constexpr Option kForeign = kTerminalType;

std::string Answer(OptionTable& table, Verb verb, Option option = kAgreed) {
  std::vector<uint8_t> out;
  table.OnNegotiation(verb, option, out);
  return test::ToHex(out);
}

// A table in which the peer's option `kAgreed` is in one of RFC 1143's states.
OptionTable In(std::string_view state) {
  OptionTable table{AgreedOptions{}};
  std::vector<uint8_t> out;
  if (state == "yes") {
    table.OnNegotiation(Verb::kWill, kAgreed, out);
  } else if (state == "want yes") {
    EXPECT_TRUE(table.AskRemote(kAgreed, out));
  } else if (state == "want no") {
    table.OnNegotiation(Verb::kWill, kAgreed, out);
    table.StopRemote(kAgreed, out);
  }
  return table;
}

struct Row {
  std::string_view state;
  Verb event;
  std::string_view answer;
  bool on_after;
};

TEST(OptionTable, EveryStateAndEvent) {
  const Row rows[] = {
      {"no", Verb::kWill, "fffd03", true}, {"no", Verb::kWont, "", false},
      {"yes", Verb::kWill, "", true},      {"yes", Verb::kWont, "fffe03", false},
      {"want yes", Verb::kWill, "", true}, {"want yes", Verb::kWont, "", false},
      {"want no", Verb::kWill, "", false}, {"want no", Verb::kWont, "", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.state) + " " + std::to_string(static_cast<int>(row.event)));
    OptionTable table = In(row.state);
    EXPECT_EQ(Answer(table, row.event), row.answer);
    EXPECT_EQ(table.remote_on(kAgreed), row.on_after);
    EXPECT_FALSE(table.local_on(kAgreed));
  }
}

TEST(OptionTable, OurOwnOptionsFollowTheSameRules) {
  OptionTable table{AgreedOptions{}};
  EXPECT_EQ(Answer(table, Verb::kDont), "");
  EXPECT_EQ(Answer(table, Verb::kDo), "fffb03");
  EXPECT_EQ(Answer(table, Verb::kDo), "");
  EXPECT_TRUE(table.local_on(kAgreed));
  EXPECT_EQ(Answer(table, Verb::kDont), "fffc03");
  EXPECT_FALSE(table.local_on(kAgreed));
}

TEST(OptionTable, WhatIsNotAgreedIsRefusedEachTime) {
  OptionTable table{AgreedOptions{}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Answer(table, Verb::kWill, kForeign), "fffe18");
    EXPECT_EQ(Answer(table, Verb::kDo, kForeign), "fffc18");
  }
  EXPECT_EQ(Answer(table, Verb::kWont, kForeign), "");
  EXPECT_EQ(Answer(table, Verb::kDont, kForeign), "");
}

TEST(OptionTable, EveryOptionCode) {
  OptionTable table{AgreedOptions{.local = {}, .remote = {}}};
  for (int code = 0; code < 256; ++code) {
    const auto option = static_cast<Option>(code);
    EXPECT_EQ(Answer(table, Verb::kWill, option),
              test::ToHex(std::vector<uint8_t>{255, 254, option}));
    EXPECT_EQ(Answer(table, Verb::kDo, option),
              test::ToHex(std::vector<uint8_t>{255, 252, option}));
  }
}

TEST(OptionTable, TwoTablesAgreeAndFallSilent) {
  OptionTable one{AgreedOptions{.local = {kEcho}, .remote = {}}};
  OptionTable other{AgreedOptions{.local = {}, .remote = {kEcho}}};
  std::vector<uint8_t> offer;
  ASSERT_TRUE(one.OfferLocal(kEcho, offer));
  EXPECT_EQ(test::ToHex(offer), "fffb01");
  EXPECT_EQ(Answer(other, Verb::kWill, kEcho), "fffd01");
  EXPECT_EQ(Answer(one, Verb::kDo, kEcho), "");
  EXPECT_TRUE(one.local_on(kEcho));
  EXPECT_TRUE(other.remote_on(kEcho));
}

TEST(OptionTable, AskingTwiceSaysItOnce) {
  OptionTable table{AgreedOptions{}};
  std::vector<uint8_t> out;
  EXPECT_TRUE(table.AskRemote(kAgreed, out));
  EXPECT_TRUE(table.AskRemote(kAgreed, out));
  EXPECT_EQ(test::ToHex(out), "fffd03");
  EXPECT_FALSE(table.AskRemote(kForeign, out));
  EXPECT_FALSE(table.OfferLocal(kForeign, out));
}

TEST(OptionTable, AStoppedOptionStaysOff) {
  OptionTable table = In("want no");
  EXPECT_EQ(Answer(table, Verb::kWont), "");
  EXPECT_EQ(Answer(table, Verb::kWill), "fffe03");
  std::vector<uint8_t> out;
  table.StopRemote(kAgreed, out);
  EXPECT_TRUE(out.empty());
}

TEST(OptionTable, OptionsThatBringUnprovedNamesCannotBeAgreedTo) {
  for (const Option option : {kEnvironment, kAuthentication, kEncryption, kNewEnvironment}) {
    EXPECT_THAT(ValidateOptions({.local = {option}, .remote = {}}),
                test::StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ValidateOptions({.local = {}, .remote = {kWindowSize, option}}),
                test::StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_OK(ValidateOptions({.local = {kEcho}, .remote = {kWindowSize, kTerminalType}}));
}

}  // namespace
}  // namespace epa::telnet
