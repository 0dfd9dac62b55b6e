// The client's side of one Kerberos login (RFC 4121 4.1, [MS-KILE] 3.2.5).
#ifndef EPA_PROVIDERS_KERBEROS_INITIATOR_H_
#define EPA_PROVIDERS_KERBEROS_INITIATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "epa/core/security_package.h"
#include "providers/kerberos/exchange.h"
#include "providers/kerberos/krb5_handles.h"
#include "providers/kerberos/request_maker.h"

namespace epa::kerberos {

class OrderedRequest;

class KerberosInitiator : public KerberosExchange {
 public:
  KerberosInitiator(RequestOrder order, ExtendedProtectionEvidence evidence);
  ~KerberosInitiator() override;

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  // The service's names from the ticket.
  bool server_proved() const override { return server_proved_; }
  // The ticket's client.
  InitiatorName initiator_name() const override { return client_; }
  // What this side sent.
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }

 private:
  enum class State : uint8_t { kStart, kOrdered, kExpectReply, kVerified, kEnded };

  bool verified() const override { return state_ == State::kVerified; }

  absl::StatusOr<MechanismResult> Start();
  absl::StatusOr<MechanismResult> Send(MakingResult result, MadeRequest& made);
  absl::StatusOr<MechanismResult> OnReply(std::span<const uint8_t> token);
  absl::Status TakeReplyKeys(krb5_context context, const krb5_ap_rep_enc_part& reply);
  MechanismResult Reject(Reason reason, std::string detail = {});

  RequestOrder order_;  // until it is handed out
  ExtendedProtectionEvidence evidence_;
  const bool mutual_;
  State state_ = State::kStart;
  std::shared_ptr<OrderedRequest> ordered_;  // of the work that was handed out
  krb5_auth_context auth_ = nullptr;         // owned; freed with any context
  bool server_proved_ = false;
  InitiatorName client_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_INITIATOR_H_
