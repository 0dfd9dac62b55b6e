// The security context: what programs hold during and after a login.
#ifndef EPA_CORE_SECURITY_CONTEXT_H_
#define EPA_CORE_SECURITY_CONTEXT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/identity.h"
#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa {

enum class StepState : uint8_t {
  kContinue,     // send the token, wait for the peer's next one
  kPending,      // run the work, then Resume
  kEstablished,  // logged in; send the token if there is one
  kRejected,     // refused; send the token if there is one. It says nothing about the reason
};

struct StepResult {
  StepState state = StepState::kRejected;
  // kOk, kContinueNeeded, or the code of the refusal.
  SecurityStatus status = SecurityStatus::kOk;
  std::vector<uint8_t> token;
  std::unique_ptr<PendingWork> pending_work;
};

struct AcceptOptions {
  std::shared_ptr<const Credentials> credentials;          // required
  std::shared_ptr<const ExtendedProtectionPolicy> policy;  // required
  std::optional<Channel> channel;                          // required
  std::shared_ptr<AuditSink> audit;                        // required; NoAudit() for none
  // For the audit event, such as the peer's address.
  std::string connection;
  // Who owns the connection already: a login as anybody else is refused (kConnectionOwnerDiffers).
  std::optional<PeerIdentity> owner;
  // Null: the system's clock. Outlives the context.
  const Clock* clock = nullptr;
};

struct InitiateOptions {
  std::shared_ptr<const Credentials> credentials;  // required
  std::optional<Channel> channel;                  // required
  InitiatorParameters parameters;
};

// What a client knows of the server it logged in to, and what says so.
struct ServerIdentity {
  // The service that was asked for.
  std::string target_name;
  // The server proved that it has that service's key (Kerberos with mutual authentication).
  bool mutually_authenticated = false;
  // The login is bound to this TLS channel, so that no other server can use it: who the server is
  // says its certificate, if the application verified that.
  bool bound_to_channel = false;
  // The server's own words.
  PeerClaims claims;
};

// One login. Used by one owner at a time; different contexts are independent.
//
// A peer that fails is a value (kRejected), a fault of ours is an error. There is no flag to
// misread: peer() and everything after it are errors until the context is established.
class SecurityContext {
 public:
  // The server's side. The extended-protection policy is applied to what the provider proved
  // before any token that tells the client of success leaves, whatever the provider.
  // InvalidArgument where something required is missing, where the policy cannot protect such a
  // channel (ExtendedProtectionPolicy::CheckChannel), and for an audit-only policy with nobody to
  // hear the audit.
  static absl::StatusOr<std::unique_ptr<SecurityContext>> Accept(AcceptOptions options);
  // The client's side. The first Step takes an empty token. Fails on a target name with
  // marshalled target information, which names one server to reach and another to log in to.
  static absl::StatusOr<std::unique_ptr<SecurityContext>> Initiate(InitiateOptions options);

  // Emits the one audit event if the exchange was started and has not ended.
  ~SecurityContext();
  SecurityContext(const SecurityContext&) = delete;
  SecurityContext& operator=(const SecurityContext&) = delete;

  // Never blocks: neither on a file nor on the network, nor for another thread's work; what may is
  // pending work. FailedPrecondition when the exchange has ended or work is pending.
  [[nodiscard]] absl::StatusOr<StepResult> Step(std::span<const uint8_t> token);
  // Takes back the pending work after PendingWork::Run.
  [[nodiscard]] absl::StatusOr<StepResult> Resume(std::unique_ptr<PendingWork> work);

  // An initiator's: the channel, where it was learnt after the first step. What has left stays as
  // it is: NTLM binds its last message, Kerberos its first. FailedPrecondition for an acceptor, for
  // a context that has bindings, and once the exchange has ended.
  [[nodiscard]] absl::Status SetChannel(Channel channel);

  // An acceptor: the client is logged in. An initiator: its part is done and nothing the server
  // said was wrong; whether the server let it in is for the protocol around to say. NTLM's client
  // is established when it has answered, with a wrong password too.
  bool established() const { return state_ == State::kEstablished; }

  // The rest fails with FailedPrecondition until the context is established.
  //
  // Acceptors only: who logged in.
  absl::StatusOr<PeerIdentity> peer() const;
  // Initiators only: what is known of the server.
  absl::StatusOr<ServerIdentity> server() const;
  // Whether the login is anonymous, on either side; its session key is then no secret.
  absl::StatusOr<bool> anonymous() const;
  // As whom this side has logged in. Initiators only.
  absl::StatusOr<InitiatorName> initiator_name() const;
  // The package that carried the login.
  absl::StatusOr<std::string_view> package_name() const;
  absl::StatusOr<ExtendedProtectionEvidence> evidence() const;
  // When the Kerberos ticket ends, kNever for a login that has no end. The context keeps working:
  // whether to ask for a new login then is the application's choice. An initiator's is known as
  // soon as it has the ticket, and kNever before.
  absl::StatusOr<FileTime> expiry_time() const;
  // Acceptors only.
  absl::StatusOr<ExtendedProtectionDecision> extended_protection() const;
  absl::StatusOr<SecretBytes> ExportSessionKey() const;
  absl::StatusOr<AgreedProtection> agreed_protection() const;
  absl::StatusOr<MessageProtection*> message_protection();

  // Signature and sealed message in one piece, and back: gss_wrap's shape.
  absl::StatusOr<std::vector<uint8_t>> Wrap(std::span<const uint8_t> message);
  absl::StatusOr<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped);

  // What the client proved about the channel binding, also where the policy refused it: for
  // reports. kNotChecked until its proof holds, and for an initiator.
  BindingEvidence binding_evidence() const;

  // Initiators: which packages could not begin, and why, at any time. Empty where the preferred
  // one did.
  std::string_view passed_over() const { return mechanism_->passed_over(); }

  // What the peer says of itself, at any time. Nothing proves it: for messages to people.
  const PeerClaims& claims() const { return mechanism_->claims(); }

  // Why the context was refused, for the operator. kNone until it has ended.
  Reason reason() const { return reason_; }
  const std::string& reason_detail() const { return detail_; }

 private:
  enum class State : uint8_t { kFresh, kExchanging, kPending, kEstablished, kEnded };

  // What an acceptor needs beyond its mechanism until it has decided.
  struct Acceptance {
    std::shared_ptr<const ExtendedProtectionPolicy> policy;
    std::shared_ptr<AuditSink> audit;
    std::string connection;
    std::optional<PeerIdentity> owner;
    const Clock* clock = nullptr;  // always there
  };

  SecurityContext(std::unique_ptr<Acceptance> acceptance, Channel channel);

  absl::StatusOr<StepResult> Conclude(absl::StatusOr<MechanismResult> result);
  // Applies the policy to the evidence: kNone, or why the login is refused.
  Reason Decide();
  StepResult Continue(MechanismResult result);
  StepResult Establish(MechanismResult result);
  StepResult Reject(MechanismResult result);
  absl::Status RequireEstablished() const;
  // The one event of this exchange.
  void Audit(AuditOutcome outcome);

  State state_ = State::kFresh;
  Reason reason_ = Reason::kNone;
  const bool acceptor_;
  ExtendedProtectionDecision decision_;
  std::unique_ptr<Acceptance> acceptance_;  // null for an initiator, and after the audit event
  Channel channel_;
  std::string detail_;
  std::unique_ptr<Mechanism> mechanism_;
};

// For callers that may block: steps, and runs pending work on this thread until there is none.
[[nodiscard]] absl::StatusOr<StepResult> StepBlocking(SecurityContext& context,
                                                      std::span<const uint8_t> token);

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_SECURITY_CONTEXT_H_
