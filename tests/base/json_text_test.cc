#include "lib/base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace epa {
namespace {

TEST(JsonString, IsAsciiAndSaysTheSame) {
  for (const std::string& text :
       {std::string(), std::string("alice"), std::string("\"\\/\b\f\n\r\t"),
        std::string("a\0b\x1b\x7f", 5), std::string("J\u00fcrgen \u2028\u202e\ufffd\uffff"),
        std::string("\U00010000 \U0001f600 \U0010ffff")}) {
    const std::string json = JsonString(text);
    for (const char character : json) {
      EXPECT_GE(character, 0x20);
      EXPECT_LT(character, 0x7f);
    }
    EXPECT_EQ(nlohmann::json::parse(json), nlohmann::json(text)) << json;
  }
}

TEST(JsonString, OctetsThatAreNoUtf8AreReplacedOneByOne) {
  EXPECT_EQ(JsonString("a\xff"
                       "b"),
            "\"a\\ufffdb\"");
  EXPECT_EQ(JsonString("\xc3"), "\"\\ufffd\"");
  EXPECT_EQ(JsonString("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
}

TEST(JsonObject, HasItsMembersInOrder) {
  EXPECT_EQ(JsonObject().Take(), "{}");
  JsonObject inner;
  inner.AddText("\"", "x");
  JsonObject object;
  object.AddText("b", "1");
  object.AddJson("a", "[1,2]");
  object.AddJson("c", std::move(inner).Take());
  EXPECT_EQ(std::move(object).Take(), R"({"b":"1","a":[1,2],"c":{"\"":"x"}})");
}

}  // namespace
}  // namespace epa
