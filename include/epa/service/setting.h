// The one table of settings of everything that serves. The options of `epa serve`, the lines of
// epa.conf and what other programs call their directives are these, by these names.
#ifndef EPA_SERVICE_SETTING_H_
#define EPA_SERVICE_SETTING_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)

namespace epa::service {

// What a service speaks, and what its section of epa.conf begins with.
enum class Protocol : uint8_t { kHttp, kSmb, kTelnet, kSmtp, kImap, kPop3, kLdap, kHelper, kOther };
inline constexpr std::array kProtocols = {Protocol::kHttp, Protocol::kSmb,    Protocol::kTelnet,
                                          Protocol::kSmtp, Protocol::kImap,   Protocol::kPop3,
                                          Protocol::kLdap, Protocol::kHelper, Protocol::kOther};
// "http", "smb", "telnet", "smtp", "imap", "pop3", "ldap", "helper", "service".
std::string_view ProtocolName(Protocol protocol);
std::optional<Protocol> ParseProtocol(std::string_view name);

enum class SettingKind : uint8_t {
  kText,
  kPath,
  kSwitch,  // "yes" or "no"
  kNumber,
};

// Which programs have a setting. A web server that loads a module has sockets, threads and
// certificates of its own.
enum class SettingUse : uint8_t { kAll, kNotInWebServer, kInWebServerOnly };

struct Setting {
  std::string_view name;  // "extended-protection"
  SettingKind kind;
  std::string_view value;  // what help texts call the value; empty for a switch
  // One sentence, without a full stop.
  std::string_view text;
  // For people; empty: none.
  std::string_view default_value;
  // Which values there are, to complete "expected "; empty for switches and numbers.
  std::string_view expected;
  // Of a number.
  uint32_t least = 0;
  uint32_t most = 0;
  // May be said several times: all values count, in their order.
  bool repeatable = false;
  // About processes that do not end TLS themselves: no option of a server of its own.
  bool elsewhere = false;
  // Those that have it: bit N is the protocol of value N.
  uint32_t protocols = kAllProtocols;
  SettingUse use = SettingUse::kAll;

  static constexpr uint32_t kAllProtocols = (uint32_t{1} << kProtocols.size()) - 1;
};

// All, in the order in which people read about them.
std::span<const Setting> Settings();
// Null: there is none of that name.
const Setting* FindSetting(std::string_view name);
bool IsSettingOf(const Setting& setting, Protocol protocol);
// "yes or no", "a number from 1 to 1024", or what the setting says.
std::string ExpectedText(const Setting& setting);

}  // namespace epa::service

#pragma GCC visibility pop

#endif  // EPA_SERVICE_SETTING_H_
