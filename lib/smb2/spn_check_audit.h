// Adds to an audit event what Windows' event 5168 says when a login named the wrong server.
#ifndef EPA_LIB_SMB2_SPN_CHECK_AUDIT_H_
#define EPA_LIB_SMB2_SPN_CHECK_AUDIT_H_

#include <memory>

#include "epa/core/audit.h"
#include "epa/smb2/server_names.h"

namespace epa::smb2 {

// Hands every event on to `sink`. Safe for several threads where `sink` is.
class SpnCheckAudit : public AuditSink {
 public:
  SpnCheckAudit(std::shared_ptr<AuditSink> sink, ServerNames names)
      : sink_(std::move(sink)), names_(std::move(names)) {}

  void OnEvent(const AuditEvent& event) override;

 private:
  std::shared_ptr<AuditSink> sink_;
  ServerNames names_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SPN_CHECK_AUDIT_H_
