// The audit sink of one connection: knows whose the connection is.
#ifndef EPA_LIB_HTTP_OWNER_AUDIT_H_
#define EPA_LIB_HTTP_OWNER_AUDIT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "epa/core/audit.h"
#include "epa/http/authenticator.h"

namespace epa::http {

// Stands between a context and the server's sink: the context alone would report a login as
// accepted that the connection refuses, since it knows nothing of the connection's owner.
class Authenticator::OwnerAudit : public AuditSink {
 public:
  // `sink` may be null.
  explicit OwnerAudit(std::shared_ptr<AuditSink> sink) : sink_(std::move(sink)) {}

  void OnEvent(const AuditEvent& event) override;
  // Whether the login that was reported last was accepted and may use the connection; the first
  // one takes it. True once for each login.
  bool ConsumeAcceptance() { return std::exchange(accepted_, false); }

 private:
  // Text exactly as the mechanism gave it: two spellings are two identities here.
  struct Owner {
    std::string user;
    std::string domain;
    IdentityKind kind;
    bool operator==(const Owner&) const = default;
  };

  bool MayOwn(const AuditEvent& login);

  std::shared_ptr<AuditSink> sink_;
  std::optional<Owner> owner_;
  bool accepted_ = false;
};

}  // namespace epa::http

#endif  // EPA_LIB_HTTP_OWNER_AUDIT_H_
