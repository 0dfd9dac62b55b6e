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
  ASSERT_EQ(file.blocks[0].values.size(), 3U);
  EXPECT_EQ(file.blocks[0].values[1].line, 6U);
  EXPECT_EQ(std::get<std::string>(file.blocks[0].values[1].value.data), "1\r\n2");
  EXPECT_EQ(file.blocks[0].values[2].line, 8U);
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
                       Parse("regedit4\n[hkey_local_machine\\a]b[c] ; x]y\n"));
  EXPECT_EQ(file.blocks[0].key, "hkey_local_machine\\a]b[c");
}

TEST(RegistryFile, NothingButTheHeaderIsAFile) {
  for (const std::string_view text :
       {"REGEDIT4", "REGEDIT4\n", "REGEDIT4\r", "  REGEDIT4 ; old\r\n\r\n"}) {
    ASSERT_OK_AND_ASSIGN(const RegistryFile file, Parse(text));
    EXPECT_TRUE(file.blocks.empty());
  }
}

TEST(RegistryFile, FaultsNameFileAndLine) {
  const std::vector<std::pair<std::string_view, std::string_view>> faults = {
      {"\"a\"=dword:", "hexadecimal digits"},
      {"\"a\"=dword:123456789", "hexadecimal digits"},
      {"\"a\"=dword:1x", "left at the end"},
      {"\"a\"=word:1", "expected a quoted string"},
      {"\"a\"=", "expected a quoted string"},
      {"\"a\"", "expected '='"},
      {"\"a\"=\"b", "closing quote"},
      {"\"a", "closing quote"},
      {"\"a\"=\"\\n\"", "backslash"},
      {"\"a\"=\"b\" c", "left at the end"},
      {"\"a\"=-1", "left at the end"},
      {"\"a\"=hex:123", "hexadecimal digits"},
      {"\"a\"=hex:01 02", "expected a comma"},
      {"\"a\"=hex:01,,02", "hexadecimal digits"},
      {"\"a\"=hex(7:00", "expected ')'"},
      {"\"a\"=hex(123456789):00", "hexadecimal digits"},
      {"\"a\"=hex(7)00", "expected ':'"},
      {"\"a\"=hex:00,\\ 01", "left at the end"},
      {"a=1", "expected a [key]"},
      {"[HKEY_LOCAL_MACHINE\\A", "closing bracket"},
      {"[HKLM\\A]", "no root key"},
      {"[]", "no root key"},
      {"[HKEY_LOCAL_MACHINEX]", "no root key"},
      {"\"a\tb\"=-", "control character"},
  };
  for (const auto& [line, why] : faults) {
    EXPECT_THAT(ParseBelowKey(line), StatusIs(absl::StatusCode::kInvalidArgument,
                                              AllOf(StartsWith("test.reg:4: "), HasSubstr(why))))
        << line;
  }
}

TEST(RegistryFile, FaultsOfAValueNameTheValue) {
  for (const auto& [line, message] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"\"LmCompatibilityLevel\"=dword:xyz",
            "test.reg:4: LmCompatibilityLevel: expected 1 to 8 hexadecimal digits"},
           {"\"a b\" = hex(7):0g", "test.reg:4: a b: expected a comma between octets"},
           {"@=nothing", "test.reg:4: @: expected a quoted string, dword:, hex:, hex(TYPE): or -"},
       }) {
    EXPECT_THAT(ParseBelowKey(line), StatusIs(absl::StatusCode::kInvalidArgument, message));
  }
}

// A file that was cut off where a line goes on would be a shorter list otherwise.
TEST(RegistryFile, ALineThatGoesOnGoesOn) {
  for (const std::string_view end : {"", "\r\n", "\n\n[HKEY_USERS\\A]\n", "\n  ; a comment\n"}) {
    EXPECT_THAT(ParseBelowKey("\"a\"=hex(7):61,00,00,00,\\" + std::string(end)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(StartsWith("test.reg:4: a: "), HasSubstr("nothing follows"))));
  }
}

TEST(RegistryFile, ValuesBelongToAKey) {
  EXPECT_THAT(Parse("REGEDIT4\n\"a\"=-\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("test.reg:2: a value")));
  EXPECT_THAT(Parse("REGEDIT4\n[-HKEY_USERS\\A]\n\"a\"=-\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("test.reg:3: a value")));
}

TEST(RegistryFile, OtherFilesAreNamedAsSuch) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "REGEDIT5\n"sv, "Windows Registry Editor Version 6.00"sv, "\xFE\xFF\0R"sv, "R\0E\0"sv,
        "\xFF\xFE\0\xD8"sv, "\xFF\xFER"sv, "REGEDIT4\n;\xFF"sv, "REGEDIT4\n;\0"sv,
        "\xFF\xFER\0\0\0"sv}) {
    EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("test.reg")));
  }
}

TEST(RegistryFile, ANulIsNoTextInUtf16Either) {
  using namespace std::string_view_literals;
  const std::vector<uint8_t> octets = Utf8ToUtf16Le("REGEDIT4\n; a\0b\n"sv).value();
  EXPECT_THAT(Parse("\xFF\xFE" + std::string(octets.begin(), octets.end())),
              StatusIs(absl::StatusCode::kInvalidArgument, "test.reg: a NUL character"));
}

TEST(RegistryFile, SizesAreLimited) {
  EXPECT_THAT(Parse(std::string(kMaxRegistryFileSize + 1, ' ')),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("larger than 16 MiB")));
  std::string many;
  for (size_t i = 0; i < kMaxRegistryLines; ++i) {
    many += "@=-\n";
  }
  EXPECT_THAT(ParseBelowKey(many),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("200000 keys and values")));
  EXPECT_THAT(ParseBelowKey("\"a\"=\"" + std::string(size_t{2} << 20, 'x') + "\""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than 1 MiB")));
  EXPECT_THAT(ParseBelowKey("\"" + std::string(size_t{1} << 17, 'x') + "\"=-"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than 64 KiB")));
  EXPECT_THAT(ParseBelowKey("[HKEY_LOCAL_MACHINE\\" + std::string(size_t{1} << 17, 'x') + "]"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than 64 KiB")));
}

// Each would take hours if a line were looked through again for every octet of it.
TEST(RegistryFile, LongLinesTakeLinearTime) {
  std::string octets = "\"a\"=hex:";
  for (int i = 0; i < 1'000'000; ++i) {
    octets += "00,";
  }
  EXPECT_OK(ParseBelowKey(octets));
  EXPECT_FALSE(ParseBelowKey("[" + std::string(size_t{8} << 20, ']') + "x").ok());
  EXPECT_FALSE(ParseBelowKey("\"a\"=hex:00" + std::string(size_t{8} << 20, ' ') + "x").ok());
}

TEST(ReadRegistryFile, SaysWhyAFileCannotBeRead) {
  EXPECT_THAT(
      ReadRegistryFile("/nonexistent/a.reg"),
      StatusIs(absl::StatusCode::kNotFound, "/nonexistent/a.reg: No such file or directory"));
  EXPECT_THAT(ReadRegistryFile("/"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Is a directory")));
  EXPECT_THAT(ReadRegistryFile("/dev/zero"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("larger than 16 MiB")));
}

}  // namespace
}  // namespace epa::registry
