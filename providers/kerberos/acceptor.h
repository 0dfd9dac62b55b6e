// The server's side of one Kerberos login (RFC 4121 4.1, [MS-KILE] 3.4.5).
#ifndef EPA_PROVIDERS_KERBEROS_ACCEPTOR_H_
#define EPA_PROVIDERS_KERBEROS_ACCEPTOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "epa/core/security_package.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/exchange.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/inspection.h"
#include "providers/kerberos/replay_cache.h"

namespace epa::kerberos {

// What all credentials of acceptors are made of.
struct AcceptorParts {
  std::shared_ptr<ContextPool> pool;
  InspectionRules rules;
};
// Fails as CreateAcceptorCredentials. Takes what it needs out of `options`.
absl::StatusOr<AcceptorParts> ReadAcceptorOptions(AcceptorOptions& options);

class AcceptorCredentials : public Credentials {
 public:
  AcceptorCredentials(std::shared_ptr<ContextPool> pool, InspectionRules rules,
                      ReplayCache replay_cache)
      : pool_(std::move(pool)), rules_(std::move(rules)), replay_cache_(replay_cache) {}

  const PackageInfo& package() const override { return KerberosPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override;
  bool RecognizesToken(std::span<const uint8_t> token) const override {
    return LooksLikeKerberos(token);
  }

  const std::shared_ptr<ContextPool>& pool() const { return pool_; }
  const InspectionRules& rules() const { return rules_; }
  bool shared_replay_cache() const { return replay_cache_ == ReplayCache::kShared; }
  // False for a replay.
  absl::StatusOr<bool> StoreAuthenticator(krb5_context context, const ApRequest& request) const;

 private:
  std::shared_ptr<ContextPool> pool_;
  InspectionRules rules_;
  ReplayCache replay_cache_;
  mutable InProcessReplayCache seen_;
};

class RequestCheck;

class KerberosAcceptor : public KerberosExchange {
 public:
  KerberosAcceptor(std::shared_ptr<const AcceptorCredentials> credentials, const Channel& channel)
      : KerberosExchange(credentials->pool(), Party::kAcceptor),
        credentials_(std::move(credentials)),
        channel_(channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  const PeerIdentity& identity() const override { return identity_; }
  const PeerClaims& claims() const override { return claims_; }
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }

 private:
  enum class State : uint8_t { kExpectRequest, kChecking, kVerified, kEnded };

  bool verified() const override { return state_ == State::kVerified; }

  absl::StatusOr<MechanismResult> OnRequest(const FramedMessage& framed);
  absl::StatusOr<MechanismResult> OnOpened(absl::StatusOr<MechanismResult> opened,
                                           Workspace& workspace, Inspection& inspection,
                                           Frame frame);
  absl::StatusOr<MechanismResult> Judge(Workspace& workspace, Inspection& inspection, Frame frame);
  absl::StatusOr<MechanismResult> Accept(krb5_context context, const ApRequest& request,
                                         Frame frame);
  void TakeIdentity(krb5_context context, Inspection& inspection);
  absl::Status TakeKeys(krb5_context context, const ApRequest& request, bool mutual);
  MechanismResult Reject(Reason reason, std::string detail = {});

  std::shared_ptr<const AcceptorCredentials> credentials_;
  const Channel& channel_;
  State state_ = State::kExpectRequest;
  std::shared_ptr<RequestCheck> check_;  // of the work that was handed out
  PeerIdentity identity_;
  PeerClaims claims_;  // the name in the ticket
  ExtendedProtectionEvidence evidence_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_ACCEPTOR_H_
