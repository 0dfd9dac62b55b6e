// The values of settings, for all who read them: the table, and commands with options of these
// names that are no servers.
#ifndef EPA_LIB_SERVICE_VALUES_H_
#define EPA_LIB_SERVICE_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "epa/core/extended_protection.h"
#include "epa/core/service_principal_name.h"
#include "epa/service/service_settings.h"
#include "epa/smb2/protocol.h"
#include "epa/tls/channel_binding.h"

namespace epa::service {

// No value: the text is none of those.
std::optional<bool> ParseSwitch(std::string_view text);
// Decimal digits.
std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most);
// Permissions as chmod(1) takes them: up to 777, in octal digits.
std::optional<uint32_t> ParseFileMode(std::string_view text);
// Adds it. False: there is no package of that name.
bool AddPackage(std::string_view name, PackageChoice& choice);
std::optional<ExtendedProtectionMode> ParseMode(std::string_view text);
std::optional<Scenario> ParseScenario(std::string_view text);
std::optional<TlsStart> ParseTlsStart(std::string_view text);
std::optional<PortRule> ParsePortRule(std::string_view text);
std::optional<tls::UndefinedHashRule> ParseUndefinedHashRule(std::string_view text);
std::optional<smb2::Dialect> ParseDialect(std::string_view text);
// "required" or "optional".
std::optional<bool> ParseSigningRequired(std::string_view text);
std::optional<smb2::EncryptionPolicy> ParseEncryption(std::string_view text);
// "application", "certificate" or "off".
std::optional<GssRule> ParseGssRule(std::string_view text);
std::optional<UserNameForm> ParseUserNameForm(std::string_view text);
// "never" or "bad-user": whether there are guests.
std::optional<bool> ParseGuestRule(std::string_view text);
// `path` below `folder` where it is relative and there is a folder.
std::string PathBelow(std::string_view folder, std::string_view path);

// What an administrator wrote, for an error in one line: cut off where it is long, and without
// control characters.
std::string Shown(std::string_view text);
// "WHERE 'VALUE': expected EXPECTED".
std::string UnexpectedText(std::string_view where, std::string_view value,
                           std::string_view expected);

}  // namespace epa::service

#endif  // EPA_LIB_SERVICE_VALUES_H_
