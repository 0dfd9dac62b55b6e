// An AP-REQ that takes asking somebody.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_WORK_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_WORK_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/request_maker.h"

namespace epa::kerberos {

// One order and what came of it.
class OrderedRequest {
 public:
  OrderedRequest(RequestOrder order, ContextPool::Lease lease)
      : order_(std::move(order)), lease_(std::move(lease)), made_(lease_.context()) {}

  // Where a KDC is silent, it is so to all logins of these credentials.
  const void* party() const { return &order_.credentials->store(); }
  void Make() { result_ = MakeRequest(lease_.context(), order_, made_); }

  MakingResult TakeResult() { return std::move(result_); }
  MadeRequest& made() { return made_; }

 private:
  RequestOrder order_;
  ContextPool::Lease lease_;
  MadeRequest made_;
  MakingResult result_ = absl::UnavailableError("the pending work was not run");
};

// Handed to the program. The exchange keeps the order itself, so that whatever object comes back,
// the answer is the one to its own.
class RequestWork : public PendingWork {
 public:
  explicit RequestWork(std::shared_ptr<OrderedRequest> ordered) : ordered_(std::move(ordered)) {}
  void Run() override { ordered_->Make(); }
  const void* party() const override { return ordered_->party(); }

 private:
  std::shared_ptr<OrderedRequest> ordered_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_WORK_H_
