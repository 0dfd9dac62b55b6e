#include "lib/base/ascii.h"

#include <gtest/gtest.h>

#include <string_view>

namespace epa {
namespace {

using std::string_view_literals::operator""sv;

TEST(Ascii, ComparesLettersWithoutCaseAndAllElseExactly) {
  EXPECT_TRUE(EqualsIgnoringAsciiCase("Negotiate", "nEGOTIATE"));
  EXPECT_TRUE(EqualsIgnoringAsciiCase("", ""));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("NTLM", "NTL"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("a@", "a`"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("\u00e9", "\u00c9"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("a\0b"sv, "a\0c"sv));
}

TEST(Ascii, LowercasesLettersAlone) {
  EXPECT_EQ(LowercaseAscii("HTTP/[A-Z]@`\u00c9"), "http/[a-z]@`\u00c9");
}

}  // namespace
}  // namespace epa
