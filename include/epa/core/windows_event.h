// The events that Windows writes where this library refuses or notices the same.
#ifndef EPA_CORE_WINDOWS_EVENT_H_
#define EPA_CORE_WINDOWS_EVENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace epa {

// As in the System element of an event's XML.
enum class WindowsEventLevel : uint8_t {
  kLogAlways = 0,
  kError = 2,
  kWarning = 3,
  kInformation = 4,
};

struct WindowsEventField {
  std::string_view name;  // static text, such as "SpnName"
  std::string value;      // UTF-8, as AuditEvent's text
};

// What an event collector that knows Windows looks for. The names are static text.
struct WindowsEvent {
  uint16_t id = 0;
  std::string_view log;       // "Security"
  std::string_view provider;  // "Microsoft-Windows-Security-Auditing"
  WindowsEventLevel level = WindowsEventLevel::kLogAlways;
  uint16_t task = 0;
  uint64_t keywords = 0;  // 0: none are documented
  // EventData, by Windows' names and in Windows' order. Fields that only Windows can fill, such as
  // SIDs and process numbers, are left out.
  std::vector<WindowsEventField> fields;
};

// 4625 with STATUS_BAD_BINDINGS: a network logon failed because of its channel binding.
struct FailedLogon {
  std::string_view user;
  std::string_view domain;
  std::string_view workstation;
  std::string_view package;
  // "ADDRESS:PORT" or "[ADDRESS]:PORT"; anything else leaves address and port out.
  std::string_view connection;
};
WindowsEvent BadBindingsEvent(const FailedLogon& logon);

// 5168: an SMB client meant another server, or did not say which one it meant.
struct SpnCheckFailure {
  std::string_view user;
  std::string_view domain;
  std::string_view target_name;               // empty: none, written as "N/A"
  uint32_t status = 0xC0000022;               // STATUS_ACCESS_DENIED
  std::vector<std::string> server_names;      // the host's own
  std::vector<std::string> configured_names;  // SrvAllowedServerNames
  std::vector<std::string> ip_addresses;
};
WindowsEvent SpnCheckFailedEvent(const SpnCheckFailure& failure);

// 3039: an LDAP client's bind failed because of its channel binding. `connection`: "ADDRESS:PORT".
WindowsEvent LdapBindingFailedEvent(std::string_view connection, std::string_view identity);
// 3040: how many LDAP binds in a day were not bound to their TLS channel, with a policy that asks
// for nothing. 3041: such a policy is in effect.
WindowsEvent UnboundLdapBindsEvent(uint64_t count);
WindowsEvent LdapBindingNotAskedForEvent();

// 31017: an SMB client refused to be a guest. 31022: it became one. `server`: a name or an
// address, without backslashes.
WindowsEvent InsecureGuestRejectedEvent(std::string_view user, std::string_view server);
WindowsEvent InsecureGuestAllowedEvent(std::string_view user, std::string_view server);

// 31018: an administrator enabled AllowInsecureGuestAuth, which is off by default.
WindowsEvent InsecureGuestSettingEvent();

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_WINDOWS_EVENT_H_
