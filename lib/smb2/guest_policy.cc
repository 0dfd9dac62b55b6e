#include "epa/smb2/guest_policy.h"

namespace epa::smb2 {
namespace {

GuestLogonDecision Accept(bool has_session_key) {
  GuestLogonDecision decision;
  decision.accepted = true;
  decision.has_session_key = has_session_key;
  return decision;
}

// [MS-SMB2] 3.2.5.3.1.
GuestLogonDecision DecideGuest(const GuestLogonPolicy& policy) {
  GuestLogonDecision decision;
  decision.accepted =
      policy.allow_insecure_guest && !policy.require_signing && !policy.require_encryption;
  if (decision.accepted) {
    decision.event = kEventGuestAllowed;
    return decision;
  }
  decision.win32_error = kWin32GuestLogonBlocked;
  decision.hresult = kHresultBadNetPath;
  decision.event = kEventGuestRejected;
  return decision;
}

}  // namespace

GuestLogonDecision DecideGuestLogon(const GuestLogonPolicy& policy, std::optional<Dialect> dialect,
                                    LogonKind logon, GrantedSession granted) {
  const bool anonymous = logon == LogonKind::kAnonymous;
  const bool user = granted == GrantedSession::kUser && !anonymous;
  if (user || !dialect.has_value()) {
    return Accept(user);
  }
  if (granted == GrantedSession::kGuest) {
    return DecideGuest(policy);
  }
  // Anonymous, by the server's word or by the credentials, of which a server need not speak.
  return anonymous && !policy.require_encryption ? Accept(false) : GuestLogonDecision();
}

}  // namespace epa::smb2
