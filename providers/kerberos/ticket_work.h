// Asking the KDC for a ticket.
#ifndef EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_
#define EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_

#include <memory>
#include <utility>

#include "providers/kerberos/initiator.h"

namespace epa::kerberos {

// One question to the KDC and its answer.
class TicketQuestion {
 public:
  TicketQuestion(std::shared_ptr<const InitiatorCredentials> credentials, ContextPool::Lease lease,
                 OwnedPrincipal server)
      : credentials_(std::move(credentials)),
        lease_(std::move(lease)),
        server_(std::move(server)),
        ticket_(lease_.context()) {}

  void Ask() {
    code_ = credentials_->store().Fetch(lease_.context(), server_.get(), ticket_);
    asked_ = true;
  }

  bool asked() const { return asked_; }
  krb5_error_code code() const { return code_; }
  krb5_context context() const { return lease_.context(); }
  krb5_creds& ticket() const { return *ticket_.get(); }

 private:
  std::shared_ptr<const InitiatorCredentials> credentials_;
  ContextPool::Lease lease_;
  OwnedPrincipal server_;
  OwnedCreds ticket_;
  bool asked_ = false;
  krb5_error_code code_ = 0;
};

// Handed to the program. The exchange keeps the question itself, so that whatever object comes
// back, the answer is the one to its own.
class TicketWork : public PendingWork {
 public:
  explicit TicketWork(std::shared_ptr<TicketQuestion> question) : question_(std::move(question)) {}
  void Run() override { question_->Ask(); }

 private:
  std::shared_ptr<TicketQuestion> question_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_TICKET_WORK_H_
