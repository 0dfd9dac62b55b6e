// The client's side of one NTLM exchange ([MS-NLMP] 3.1).
#ifndef EPA_PROVIDERS_NTLM_INITIATOR_H_
#define EPA_PROVIDERS_NTLM_INITIATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/byte_writer.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "providers/ntlm/session.h"

namespace epa::ntlm {

// What is made of InitiatorOptions: names as they go onto the wire, and NTOWFv2 instead of the
// password.
struct InitiatorIdentity {
  std::vector<uint8_t> user;  // UTF-16LE, like the others
  std::vector<uint8_t> domain;
  std::vector<uint8_t> workstation;
  std::string user_text;  // UTF-8, for audit events
  std::string domain_text;
  bool anonymous = false;
  Secret<16> ntowf;
};

// The server a login is for, whether or not it is told, and what the policy says about it.
struct Destination {
  std::string target_name;
  OutgoingTraffic outgoing = OutgoingTraffic::kAllow;
  // InitiatorParameters::passed_over.
  std::string passed_over;
};

class InitiatorCredentials : public Credentials {
 public:
  InitiatorCredentials(InitiatorIdentity identity, ClientPolicy policy,
                       std::shared_ptr<AuditSink> audit,
                       std::shared_ptr<ReflectionGuard> reflection_guard, const Clock& clock,
                       const RandomSource& random)
      : identity_(std::move(identity)),
        policy_(std::move(policy)),
        audit_(std::move(audit)),
        reflection_guard_(std::move(reflection_guard)),
        clock_(clock),
        random_(random) {}

  const PackageInfo& package() const override { return NtlmPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const override;
  InitiatorName initiator_name() const override {
    return {identity_.user_text, identity_.domain_text, {}};
  }
  bool RecognizesToken(std::span<const uint8_t>) const override { return false; }

  const InitiatorIdentity& identity() const { return identity_; }
  const ClientPolicy& policy() const { return policy_; }
  // Tells the audit sink, unless the policy has nothing to say about this server.
  void ReportOutgoing(const Destination& destination) const;
  const ReflectionGuard* reflection_guard() const { return reflection_guard_.get(); }
  const Clock& clock() const { return clock_; }
  const RandomSource& random() const { return random_; }

 private:
  OutgoingTraffic OutgoingTo(const InitiatorParameters& parameters) const;

  InitiatorIdentity identity_;
  ClientPolicy policy_;
  std::shared_ptr<AuditSink> audit_;  // may be null
  std::shared_ptr<ReflectionGuard> reflection_guard_;
  const Clock& clock_;
  const RandomSource& random_;
};

// What the response says beside the proof.
struct ResponseClaims {
  // MsvAvTargetName, UTF-16LE; no value: the pair is left out.
  std::optional<std::vector<uint8_t>> target_name;
  bool target_name_untrusted = false;
  // MsvAvChannelBindings: of the channel as it is when the response is written. kOmit: the pair is
  // left out.
  BindingRequest binding = BindingRequest::kOmit;
};

// NTLMSSP_NEGOTIATE_SIGN and _SEAL: asked for, and those of them that the server must grant.
struct ProtectionRequest {
  uint32_t wanted = 0;
  uint32_t required = 0;
};

// What is needed until the challenge is answered, and not by the established context.
struct InitiatorExchange {
  Destination destination;
  ProtectionRequest request;
  ResponseClaims claims;
  ChannelBindingToken binding;
  std::vector<uint8_t> negotiate;  // as sent, for the MIC
};

class NtlmInitiator : public NtlmMechanism {
 public:
  NtlmInitiator(std::shared_ptr<const InitiatorCredentials> credentials, const Channel& channel,
                std::unique_ptr<InitiatorExchange> exchange, ExtendedProtectionEvidence evidence);

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  // The server's names from its challenge.
  const PeerClaims& claims() const override { return server_; }
  // What this side sent.
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }
  InitiatorName initiator_name() const override { return credentials_->initiator_name(); }
  bool demands_mechanism_list_mic() const override;
  bool anonymous() const override { return credentials_->identity().anonymous; }

 private:
  enum class State : uint8_t { kStart, kExpectChallenge, kVerified, kEnded };

  absl::StatusOr<MechanismResult> SendNegotiate();
  absl::StatusOr<MechanismResult> OnChallenge(std::span<const uint8_t> token);
  // kNone when the challenge may be answered.
  Reason JudgeChallenge(const ChallengeMessage& challenge) const;
  absl::StatusOr<std::vector<uint8_t>> Authenticate(const ChallengeMessage& challenge,
                                                    std::span<const uint8_t> challenge_octets);
  std::vector<uint8_t> WriteResponse(const ChallengeMessage& challenge, Secret<16>& session_key);
  // The channel's binding, from now on what this side sends.
  absl::Status SettleBinding();
  void WriteClaims(ByteWriter& response) const;
  MechanismResult Reject(Reason reason, std::string detail = {});

  std::shared_ptr<const InitiatorCredentials> credentials_;
  const Channel& channel_;
  std::unique_ptr<InitiatorExchange> exchange_;  // null once it has ended
  ExtendedProtectionEvidence evidence_;
  State state_ = State::kStart;
  PeerClaims server_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_INITIATOR_H_
