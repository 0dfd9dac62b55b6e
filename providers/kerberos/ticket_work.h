// Asking the KDC for a ticket.
#ifndef EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_
#define EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_

#include <memory>
#include <utility>

#include "providers/kerberos/initiator.h"

namespace epa::kerberos {

class TicketWork : public PendingWork {
 public:
  TicketWork(std::shared_ptr<const InitiatorCredentials> credentials, ContextPool::Lease lease,
             OwnedPrincipal server)
      : credentials_(std::move(credentials)),
        lease_(std::move(lease)),
        server_(std::move(server)),
        ticket_(lease_.context()) {}

  void Run() override {
    code_ = credentials_->store().Fetch(lease_.context(), server_.get(), ticket_);
    ran_ = true;
  }

  bool ran() const { return ran_; }
  krb5_error_code code() const { return code_; }
  krb5_context context() const { return lease_.context(); }
  krb5_creds& ticket() const { return *ticket_.get(); }

 private:
  std::shared_ptr<const InitiatorCredentials> credentials_;
  ContextPool::Lease lease_;
  OwnedPrincipal server_;
  OwnedCreds ticket_;
  bool ran_ = false;
  krb5_error_code code_ = 0;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_
