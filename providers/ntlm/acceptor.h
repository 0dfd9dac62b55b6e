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
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/session.h"

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
  bool BeginsExchange(std::span<const uint8_t> token) const override {
    return RecognizesToken(token);
  }

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

class NtlmAcceptor : public NtlmMechanism {
 public:
  NtlmAcceptor(std::shared_ptr<const AcceptorCredentials> credentials, const Channel& channel)
      : NtlmMechanism(Direction::kServerToClient),
        credentials_(std::move(credentials)),
        channel_(channel) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  const PeerIdentity& identity() const override;
  const PeerClaims& claims() const override;
  const ExtendedProtectionEvidence& evidence() const override;
  bool demands_mechanism_list_mic() const override;

 private:
  enum class State : uint8_t {
    kExpectNegotiate,
    kExpectAuthenticate,
    kVerifying,
    kVerified,
    kEnded
  };

  // What is needed until the client's proof has been judged.
  struct Exchange {
    std::vector<uint8_t> negotiate;  // as received, for the MIC
    IssuedChallenge issued;
    const PendingWork* pending = nullptr;  // handed out, not owned
    std::shared_ptr<const LogonQuestion> question;
  };

  // What an AUTHENTICATE message claims and, once verified, proved. Made when it arrives: a
  // half-open exchange costs no memory for it.
  struct Login {
    PeerClaims claims;
    PeerIdentity identity;
    ExtendedProtectionEvidence evidence;
  };

  MechanismResult OnNegotiate(std::span<const uint8_t> token);
  absl::StatusOr<MechanismResult> OnAuthenticate(std::span<const uint8_t> token);
  absl::StatusOr<MechanismResult> AskAuthority(const AuthenticateMessage& message,
                                               std::span<const uint8_t> token);
  MechanismResult OnVerdict(const AuthenticateMessage& message, std::span<const uint8_t> token,
                            const LogonVerdict& verdict);
  MechanismResult AcceptUser(const AuthenticateMessage& message, std::span<const uint8_t> token,
                             const LogonVerdict& verdict);
  bool MicMatches(const AuthenticateMessage& message, std::span<const uint8_t> token,
                  const Secret<16>& exported_session_key) const;
  MechanismResult Verified(uint32_t agreed_flags, const Secret<16>& exported_session_key);
  // Who is let in without a proof has no key: 16 zeros ([MS-NLMP] 3.2.5.1.2).
  MechanismResult VerifiedWithoutProof();
  MechanismResult Reject(Reason reason, std::string detail = {});

  std::shared_ptr<const AcceptorCredentials> credentials_;
  const Channel& channel_;
  std::unique_ptr<Exchange> exchange_;  // from the NEGOTIATE message to the end
  State state_ = State::kExpectNegotiate;
  std::unique_ptr<Login> login_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_ACCEPTOR_H_
