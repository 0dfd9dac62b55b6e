// Looks at a client's first token for those who leave the login itself to somebody else.
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/acceptor.h"
#include "providers/kerberos/inspection.h"

namespace epa::kerberos {
namespace {

class Inspector final : public Mechanism {
 public:
  Inspector(std::shared_ptr<const Credentials> owner, const AcceptorParts& parts,
            const Channel& channel)
      : owner_(std::move(owner)), parts_(parts), channel_(channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> /*work*/) override {
    return absl::FailedPreconditionError("there is no work");
  }
  std::string_view package_name() const override { return KerberosPackageInfo().name; }
  const PeerIdentity& identity() const override { return identity_; }
  const PeerClaims& claims() const override { return claims_; }
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }
  FileTime expiry_time() const override { return expiry_time_; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override { return NoKeys(); }
  absl::StatusOr<MessageProtection*> message_protection() override { return NoKeys(); }

 private:
  static absl::Status NoKeys() {
    return absl::FailedPreconditionError("the keys are with who does the login");
  }
  absl::StatusOr<MechanismResult> Inspect(std::span<const uint8_t> message);

  const std::shared_ptr<const Credentials> owner_;  // of `parts_`
  const AcceptorParts& parts_;
  const Channel& channel_;
  bool stepped_ = false;
  PeerIdentity identity_;
  PeerClaims claims_;
  ExtendedProtectionEvidence evidence_;
  FileTime expiry_time_ = kNever;
};

absl::StatusOr<MechanismResult> Inspector::Step(std::span<const uint8_t> token) {
  if (std::exchange(stepped_, true)) {
    return MechanismResult::Rejected(Reason::kUnexpectedMessage);
  }
  if (token.size() > KerberosPackageInfo().max_token_size) {
    return MechanismResult::Rejected(Reason::kTokenTooLarge);
  }
  const auto framed = ReadFramedMessage(token);
  if (!framed.ok()) {
    return MechanismResult::Rejected(Reason::kMalformedToken,
                                     std::string(framed.status().message()));
  }
  return framed->kind == MessageKind::kApReq
             ? Inspect(framed->message)
             : MechanismResult::Rejected(Reason::kUnexpectedMessage);
}

absl::StatusOr<MechanismResult> Inspector::Inspect(std::span<const uint8_t> message) {
  EPA_ASSIGN_OR_RETURN(ContextPool::Lease lease, parts_.pool->Acquire());
  Workspace& workspace = lease.workspace();
  Inspection inspection(lease.context());
  auto result = OpenRequest(workspace, parts_.rules, message, RequestUse::kInspection, inspection);
  if (!result.ok() || result->outcome != MechanismResult::Outcome::kVerified) {
    return result;
  }
  result = CollectEvidence(workspace, parts_.rules, channel_, inspection);
  claims_ = std::move(inspection.identity.claims);
  evidence_ = std::move(inspection.evidence);
  if (result.ok() && result->outcome == MechanismResult::Outcome::kVerified) {
    expiry_time_ = FileTimeOf(inspection.request.ticket->enc_part2->times.endtime);
    identity_ = PeerOf(std::move(inspection.identity));
  }
  return result;
}

class InspectorCredentials final : public Credentials {
 public:
  explicit InspectorCredentials(AcceptorParts parts) : parts_(std::move(parts)) {}

  const PackageInfo& package() const override { return KerberosPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override {
    return std::make_unique<Inspector>(shared_from_this(), parts_, channel);
  }
  bool RecognizesToken(std::span<const uint8_t> token) const override {
    return LooksLikeKerberos(token);
  }

 private:
  const AcceptorParts parts_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Credentials>> CreateInspectorCredentials(
    AcceptorOptions options) {
  EPA_ASSIGN_OR_RETURN(AcceptorParts parts, ReadAcceptorOptions(options));
  return std::make_shared<InspectorCredentials>(std::move(parts));
}

}  // namespace epa::kerberos
