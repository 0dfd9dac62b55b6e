// What an SMB2/3 client does when the server makes its login a guest's: Windows' insecure guest
// logon policy (AllowInsecureGuestAuth) as one pure function.
//
// SMB1 is not affected by the setting and not implemented here; the function answers for it, so
// that the table is complete.
#ifndef EPA_SMB2_GUEST_POLICY_H_
#define EPA_SMB2_GUEST_POLICY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "epa/smb2/protocol.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

struct GuestLogonPolicy {
  // AllowInsecureGuestAuth, as it is in effect.
  bool allow_insecure_guest = false;
  // RequireSecuritySignature of the workstation: a guest session cannot sign.
  bool require_signing = true;
  // A guest session cannot encrypt either.
  bool require_encryption = false;
};

// What the client logged in with.
enum class LogonKind : uint8_t {
  kUser,       // a name and a proof
  kGuest,      // explicitly a guest, or an empty name
  kAnonymous,  // the caller asked for an anonymous session
};

// What the server made of it.
enum class GrantedSession : uint8_t {
  kUser,
  kGuest,      // SMB2_SESSION_FLAG_IS_GUEST; SMB1: SMB_SETUP_GUEST
  kAnonymous,  // SMB2_SESSION_FLAG_IS_NULL
};

// Ids of the log Microsoft-Windows-SmbClient/Security.
inline constexpr uint32_t kEventGuestRejected = 31017;
inline constexpr uint32_t kEventGuestAllowed = 31022;

// ERROR_SMB_GUEST_LOGON_BLOCKED, and the HRESULT of ERROR_BAD_NETPATH that some callers show.
inline constexpr uint32_t kWin32GuestLogonBlocked = 1272;
inline constexpr uint32_t kHresultBadNetPath = 0x80070035;
// What Windows tells its user of the former (KB4046019).
inline constexpr std::string_view kGuestLogonBlockedText =
    "You can't access this shared folder because your organization's security policies block "
    "unauthenticated guest access. These policies help protect your PC from unsafe or malicious "
    "devices on the network.";

struct GuestLogonDecision {
  bool accepted = false;
  // Whether messages of the session can be signed and encrypted at all.
  bool has_session_key = false;
  // Of a refusal: 1272 and 0x80070035 for a guest; else 0.
  uint32_t win32_error = 0;
  uint32_t hresult = 0;
  // The event Windows logs: kEventGuestRejected or kEventGuestAllowed.
  std::optional<uint32_t> event;
};

// Decides by [MS-SMB2] 3.2.5.3.1 and KB4046019. No dialect stands for SMB1. A server that answers
// a user's login with an anonymous session is refused: nobody asked for it, and it would be a way
// to have signing switched off.
GuestLogonDecision DecideGuestLogon(const GuestLogonPolicy& policy, std::optional<Dialect> dialect,
                                    LogonKind logon, GrantedSession granted);

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_GUEST_POLICY_H_
