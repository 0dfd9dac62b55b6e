// The client's side of one Kerberos login (RFC 4121 4.1, [MS-KILE] 3.2.5).
#ifndef EPA_PROVIDERS_KERBEROS_INITIATOR_H_
#define EPA_PROVIDERS_KERBEROS_INITIATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/core/service_principal_name.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/credential_store.h"
#include "providers/kerberos/exchange.h"
#include "providers/kerberos/gss_framing.h"

namespace epa::kerberos {

class TicketQuestion;

struct InitiatorPolicy {
  bool mutual_authentication = true;
  bool delegate = false;
  bool port_in_principal = false;
  uint32_t suppress_extended_protection = 0;
};

class InitiatorCredentials : public Credentials {
 public:
  InitiatorCredentials(std::unique_ptr<CredentialStore> store, const InitiatorPolicy& policy)
      : store_(std::move(store)), policy_(policy) {}

  const PackageInfo& package() const override { return KerberosPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const override;
  InitiatorName initiator_name() const override { return store_->Owner(); }
  bool RecognizesToken(std::span<const uint8_t>) const override { return false; }

  CredentialStore& store() const { return *store_; }
  const InitiatorPolicy& policy() const { return policy_; }

 private:
  std::unique_ptr<CredentialStore> store_;
  InitiatorPolicy policy_;
};

// What the AP-REQ says beside the proof.
struct RequestClaims {
  ChannelBindingToken binding;         // zero: none
  std::optional<uint32_t> ap_options;  // AD-AUTH-DATA-AP-OPTIONS
  std::optional<std::string> target;   // KERB_AUTH_DATA_CLIENT_TARGET, without the realm
  uint32_t flags = 0;                  // GssFlag, without kDelegation
};

class KerberosInitiator : public KerberosExchange {
 public:
  KerberosInitiator(std::shared_ptr<const InitiatorCredentials> credentials,
                    ServicePrincipalName target, RequestClaims claims,
                    ExtendedProtectionEvidence evidence);
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
  enum class State : uint8_t { kStart, kFetching, kExpectReply, kVerified, kEnded };

  bool verified() const override { return state_ == State::kVerified; }

  absl::StatusOr<MechanismResult> Start();
  absl::StatusOr<MechanismResult> SendRequest(krb5_context context, krb5_creds& ticket);
  absl::StatusOr<MechanismResult> OnReply(std::span<const uint8_t> token);
  absl::Status AddClaims(krb5_context context, krb5_creds& ticket) const;
  absl::Status TakeSentKeys(krb5_context context);
  absl::Status TakeReplyKeys(krb5_context context, const krb5_ap_rep_enc_part& reply);
  MechanismResult Reject(Reason reason, std::string detail = {});

  std::shared_ptr<const InitiatorCredentials> credentials_;
  ServicePrincipalName target_;
  RequestClaims claims_;
  ExtendedProtectionEvidence evidence_;
  State state_ = State::kStart;
  std::shared_ptr<TicketQuestion> question_;  // of the work that was handed out
  krb5_auth_context auth_ = nullptr;          // owned; freed with any context
  bool server_proved_ = false;
  InitiatorName client_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_INITIATOR_H_
