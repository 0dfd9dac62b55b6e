#include "lib/smb2/spn_check_audit.h"

#include "epa/core/windows_event.h"
#include "epa/smb2/protocol.h"
#include "lib/smb2/name_refusal.h"

namespace epa::smb2 {
void SpnCheckAudit::OnEvent(const AuditEvent& event) {
  if (!IsNameRefusal(event.reason)) {
    sink_->OnEvent(event);
    return;
  }
  SpnCheckFailure failure;
  failure.user = event.user;
  failure.domain = event.domain;
  failure.target_name = event.target_name.has_value() ? *event.target_name : std::string_view();
  failure.status = kStatusAccessDenied;
  failure.server_names = names_.own_names;
  failure.configured_names = names_.configured_names;
  failure.ip_addresses = names_.addresses;
  AuditEvent extended = event;
  extended.windows_event = SpnCheckFailedEvent(failure);
  sink_->OnEvent(extended);
}

}  // namespace epa::smb2
