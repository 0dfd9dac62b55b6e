#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/status_macros.h"
#include "providers/ntlm/logon_work.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/pair_evidence.h"
#include "tools/epa/serve/ntlm_server_request.h"

namespace epa::tool {
namespace {

using ntlm::LogonVerdict;

class ResponseMechanism final : public Mechanism {
 public:
  ResponseMechanism(std::shared_ptr<const ntlm::NtlmAuthority> authority, const Channel& channel)
      : authority_(std::move(authority)), channel_(channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  std::string_view package_name() const override { return ntlm::NtlmPackageInfo().name; }
  const PeerIdentity& identity() const override { return identity_; }
  const PeerClaims& claims() const override { return claims_; }
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override {
    return absl::FailedPreconditionError("the front end is given no key");
  }
  absl::StatusOr<MessageProtection*> message_protection() override {
    return absl::FailedPreconditionError("the front end has what protects messages");
  }

 private:
  MechanismResult OnVerdict(const LogonVerdict& verdict);

  const std::shared_ptr<const ntlm::NtlmAuthority> authority_;
  const Channel& channel_;
  NtlmServerRequest request_;
  PeerClaims claims_;
  PeerIdentity identity_;
  ExtendedProtectionEvidence evidence_;
  std::shared_ptr<ntlm::LogonQuestion> question_;
  const PendingWork* pending_ = nullptr;  // handed out, not owned
};

absl::StatusOr<MechanismResult> ResponseMechanism::Step(std::span<const uint8_t> token) {
  std::optional<NtlmServerRequest> request =
      ParseNtlmServerRequest({reinterpret_cast<const char*>(token.data()), token.size()});
  if (!request.has_value()) {
    return MechanismResult::Rejected(Reason::kMalformedToken, "not a request of ntlm-server-1");
  }
  request_ = *std::move(request);
  claims_.user = request_.user;
  claims_.domain = request_.domain;
  if (request_.nt_response.size() == ntlm::kNtlmV1ResponseSize) {
    return MechanismResult::Rejected(Reason::kNtlmV1Refused);
  }
  ntlm::NtlmV2Response response;
  if (ntlm::ReadNtlmV2Response(request_.nt_response, response).has_value()) {
    return MechanismResult::Rejected(Reason::kMalformedToken, "NT-Response");
  }
  ntlm::LogonRequest logon;
  logon.user = request_.user;
  logon.domain = request_.domain;
  logon.server_challenge = request_.challenge;
  logon.nt_response = request_.nt_response;
  EPA_ASSIGN_OR_RETURN(const std::optional<LogonVerdict> verdict, authority_->VerifyAtOnce(logon));
  if (verdict.has_value()) {
    return OnVerdict(*verdict);
  }
  question_ = std::make_shared<ntlm::LogonQuestion>(authority_, logon, std::span<const uint8_t>());
  auto work = std::make_unique<ntlm::LogonWork>(question_);
  pending_ = work.get();
  return MechanismResult::Pending(std::move(work));
}

absl::StatusOr<MechanismResult> ResponseMechanism::Resume(std::unique_ptr<PendingWork> work) {
  if (work == nullptr || work.get() != std::exchange(pending_, nullptr)) {
    return absl::FailedPreconditionError("this work does not belong to this exchange");
  }
  EPA_ASSIGN_OR_RETURN(const LogonVerdict verdict, question_->verdict());
  return OnVerdict(verdict);
}

MechanismResult ResponseMechanism::OnVerdict(const LogonVerdict& verdict) {
  if (!verdict.verified()) {
    return MechanismResult::Rejected(verdict.refusal(), verdict.detail());
  }
  identity_ = verdict.identity();
  evidence_.binding = BindingEvidence::kAbsent;
  evidence_.mic = MicEvidence::kAbsent;
  if (identity_.account() == nullptr) {
    return MechanismResult::Verified();  // a guest, who proved nothing
  }
  ntlm::NtlmV2Response response;
  if (ntlm::ReadNtlmV2Response(request_.nt_response, response).has_value() ||
      !ntlm::CollectPairEvidence(response.av_pairs, channel_, evidence_)) {
    return MechanismResult::Rejected(Reason::kMalformedToken, "NT-Response");
  }
  return MechanismResult::Verified();
}

class NtlmServerCredentials final : public Credentials {
 public:
  explicit NtlmServerCredentials(std::shared_ptr<const ntlm::NtlmAuthority> authority)
      : authority_(std::move(authority)) {}

  const PackageInfo& package() const override { return ntlm::NtlmPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override {
    return std::make_unique<ResponseMechanism>(authority_, channel);
  }
  bool RecognizesToken(std::span<const uint8_t> /*token*/) const override { return true; }

 private:
  const std::shared_ptr<const ntlm::NtlmAuthority> authority_;
};

}  // namespace

std::shared_ptr<const Credentials> CreateNtlmServerCredentials(
    std::shared_ptr<const ntlm::NtlmAuthority> authority) {
  return std::make_shared<const NtlmServerCredentials>(std::move(authority));
}

}  // namespace epa::tool
