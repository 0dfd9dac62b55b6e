#include "lib/base/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace epa {
namespace {

std::vector<uint8_t> Octets(std::string_view text) { return {text.begin(), text.end()}; }

// RFC 4648 10.
TEST(Base64, EncodesTheSpecificationsVectors) {
  EXPECT_EQ(EncodeBase64(Octets("")), "");
  EXPECT_EQ(EncodeBase64(Octets("f")), "Zg==");
  EXPECT_EQ(EncodeBase64(Octets("fo")), "Zm8=");
  EXPECT_EQ(EncodeBase64(Octets("foobar")), "Zm9vYmFy");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), Octets("foobar"));
  EXPECT_EQ(DecodeBase64(""), std::vector<uint8_t>());
}

TEST(Base64, RefusesEverySpellingButOne) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z", " Zg==", "Zg==\n", "Zg. =", "Zg..", "Zh==", "Zm9v YmFy",
        "Zg==Zg==", "====", "-_-_", "Zg=\0=", "Zm\xff="}) {
    EXPECT_FALSE(DecodeBase64(text).has_value()) << text;
  }
}

// Squid, some Java and JavaScript clients leave padding out; others write too much of it.
TEST(Base64, AnyPaddingIsReadWhereAsked) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg==", "Zg===", "Zg======"}) {
    EXPECT_EQ(DecodeBase64AnyPadding(text), Octets("f")) << text;
  }
  EXPECT_EQ(DecodeBase64AnyPadding("Zm9vYmFy="), Octets("foobar"));
  EXPECT_EQ(DecodeBase64AnyPadding(""), std::vector<uint8_t>());
  for (const std::string_view text : {"Z", "Z===", " Zg==", "Zg==\n", "Zh==", "Zh", "Zm9v YmFy",
                                      "Zg==Zg==", "=", "====", "-_-_", "Zm9vY", "Zm\xff="}) {
    EXPECT_FALSE(DecodeBase64AnyPadding(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace epa
