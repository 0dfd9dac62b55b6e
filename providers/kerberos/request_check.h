// An AP-REQ whose check asks a replay cache that other processes share.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_CHECK_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_CHECK_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "providers/kerberos/acceptor.h"

namespace epa::kerberos {

// One request and what came of it. Sees nothing of the exchange, which may be gone meanwhile.
class RequestCheck {
 public:
  RequestCheck(std::shared_ptr<const AcceptorCredentials> credentials, ContextPool::Lease lease,
               const FramedMessage& framed)
      : credentials_(std::move(credentials)),
        lease_(std::move(lease)),
        frame_(framed.frame),
        message_(framed.message.begin(), framed.message.end()),
        inspection_(lease_.context()) {}

  void Run() {
    result_ = OpenRequest(lease_.workspace(), credentials_->rules(), message_,
                          RequestUse::kLoginInSharedCache, inspection_);
  }

  Workspace& workspace() const { return lease_.workspace(); }
  Frame frame() const { return frame_; }
  Inspection& inspection() { return inspection_; }
  absl::StatusOr<MechanismResult> TakeResult() { return std::move(result_); }

 private:
  std::shared_ptr<const AcceptorCredentials> credentials_;
  ContextPool::Lease lease_;
  Frame frame_;
  std::vector<uint8_t> message_;
  Inspection inspection_;
  absl::StatusOr<MechanismResult> result_ = absl::UnavailableError("the pending work was not run");
};

// Handed to the program. The exchange keeps the check itself, so that whatever object comes back,
// the answer is the one to its own.
class RequestCheckWork : public PendingWork {
 public:
  explicit RequestCheckWork(std::shared_ptr<RequestCheck> check) : check_(std::move(check)) {}
  void Run() override { check_->Run(); }

 private:
  std::shared_ptr<RequestCheck> check_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_CHECK_H_
