#include "lib/service/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "lib/base/utf16.h"

namespace epa::service {
namespace {

constexpr size_t kLongestShown = 100;

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};

template <typename Value, size_t kSize>
std::optional<Value> Find(const std::array<Word<Value>, kSize>& words, std::string_view text) {
  const auto found = std::ranges::find(words, text, &Word<Value>::text);
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

constexpr std::array kSwitches = {Word<bool>{"yes", true}, Word<bool>{"no", false}};

using Mode = ExtendedProtectionMode;
constexpr std::array kModes = {
    Word<Mode>{"0", Mode::kLegacy},    Word<Mode>{"1", Mode::kAllow},
    Word<Mode>{"2", Mode::kRequire},   Word<Mode>{"legacy", Mode::kLegacy},
    Word<Mode>{"allow", Mode::kAllow}, Word<Mode>{"require", Mode::kRequire}};

constexpr std::array kScenarios = {Word<Scenario>{"tls", Scenario::kTls},
                                   Word<Scenario>{"proxy", Scenario::kProxy},
                                   Word<Scenario>{"clear", Scenario::kClear}};

constexpr std::array kTlsStarts = {Word<TlsStart>{"implicit", TlsStart::kImplicit},
                                   Word<TlsStart>{"starttls", TlsStart::kCommand},
                                   Word<TlsStart>{"none", TlsStart::kNone}};

constexpr std::array kPortRules = {Word<PortRule>{"exact", PortRule::kExact},
                                   Word<PortRule>{"ignore", PortRule::kIgnore},
                                   Word<PortRule>{"if-listed", PortRule::kIfListed}};

using Hash = tls::UndefinedHashRule;
constexpr std::array kHashRules = {Word<Hash>{"fail", Hash::kFail},
                                   Word<Hash>{"unbound", Hash::kUnbound},
                                   Word<Hash>{"sha256", Hash::kSha256}};

constexpr std::array kSigning = {Word<bool>{"required", true}, Word<bool>{"optional", false}};

using Encryption = smb2::EncryptionPolicy;
constexpr std::array kEncryption = {Word<Encryption>{"off", Encryption::kOff},
                                    Word<Encryption>{"available", Encryption::kAvailable},
                                    Word<Encryption>{"required", Encryption::kRequired}};

constexpr std::array kUserNameForms = {Word<UserNameForm>{"full", UserNameForm::kFull},
                                       Word<UserNameForm>{"principal", UserNameForm::kPrincipal},
                                       Word<UserNameForm>{"plain", UserNameForm::kPlain}};

constexpr std::array kGuestRules = {Word<bool>{"never", false}, Word<bool>{"bad-user", true}};

constexpr std::array kDialects = {smb2::Dialect::k202, smb2::Dialect::k210, smb2::Dialect::k300,
                                  smb2::Dialect::k302, smb2::Dialect::k311};

}  // namespace

std::optional<bool> ParseSwitch(std::string_view text) { return Find(kSwitches, text); }

std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc() && stopped == end;
  return whole && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

std::optional<uint32_t> ParseFileMode(std::string_view text) {
  constexpr uint32_t kAll = 0777;
  uint32_t mode = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, mode, 8);
  return error == std::errc() && stopped == end && mode <= kAll ? std::optional(mode)
                                                                : std::nullopt;
}

bool AddPackage(std::string_view name, PackageChoice& choice) {
  choice.negotiate = choice.negotiate || name == "Negotiate";
  choice.ntlm = choice.ntlm || name == "NTLM";
  choice.kerberos = choice.kerberos || name == "Kerberos";
  return name == "Negotiate" || name == "NTLM" || name == "Kerberos";
}

std::optional<ExtendedProtectionMode> ParseMode(std::string_view text) {
  return Find(kModes, text);
}

std::optional<Scenario> ParseScenario(std::string_view text) { return Find(kScenarios, text); }

std::optional<TlsStart> ParseTlsStart(std::string_view text) { return Find(kTlsStarts, text); }

std::optional<PortRule> ParsePortRule(std::string_view text) { return Find(kPortRules, text); }

std::optional<tls::UndefinedHashRule> ParseUndefinedHashRule(std::string_view text) {
  return Find(kHashRules, text);
}

std::optional<smb2::Dialect> ParseDialect(std::string_view text) {
  const auto found = std::ranges::find(kDialects, text, smb2::DialectName);
  return found == kDialects.end() ? std::nullopt : std::optional(*found);
}

std::optional<bool> ParseSigningRequired(std::string_view text) { return Find(kSigning, text); }

std::optional<smb2::EncryptionPolicy> ParseEncryption(std::string_view text) {
  return Find(kEncryption, text);
}

std::optional<GssRule> ParseGssRule(std::string_view text) {
  if (text == "application") {
    return GssRule::kApplication;
  }
  if (text == "certificate") {
    return GssRule::kCertificate;
  }
  return text == "off" ? std::optional(GssRule::kOff) : std::nullopt;
}

std::optional<UserNameForm> ParseUserNameForm(std::string_view text) {
  return Find(kUserNameForms, text);
}

std::optional<bool> ParseGuestRule(std::string_view text) { return Find(kGuestRules, text); }

std::string PathBelow(std::string_view folder, std::string_view path) {
  const bool as_it_is = folder.empty() || path.starts_with('/');
  return as_it_is ? std::string(path) : std::string(folder) + "/" + std::string(path);
}

std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, kLongestShown));
  while (!IsValidUtf8(shown) && !shown.empty() && shown.size() > kLongestShown - 4) {
    shown.pop_back();
  }
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  if (!IsValidUtf8(shown)) {
    std::ranges::replace_if(
        shown, [](char c) { return (c & 0x80) != 0; }, '?');
  }
  return text.size() > kLongestShown ? shown + "..." : shown;
}

std::string UnexpectedText(std::string_view where, std::string_view value,
                           std::string_view expected) {
  return std::string(where) + " '" + Shown(value) + "': expected " + std::string(expected);
}

}  // namespace epa::service
