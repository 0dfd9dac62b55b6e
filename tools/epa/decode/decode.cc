#include "tools/epa/decode/decode.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "epa/base/clock.h"
#include "lib/base/byte_reader.h"
#include "lib/base/hex.h"
#include "providers/ntlm/messages/av_pairs.h"
#include "providers/ntlm/messages/flags.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/input_file.h"
#include "tools/epa/decode/decode_token.h"
#include "tools/epa/decode/token_input.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--json", "", "one JSON document"},
    {"--keytab", "FILE", "the service's keys: shows what a Kerberos ticket seals"},
};
constexpr CommandSpec kCommand = {
    .usage = "epa decode [--json] [--keytab FILE] [TOKEN | FILE | -]",
    .summary =
        "Explains a token: NTLM, SPNEGO and Kerberos messages, SMB2's NEGOTIATE and SESSION_SETUP\n"
        "with the tokens inside, and SEC_CHANNEL_BINDINGS, in hexadecimal, base64, an HTTP header\n"
        "line or raw octets. Without an argument it reads standard input. A malformed token is\n"
        "shown as far as it could be read, with the offset of the fault; exit status 2. A ticket\n"
        "that the keytab does not open: 1.",
    .options = kOptions,
    .example = "  epa decode 'WWW-Authenticate: NTLM TlRMTVNTUAACAAAA...'",
    .max_positional = 1,
};

std::string Rfc3339(FileTime time) {
  const absl::Time unix_time =
      absl::FromUnixSeconds(static_cast<int64_t>(time / kTicksPerSecond) -
                            static_cast<int64_t>(kUnixEpochTicks / kTicksPerSecond));
  const auto fraction = absl::Nanoseconds(static_cast<int64_t>(time % kTicksPerSecond) * 100);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E7SZ", unix_time + fraction, absl::UTCTimeZone());
}

std::string AvFlagNames(uint32_t flags) {
  constexpr std::array<ntlm::NamedFlag, 3> kNames = {{
      {ntlm::kAvFlagConstrained, "constrained"},
      {ntlm::kAvFlagMicPresent, "MIC present"},
      {ntlm::kAvFlagUntrustedTargetName, "target name untrusted"},
  }};
  std::array<char, 11> number{};
  std::snprintf(number.data(), number.size(), "0x%08x", flags);
  std::string text = number.data();
  for (const ntlm::NamedFlag& flag : kNames) {
    text += (flags & flag.value) != 0 ? ", " + std::string(flag.name) : "";
  }
  return text;
}

// What a binary AV value means, where it means something to people.
std::string AvValueText(uint16_t id, const std::string& value) {
  const std::vector<uint8_t> octets = DecodeHex(value).value_or(std::vector<uint8_t>());
  ByteReader reader(octets);
  uint64_t time = 0;
  uint32_t flags = 0;
  if (ntlm::AvId{id} == ntlm::AvId::kTimestamp && reader.ReadU64(time)) {
    return Rfc3339(time);
  }
  if (ntlm::AvId{id} == ntlm::AvId::kFlags && reader.ReadU32(flags)) {
    return AvFlagNames(flags);
  }
  return value;
}

std::string ScalarText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void AddAvPairs(const Json& pairs, const std::string& indent, Table& table) {
  table.AddRow({{indent + "av_pairs", Style::kBold}});
  for (const Json& pair : pairs) {
    const uint16_t id = pair.at("id");
    table.AddRow({{indent + "  " + std::to_string(id) + " " + pair.value("name", "(unknown)")},
                  {AvValueText(id, pair.at("value"))}});
  }
}

void AddItems(const Json& document, const std::string& indent, Table& table);

void AddItem(const std::string& key, const Json& value, const std::string& indent, Table& table) {
  if (key == "av_pairs") {
    AddAvPairs(value, indent, table);
    return;
  }
  if (key == "error") {
    table.AddRow(
        {{indent + key, Style::kBad},
         {"offset " + ScalarText(value.at("offset")) + ": " + ScalarText(value.at("reason"))}});
    return;
  }
  if (value.is_object()) {
    table.AddRow({{indent + key, Style::kBold}});
    AddItems(value, indent + "  ", table);
    return;
  }
  if (!value.is_array()) {
    table.AddRow({{indent + key, Style::kBold}, {ScalarText(value)}});
    return;
  }
  std::string heading = indent + key;
  for (const Json& element : value) {
    table.AddRow({{std::exchange(heading, ""), Style::kBold}, {ScalarText(element), Style::kDim}});
  }
}

void AddItems(const Json& document, const std::string& indent, Table& table) {
  for (const auto& [key, value] : document.items()) {
    AddItem(key, value, indent, table);
  }
}

Ending ExitOfKeytab(const absl::Status& opened) {
  if (opened.ok()) {
    return kExitDone;
  }
  const bool readable = absl::IsNotFound(opened) || absl::IsDataLoss(opened);
  return FailAfterReport(readable ? kExitRefused : kExitUsage, std::string(opened.message()));
}

// Which input is wrong; an argument that is no token may be a file's name, misspelt.
std::string Named(const std::string& argument, std::string fault) {
  constexpr size_t kLongestShown = 60;
  if (argument == "-") {
    return "standard input: " + fault;
  }
  if (IsFile(argument)) {
    return argument + ": " + fault;
  }
  const std::string shown =
      argument.size() > kLongestShown ? argument.substr(0, kLongestShown) + "..." : argument;
  std::error_code error;
  return "'" + shown + "': " + fault +
         (std::filesystem::is_directory(argument, error) ? ", and as a file it is a directory"
                                                         : ", and no file of that name");
}

Ending Decode(const CommandLine& options) {
  const std::string keytab = options.ValueOr("--keytab", "");
  if (!keytab.empty()) {
    if (const absl::Status readable = CheckReadable(keytab); !readable.ok()) {
      return FailUsage(readable);
    }
  }
  const std::string argument = options.positional().empty() ? "-" : options.positional().front();
  const absl::StatusOr<std::string> content = ContentOfArgument(argument);
  if (!content.ok()) {
    return FailUsage(content.status());
  }
  const absl::StatusOr<std::vector<uint8_t>> token = TokenFromContent(*content);
  if (!token.ok()) {
    return Fail(kExitUsage, Named(argument, std::string(token.status().message())));
  }
  const DecodedToken decoded = DecodeToken(*token, {keytab});
  if (options.Has("--json")) {
    WriteJson(decoded.document);
  } else {
    Write(RenderDocument(decoded.document, Printer()));
  }
  if (!decoded.malformed) {
    return ExitOfKeytab(decoded.opened);
  }
  const Json& error = decoded.document.at("error");
  const std::string fault = "malformed token: offset " + ScalarText(error.at("offset")) + ": " +
                            ScalarText(error.at("reason"));
  return FailAfterReport(kExitUsage,
                         decoded.document.at("kind") == "unknown" ? Named(argument, fault) : fault);
}

}  // namespace

std::string RenderDocument(const Json& document, const Printer& printer) {
  Table table;
  AddItems(document, "", table);
  return table.Render(printer);
}

int RunDecode(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Decode);
}

}  // namespace epa::tool
