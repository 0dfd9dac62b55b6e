#include "epa/core/windows_event.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "lib/base/utf16.h"

namespace epa {
namespace {

constexpr std::string_view kSecurityLog = "Security";
constexpr std::string_view kSecurityProvider = "Microsoft-Windows-Security-Auditing";
// Audit failure.
constexpr uint64_t kAuditFailure = 0x8010'0000'0000'0000;

constexpr std::string_view kSmbClientLog = "Microsoft-Windows-SmbClient/Security";
constexpr std::string_view kSmbClientProvider = "Microsoft-Windows-SMBClient";
// "(128)", or "Authentication", in what Microsoft publishes, with the bit that all of the log have.
constexpr uint64_t kAuthentication = 0x0200'0000'0000'0080;

constexpr std::string_view kNotAvailable = "N/A";  // in 5168
constexpr std::string_view kUnknown = "-";         // in 4625

std::string Hex(uint32_t value) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08x", value);
  return std::string(text.data(), static_cast<size_t>(size));
}

std::string TextOr(std::string_view text, std::string_view fallback) {
  return std::string(text.empty() ? fallback : text);
}

// Windows ends every name of a list with a semicolon.
std::string ListOf(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += name + ";";
  }
  return TextOr(list, kNotAvailable);
}

// In UTF-16 code units, as Windows counts.
std::string LengthOf(std::string_view text) {
  const auto utf16 = Utf8ToUtf16Le(text);
  return std::to_string(utf16.has_value() ? utf16->size() / 2 : text.size());
}

struct PeerAddress {
  std::string_view address;
  std::string_view port;
};

PeerAddress AddressOf(std::string_view connection) {
  constexpr size_t kLongestPort = 5;
  const size_t colon = connection.rfind(':');
  if (colon == std::string_view::npos) {
    return {kUnknown, kUnknown};
  }
  const std::string_view port = connection.substr(colon + 1);
  std::string_view address = connection.substr(0, colon);
  const bool digits = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (port.empty() || port.size() > kLongestPort || !digits || address.empty()) {
    return {kUnknown, kUnknown};
  }
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  return {address, port};
}

WindowsEvent SecurityEvent(uint16_t id, uint16_t task, std::vector<WindowsEventField> fields) {
  return {id,   kSecurityLog,  kSecurityProvider, WindowsEventLevel::kLogAlways,
          task, kAuditFailure, std::move(fields)};
}

constexpr std::string_view kDirectoryLog = "Directory Service";
constexpr std::string_view kDirectoryProvider = "Microsoft-Windows-ActiveDirectory_DomainService";

// What Microsoft publishes of these events has no names of fields: they are numbered.
WindowsEvent DirectoryEvent(uint16_t id, std::vector<WindowsEventField> fields) {
  constexpr uint16_t kLdapInterface = 16;
  return {id,
          kDirectoryLog,
          kDirectoryProvider,
          WindowsEventLevel::kWarning,
          kLdapInterface,
          /*keywords=*/0,
          std::move(fields)};
}

WindowsEvent GuestEvent(uint16_t id, WindowsEventLevel level, std::string_view user,
                        std::string_view server) {
  const std::string path = "\\" + std::string(server);
  return {id,
          kSmbClientLog,
          kSmbClientProvider,
          level,
          /*task=*/0,
          kAuthentication,
          {{"UserNameLength", LengthOf(user)},
           {"UserName", std::string(user)},
           {"ServerNameLength", LengthOf(path)},
           {"ServerName", path}}};
}

}  // namespace

WindowsEvent BadBindingsEvent(const FailedLogon& logon) {
  constexpr uint32_t kStatusBadBindings = 0xC000035B;
  constexpr uint16_t kLogonTask = 12544;
  const PeerAddress peer = AddressOf(logon.connection);
  return SecurityEvent(4625, kLogonTask,
                       {{"TargetUserName", TextOr(logon.user, kUnknown)},
                        {"TargetDomainName", TextOr(logon.domain, kUnknown)},
                        {"Status", Hex(kStatusBadBindings)},
                        {"SubStatus", "0x0"},
                        {"LogonType", "3"},  // network
                        {"AuthenticationPackageName", TextOr(logon.package, kUnknown)},
                        {"WorkstationName", TextOr(logon.workstation, kUnknown)},
                        {"IpAddress", std::string(peer.address)},
                        {"IpPort", std::string(peer.port)}});
}

WindowsEvent LdapBindingFailedEvent(std::string_view connection, std::string_view identity) {
  return DirectoryEvent(
      3039, {{"param1", TextOr(connection, kUnknown)}, {"param2", TextOr(identity, kUnknown)}});
}

WindowsEvent UnboundLdapBindsEvent(uint64_t count) {
  return DirectoryEvent(3040, {{"param1", std::to_string(count)}});
}

WindowsEvent LdapBindingNotAskedForEvent() { return DirectoryEvent(3041, {}); }

WindowsEvent SpnCheckFailedEvent(const SpnCheckFailure& failure) {
  constexpr uint16_t kFileShareTask = 12808;
  return SecurityEvent(5168, kFileShareTask,
                       {{"SubjectUserName", TextOr(failure.user, kUnknown)},
                        {"SubjectDomainName", TextOr(failure.domain, kUnknown)},
                        {"SpnName", TextOr(failure.target_name, kNotAvailable)},
                        {"ErrorCode", Hex(failure.status)},
                        {"ServerNames", ListOf(failure.server_names)},
                        {"ConfiguredNames", ListOf(failure.configured_names)},
                        {"IpAddresses", ListOf(failure.ip_addresses)}});
}

WindowsEvent InsecureGuestRejectedEvent(std::string_view user, std::string_view server) {
  return GuestEvent(31017, WindowsEventLevel::kError, user, server);
}

WindowsEvent InsecureGuestAllowedEvent(std::string_view user, std::string_view server) {
  return GuestEvent(31022, WindowsEventLevel::kWarning, user, server);
}

WindowsEvent InsecureGuestSettingEvent() {
  const std::string value =
      R"([HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters])"
      R"( "AllowInsecureGuestAuth"=dword:)";
  return {31018,
          kSmbClientLog,
          kSmbClientProvider,
          WindowsEventLevel::kWarning,
          /*task=*/0,
          kAuthentication,
          {{"DefaultRegistryValue", value + "0"}, {"ConfiguredRegistryValue", value + "1"}}};
}

}  // namespace epa
