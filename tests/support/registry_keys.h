// The registry's keys as Microsoft's documentation spells them, for tests of what is read from
// them.
#ifndef EPA_TESTS_SUPPORT_REGISTRY_KEYS_H_
#define EPA_TESTS_SUPPORT_REGISTRY_KEYS_H_

#include <string_view>

namespace epa::test {

inline constexpr std::string_view kLsa =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa)";
inline constexpr std::string_view kMsv =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0)";
inline constexpr std::string_view kNetlogon =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters)";
inline constexpr std::string_view kTelnet =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\TelnetServer\1.0)";
inline constexpr std::string_view kLdap =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\NTDS\Parameters)";
inline constexpr std::string_view kWinRm =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service)";
inline constexpr std::string_view kWinRmPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service)";
inline constexpr std::string_view kSmbServer =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanManServer\Parameters)";
inline constexpr std::string_view kSmbServerPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanServer)";
inline constexpr std::string_view kSmbClient =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters)";
inline constexpr std::string_view kSmbClientPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanWorkstation)";

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_REGISTRY_KEYS_H_
