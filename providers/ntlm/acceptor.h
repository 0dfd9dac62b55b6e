// The server's side of one NTLM exchange ([MS-NLMP] 3.2).
#ifndef EPA_PROVIDERS_NTLM_ACCEPTOR_H_
#define EPA_PROVIDERS_NTLM_ACCEPTOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/ntlm/ntlm.h"
#include "providers/ntlm/challenge_template.h"
#include "providers/ntlm/message_protection.h"
#include "providers/ntlm/messages/authenticate_message.h"

namespace epa::ntlm {

class AcceptorCredentials : public Credentials {
 public:
  // `incoming`: what the options restrict on this computer, exceptions considered.
  AcceptorCredentials(AcceptorOptions options, ChallengeTemplate challenge,
                      IncomingTraffic incoming)
      : options_(std::move(options)), challenge_(std::move(challenge)), incoming_(incoming) {}

  const PackageInfo& package() const override { return NtlmPackageInfo(); }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override;
  bool RecognizesToken(std::span<const uint8_t> token) const override;

  const AcceptorOptions& options() const { return options_; }
  const ChallengeTemplate& challenge() const { return challenge_; }
  IncomingTraffic incoming() const { return incoming_; }
  IssuedChallenge IssueChallenge(uint32_t offered_flags) const;
  // The identity that goes with an authority's account: one of this computer alone is in the
  // domain of the computer's name.
  PeerIdentity IdentityOf(const PeerIdentity& verified) const;

 private:
  AcceptorOptions options_;
  ChallengeTemplate challenge_;
  IncomingTraffic incoming_;
};

class LogonQuestion;

class NtlmAcceptor : public Mechanism {
 public:
  NtlmAcceptor(std::shared_ptr<const AcceptorCredentials> credentials, const Channel& channel)
      : credentials_(std::move(credentials)), channel_(channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  std::string_view package_name() const override { return NtlmPackageInfo().name; }
  const PeerIdentity& identity() const override;
  const PeerClaims& claims() const override;
  const ExtendedProtectionEvidence& evidence() const override;
  absl::StatusOr<SecretBytes> ExportSessionKey() const override;
  AgreedProtection agreed_protection() const override {
    return login_ == nullptr ? AgreedProtection() : ProtectionOf(login_->agreed_flags);
  }
  absl::StatusOr<MessageProtection*> message_protection() override { return Protection(); }
  absl::StatusOr<std::vector<uint8_t>> SignMechanismList(std::span<const uint8_t> list) override;
  absl::Status VerifyMechanismList(std::span<const uint8_t> list,
                                   std::span<const uint8_t> mic) override;
  bool demands_mechanism_list_mic() const override;

 private:
  enum class State : uint8_t {
    kExpectNegotiate,
    kExpectAuthenticate,
    kVerifying,
    kVerified,
    kEnded
  };

  // What an AUTHENTICATE message claims and, once verified, proved. Made when it arrives: a
  // half-open exchange costs no memory for it.
  struct Login {
    PeerClaims claims;
    PeerIdentity identity;
    ExtendedProtectionEvidence evidence;
    Secret<16> exported_session_key;
    // What both sides said: NEGOTIATE, CHALLENGE and AUTHENTICATE.
    uint32_t agreed_flags = 0;
  };

  MechanismResult OnNegotiate(std::span<const uint8_t> token);
  absl::StatusOr<MechanismResult> OnAuthenticate(std::span<const uint8_t> token);
  MechanismResult AcceptAnonymous();
  absl::StatusOr<MechanismResult> AskAuthority(const AuthenticateMessage& message,
                                               std::span<const uint8_t> token);
  MechanismResult OnVerdict(const AuthenticateMessage& message, std::span<const uint8_t> token,
                            const LogonVerdict& verdict);
  MechanismResult AcceptUser(const AuthenticateMessage& message, std::span<const uint8_t> token,
                             const LogonVerdict& verdict);
  bool TakeSessionKey(const AuthenticateMessage& message, const Secret<16>& session_base_key);
  bool MicMatches(const AuthenticateMessage& message, std::span<const uint8_t> token) const;
  void CollectBinding(const AvPairs& pairs);
  bool CollectTargetName(const AvPairs& pairs);
  MechanismResult Verified();
  absl::StatusOr<NtlmMessageProtection*> Protection();
  MechanismResult Reject(Reason reason, std::string detail = {});

  std::shared_ptr<const AcceptorCredentials> credentials_;
  const Channel& channel_;
  std::vector<uint8_t> negotiate_;  // as received, for the MIC
  IssuedChallenge issued_;
  State state_ = State::kExpectNegotiate;
  std::unique_ptr<Login> login_;
  const PendingWork* pending_ = nullptr;  // handed out, not owned
  std::shared_ptr<const LogonQuestion> question_;
  std::unique_ptr<NtlmMessageProtection> protection_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_ACCEPTOR_H_
