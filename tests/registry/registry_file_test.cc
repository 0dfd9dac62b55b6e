// The format of exported registry files.
#include "epa/registry/registry_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/utf16.h"
#include "tests/support/status_matchers.h"

namespace epa::registry {
namespace {

using ::epa::test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kHeader = "Windows Registry Editor Version 5.00\r\n\r\n";
constexpr std::string_view kKey = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Test]\r\n";

std::span<const uint8_t> Octets(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::StatusOr<RegistryFile> Parse(std::string_view text) {
  return ParseRegistryFile(Octets(text), "test.reg");
}

absl::StatusOr<RegistryFile> ParseBelowKey(std::string_view lines) {
  return Parse(std::string(kHeader) + std::string(kKey) + std::string(lines));
}

// The one value of `line`, which has to be sound.
RegistryValue ValueOf(std::string_view line) {
  const auto file = ParseBelowKey(line);
  EXPECT_OK(file);
  if (!file.ok() || file->blocks.size() != 1 || file->blocks[0].values.size() != 1) {
    ADD_FAILURE() << "not one value: " << line;
    return {};
  }
  return file->blocks[0].values[0].value;
}

template <typename Data>
Data DataOf(std::string_view line, ValueType type) {
  const RegistryValue value = ValueOf(line);
  EXPECT_EQ(value.type, type) << line;
  const Data* data = std::get_if<Data>(&value.data);
  EXPECT_NE(data, nullptr) << line;
  return data == nullptr ? Data() : *data;
}

using Raw = std::vector<uint8_t>;
using List = std::vector<std::string>;

TEST(RegistryFile, KeepsKeysValuesAndLinesInOrder) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file, ParseBelowKey("\"a\"=dword:00000001\r\n"
                                                              "; a comment\r\n"
                                                              "@=\"default\"\r\n"
                                                              "\"b\"=-\r\n"
                                                              "\r\n"
                                                              "[-HKEY_CURRENT_USER\\Gone]\r\n"));
  EXPECT_EQ(file.name, "test.reg");
  ASSERT_EQ(file.blocks.size(), 2U);
  const KeyBlock& block = file.blocks[0];
  EXPECT_EQ(block.key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\Test");
  EXPECT_EQ(block.line, 3U);
  EXPECT_FALSE(block.deleted);
  ASSERT_EQ(block.values.size(), 3U);
  EXPECT_EQ(block.values[0].name, "a");
  EXPECT_EQ(block.values[0].line, 4U);
  EXPECT_EQ(block.values[1].name, "");
  EXPECT_EQ(block.values[1].line, 6U);
  EXPECT_TRUE(block.values[2].deleted);
  EXPECT_TRUE(file.blocks[1].deleted);
  EXPECT_EQ(file.blocks[1].key, "HKEY_CURRENT_USER\\Gone");
  EXPECT_EQ(file.blocks[1].line, 9U);
}

TEST(RegistryFile, ReadsEveryTypeTheEditorWrites) {
  EXPECT_EQ(DataOf<std::string>("\"v\"=\"C:\\\\a \\\"b\\\"\"", ValueType::kString), "C:\\a \"b\"");
  EXPECT_EQ(DataOf<uint64_t>("\"v\"=dword:fffffffE", ValueType::kDword), 0xFFFFFFFEU);
  EXPECT_EQ(DataOf<uint64_t>("\"v\"=dword:1", ValueType::kDword), 1U);
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:de,AD,1", ValueType::kBinary), (Raw{0xDE, 0xAD, 0x01}));
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:", ValueType::kBinary), Raw());
  EXPECT_EQ(DataOf<std::string>("\"v\"=hex(1):61,00,00,00", ValueType::kString), "a");
  EXPECT_EQ(
      DataOf<std::string>("\"v\"=hex(2):25,00,fc,00,25,00,00,00", ValueType::kExpandableString),
      "%\u00fc%");
  EXPECT_EQ(
      DataOf<List>("\"v\"=hex(7):61,00,00,00,62,00,63,00,00,00,00,00", ValueType::kMultiString),
      (List{"a", "bc"}));
  EXPECT_EQ(DataOf<List>("\"v\"=hex(7):00,00", ValueType::kMultiString), List());
  EXPECT_EQ(DataOf<uint64_t>("\"v\"=hex(4):02,01,00,00", ValueType::kDword), 0x102U);
  EXPECT_EQ(DataOf<uint64_t>("\"v\"=hex(b):01,00,00,00,00,00,00,80", ValueType::kQword),
            0x8000000000000001U);
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(0):01", ValueType::kNone), Raw{1});
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(ffff000a):01", static_cast<ValueType>(0xFFFF000A)), Raw{1});
}

TEST(RegistryFile, OctetsThatDoNotFitTheirTypeAreKept) {
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(4):01,02,03", ValueType::kDword), (Raw{1, 2, 3}));
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(b):01", ValueType::kQword), Raw{1});
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(7):61", ValueType::kMultiString), Raw{0x61});
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex(2):00,d8", ValueType::kExpandableString), (Raw{0x00, 0xD8}));
}

TEST(RegistryFile, HexValuesGoOnOverLines) {
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:01,02,\\\r\n  03,\\\r\n\t04\r\n", ValueType::kBinary),
            (Raw{1, 2, 3, 4}));
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:01 , 02,\\ ; here\n  03 ; there\n", ValueType::kBinary),
            (Raw{1, 2, 3}));
}

TEST(RegistryFile, LinesAfterAContinuationAreCountedOn) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ParseBelowKey("\"a\"=hex:01,\\\r\n  02\r\n\"b\"=\"1\r\n2\"\r\n\"c\"=-\r\n"));
  EXPECT_THAT(file.dropped, IsEmpty());
  ASSERT_EQ(file.blocks[0].values.size(), 3U);
  EXPECT_EQ(file.blocks[0].values[1].line, 6U);
  EXPECT_EQ(std::get<std::string>(file.blocks[0].values[1].value.data), "1\r\n2");
  EXPECT_EQ(file.blocks[0].values[2].line, 8U);
}

TEST(RegistryFile, LinesEndWithAnyOfThree) {
  for (const std::string_view end : {"\n", "\r", "\r\n"}) {
    const auto line = [end](std::string_view text) { return std::string(text) + std::string(end); };
    ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                         Parse(line("Windows Registry Editor Version 5.00") + line("") +
                               line("[HKEY_LOCAL_MACHINE\\A]") + line("\"a\"=hex:01,\\") +
                               line("  02") + line("\"b\"=\"1\"")));
    EXPECT_THAT(file.dropped, IsEmpty());
    ASSERT_EQ(file.blocks.size(), 1U);
    ASSERT_EQ(file.blocks[0].values.size(), 2U);
    EXPECT_EQ(file.blocks[0].values[0].line, 4U);
    EXPECT_EQ(file.blocks[0].values[1].line, 6U);
  }
}

TEST(RegistryFile, BlankLinesAndCommentsMayStandWithinAContinuation) {
  EXPECT_EQ(
      DataOf<Raw>("\"v\"=hex:01,\\\n\n  ;comment\n\t\n  02,\\ ;comment\n 03", ValueType::kBinary),
      (Raw{1, 2, 3}));
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:\\\n  01,02", ValueType::kBinary), (Raw{1, 2}));
  EXPECT_EQ(DataOf<Raw>("\"v\"=hex:01,  \\\n  02,", ValueType::kBinary), (Raw{1, 2}));
}

TEST(RegistryFile, Regedit4HasOneOctetACharacterInItsLists) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       Parse("REGEDIT4\n[HKEY_LOCAL_MACHINE\\A]\n\"v\"=hex(7):61,62,00,63,00,00\n"
                             "\"e\"=hex(2):25,00\n"));
  EXPECT_THAT(std::get<List>(file.blocks[0].values[0].value.data), ElementsAre("ab", "c"));
  EXPECT_EQ(std::get<std::string>(file.blocks[0].values[1].value.data), "%");
}

TEST(RegistryFile, EncodingsGiveTheSame) {
  const std::string text =
      std::string(kHeader) + std::string(kKey) + "\"\u00fc\"=\"\U0001f600\"\r\n";
  const std::vector<uint8_t> octets = Utf8ToUtf16Le(text).value();
  const std::string utf16 = "\xFF\xFE" + std::string(octets.begin(), octets.end());
  for (const std::string& encoded : {text, "\xEF\xBB\xBF" + text, utf16}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, Parse(encoded));
    EXPECT_EQ(file.blocks[0].values[0].name, "\u00fc");
    EXPECT_EQ(std::get<std::string>(file.blocks[0].values[0].value.data), "\U0001f600");
  }
}

TEST(RegistryFile, KeysMayContainBracketsAndHaveCommentsBehind) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       Parse("REGEDIT4\n[hkey_local_machine\\a]b[c] ; xy\n"));
  EXPECT_EQ(file.blocks[0].key, "hkey_local_machine\\a]b[c");
}

TEST(RegistryFile, NothingButTheHeaderIsAFile) {
  for (const std::string_view text :
       {"REGEDIT4", "REGEDIT4\n", "REGEDIT4\r", "  REGEDIT4 \r\n\r\n"}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, Parse(text));
    EXPECT_TRUE(file.blocks.empty());
  }
}

// What is dropped of these lines below a key, as "LINE: WHY", in the order of the file.
std::vector<std::string> DroppedOf(std::string_view lines) {
  const auto file = ParseBelowKey(lines);
  EXPECT_OK(file);
  std::vector<std::string> dropped;
  for (const DroppedLine& line : file.ok() ? file->dropped : std::vector<DroppedLine>()) {
    dropped.push_back(std::to_string(line.line) + ": " + line.why);
  }
  return dropped;
}

TEST(RegistryFile, LinesThatCannotBeReadAreDroppedWithTheReason) {
  const std::vector<std::pair<std::string_view, std::string_view>> faults = {
      {"\"a\"=dword:", "hexadecimal digits"},
      {"\"a\"=dword:123456789", "hexadecimal digits"},
      {"\"a\"=dword:1x", "left at the end"},
      {"\"a\"=dword:1 #comment", "left at the end"},
      {"\"a\"=word:1", "expected a quoted string"},
      {"\"a\"=", "expected a quoted string"},
      {"\"a\"", "expected '='"},
      {"\"a\"=\"b", "closing quote"},
      {"\"a", "closing quote"},
      {"\"a\"=\"\\n\"", "backslash"},
      {"\"a\"=\"b\\", "backslash"},
      {"\"a\"=\"b\" c", "left at the end"},
      {"\"a\"=-1", "left at the end"},
      {"\"a\"=hex:123", "hexadecimal digits"},
      {"\"a\"=hex:01 02", "expected a comma"},
      {"\"a\"=hex:01,,02", "hexadecimal digits"},
      {"\"a\"=hex:01,#comment", "hexadecimal digits"},
      {"\"a\"=hex(7:00", "expected ')'"},
      {"\"a\"=hex(123456789):00", "hexadecimal digits"},
      {"\"a\"=hex(7)00", "expected ':'"},
      {"\"a\"=hex:00,\\ 01", "left at the end"},
      {"\"a\"=hex:00,\\\\", "left at the end"},
      {"a=1", "expected a [key]"},
      {"# a comment", "expected a [key]"},
      {"[HKEY_LOCAL_MACHINE\\A", "closing bracket"},
      {"[HKEY_LOCAL\\A]", "no root key"},
      {"[]", "no root key"},
      {"[ HKEY_LOCAL_MACHINE\\A]", "no root key"},
      {"[- HKEY_LOCAL_MACHINE\\A]", "no root key"},
      {"[HKEY_LOCAL_MACHINEX]", "no root key"},
      {"[HKEY_LOCAL_MACHINE\\A] ; [x]", "bracket in the comment"},
      {"[HKEY_LOCAL_MACHINE\\A] x", "text after the key"},
      {std::string_view("\"a\0b\"=-", 7), "a NUL character"},
  };
  for (const auto& [line, why] : faults) {
    EXPECT_THAT(DroppedOf(line), ElementsAre(AllOf(StartsWith("4: "), HasSubstr(why)))) << line;
  }
}

TEST(RegistryFile, WhatFollowsALineThatIsDroppedIsRead) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       ParseBelowKey("\"a\"=hex:00\\\n"  // no comma, so it does not go on
                                     "\"b\"=\"1\"\n"
                                     "\"c\"=hex:00,\\\n"  // goes on over a line that is not its own
                                     "\"d\"=\"2\"\n"
                                     "\"e\"=\"3\n"  // no closing quote
                                     "\"f\"=\"4\"\n"
                                     "\"g\"=hex:00,\\\n#\n"
                                     "\"h\"=\"5\"\n"));
  std::vector<std::string> names;
  for (const ValueLine& value : file.blocks[0].values) {
    names.push_back(value.name);
  }
  EXPECT_THAT(names, ElementsAre("b", "f", "h"));
  ASSERT_EQ(file.dropped.size(), 4U);
  EXPECT_EQ(file.dropped[1].line, 6U);
  EXPECT_EQ(file.dropped[1].text, "\"c\"=hex:00,\\\n\"d\"=\"2\"");
  EXPECT_EQ(file.dropped[1].key, "HKEY_LOCAL_MACHINE\\SOFTWARE\\Test");
  EXPECT_EQ(file.dropped[2].text, "\"e\"=\"3");
}

// A key that cannot be read, or that a value before it has swallowed, does not leave its values to
// the key before.
TEST(RegistryFile, ValuesBelowAKeyThatIsDroppedAreDropped) {
  for (const std::string_view key :
       {"[HKEY_LOCAL_MACHINE\\A", "[HKEY_NOWHERE]", "\"a\"=hex:00,\\\n[HKEY_LOCAL_MACHINE\\A]"}) {
    ASSERT_OK_AND_ASSIGN(
        const RegistryFile file,
        ParseBelowKey(std::string(key) + "\n\"v\"=\"1\"\n[HKEY_USERS\\A]\n\"w\"=-\n"));
    ASSERT_EQ(file.blocks.size(), 2U) << key;
    EXPECT_THAT(file.blocks[0].values, IsEmpty()) << key;
    EXPECT_EQ(file.blocks[1].values.size(), 1U) << key;
    ASSERT_EQ(file.dropped.size(), 2U) << key;
    EXPECT_EQ(file.dropped[1].key, "") << key;
    EXPECT_EQ(file.dropped[1].why, "a value that belongs to no key") << key;
  }
}

// What looks like a key within quoted text that has no end is one.
TEST(RegistryFile, QuotedTextEndsBeforeAKey) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file, ParseBelowKey("\"a\"=\"b\n[HKEY_USERS\\A]\n\"\n"));
  ASSERT_EQ(file.blocks.size(), 2U);
  EXPECT_EQ(file.blocks[1].key, "HKEY_USERS\\A");
}

// A file that was cut off where a line goes on would be a shorter list otherwise.
TEST(RegistryFile, ALineThatGoesOnGoesOn) {
  for (const std::string_view end : {"", "\r\n", "\n  ; a comment\n"}) {
    EXPECT_THAT(DroppedOf("\"a\"=hex(7):61,00,00,00,\\" + std::string(end)),
                ElementsAre(AllOf(StartsWith("4: "), HasSubstr("nothing follows"))));
  }
}

TEST(RegistryFile, ValuesBelongToAKey) {
  for (const std::string_view key : {"", "[-HKEY_USERS\\A]\n"}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                         Parse("REGEDIT4\n" + std::string(key) + "\"a\"=-\n"));
    ASSERT_EQ(file.dropped.size(), 1U);
    EXPECT_EQ(file.dropped[0].why, "a value that belongs to no key");
  }
}

TEST(RegistryFile, OtherFilesAreNamedAsSuch) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "REGEDIT5\n"sv, "regedit4\n"sv, "REGEDIT4 FOO\n"sv, "REGEDIT\n"sv,
        "Windows Registry Editor Version 6.00"sv, "Windows Registry Editor version 5.00"sv,
        "\xFE\xFF\0R"sv, "R\0E\0"sv, "\xFF\xFE\0\xD8"sv, "\xFF\xFER"sv, "\xFF\xFER\0\0\0"sv}) {
    EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("test.reg")));
  }
}

TEST(RegistryFile, CodePagesAreReadAsWesternEuropes) {
  ASSERT_OK_AND_ASSIGN(const RegistryFile file,
                       Parse("REGEDIT4\n[HKEY_LOCAL_MACHINE\\\xC4]\n"
                             "\"\x80\"=\"r\xE9\"\n\"l\"=hex(7):e9,00,00\n"));
  EXPECT_EQ(file.blocks[0].key, "HKEY_LOCAL_MACHINE\\\u00c4");
  EXPECT_EQ(file.blocks[0].values[0].name, "\u20ac");
  EXPECT_EQ(std::get<std::string>(file.blocks[0].values[0].value.data), "r\u00e9");
  EXPECT_THAT(std::get<List>(file.blocks[0].values[1].value.data), ElementsAre("\u00e9"));
}

// In code page 932 the second octet of a character may be a backslash.
TEST(RegistryFile, OtherCodePagesLoseNoMoreThanTheirLine) {
  ASSERT_OK_AND_ASSIGN(
      const RegistryFile file,
      Parse("REGEDIT4\n[HKEY_LOCAL_MACHINE\\A]\n\"a\"=\"\x95\x5C\"\n\"b\"=dword:5\n"));
  ASSERT_EQ(file.blocks[0].values.size(), 1U);
  EXPECT_EQ(file.blocks[0].values[0].name, "b");
  EXPECT_EQ(file.dropped.size(), 1U);
}

TEST(RegistryFile, HalfACharacterIsAReplacement) {
  const std::vector<uint8_t> octets =
      Utf8ToUtf16Le("REGEDIT4\n[HKEY_LOCAL_MACHINE\\A]\n\"a\"=\"~\"\n\"b\"=dword:5\n").value();
  std::string text = "\xFF\xFE" + std::string(octets.begin(), octets.end());
  const size_t place = text.find('~');
  for (const char high_or_low : {'\xD8', '\xDC'}) {
    text[place] = '\0';
    text[place + 1] = high_or_low;
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, Parse(text));
    ASSERT_EQ(file.blocks.size(), 1U);
    ASSERT_EQ(file.blocks[0].values.size(), 2U);
    EXPECT_EQ(std::get<std::string>(file.blocks[0].values[0].value.data), "\uFFFD");
  }
}

TEST(RegistryFile, SizesAreLimited) {
  EXPECT_THAT(Parse(std::string(kMaxRegistryFileSize + 1, ' ')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("larger than 16 MiB")));
  std::string many;
  for (size_t i = 0; i < kMaxRegistryLines; ++i) {
    many += "@=-\n";
  }
  EXPECT_THAT(ParseBelowKey(many), StatusIs(absl::StatusCode::kInvalidArgument,
                                            AllOf(StartsWith("test.reg:200003: "),
                                                  HasSubstr("200000 keys and values"))));
  EXPECT_THAT(DroppedOf("\"a\"=\"" + std::string(size_t{2} << 20, 'x') + "\""),
              ElementsAre(HasSubstr("longer than 1 MiB")));
  EXPECT_THAT(DroppedOf("\"" + std::string(size_t{1} << 17, 'x') + "\"=-"),
              ElementsAre(HasSubstr("longer than 64 KiB")));
  EXPECT_THAT(DroppedOf("[HKEY_LOCAL_MACHINE\\" + std::string(size_t{1} << 17, 'x') + "]"),
              ElementsAre(HasSubstr("longer than 64 KiB")));
}

// Each would take hours if a line were looked through again for every octet of it.
TEST(RegistryFile, LongLinesTakeLinearTime) {
  std::string octets = "\"a\"=hex:";
  for (int i = 0; i < 1'000'000; ++i) {
    octets += "00,";
  }
  EXPECT_THAT(DroppedOf(octets), IsEmpty());
  EXPECT_EQ(DroppedOf("[" + std::string(size_t{8} << 20, ']') + "x").size(), 1U);
  EXPECT_EQ(DroppedOf("\"a\"=hex:00" + std::string(size_t{8} << 20, ' ') + "x").size(), 1U);
  std::string unclosed;
  for (int i = 0; i < 100'000; ++i) {
    unclosed += "\"a\"=\"\n";
  }
  EXPECT_OK(ParseBelowKey(unclosed));
}

TEST(ReadRegistryFile, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(
      ReadRegistryFile("/nonexistent/a.reg"),
      StatusIs(absl::StatusCode::kNotFound, "/nonexistent/a.reg: No such file or directory"));
  for (const std::string path : {"/", "/dev/zero"}) {
    EXPECT_THAT(ReadRegistryFile(path),
                StatusIs(absl::StatusCode::kInvalidArgument, path + ": not a regular file"));
  }
}

}  // namespace
}  // namespace epa::registry
