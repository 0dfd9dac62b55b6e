// What both sides of a negotiation share: the packages, the mechanism that carries the login, and
// everything a caller asks of it.
#ifndef EPA_PROVIDERS_NEGOTIATE_NEGOTIATION_H_
#define EPA_PROVIDERS_NEGOTIATE_NEGOTIATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "epa/core/security_package.h"
#include "providers/negotiate/mechanisms.h"
#include "providers/negotiate/neg_token.h"

namespace epa::negotiate {

class Negotiation : public Mechanism {
 public:
  // The chosen package's, or "Negotiate" while there is none.
  std::string_view package_name() const override;
  const PeerIdentity& identity() const override;
  const PeerClaims& claims() const override;
  bool server_proved() const override;
  bool anonymous() const override;
  const ExtendedProtectionEvidence& evidence() const override;
  InitiatorName initiator_name() const override;
  FileTime expiry_time() const override;
  absl::StatusOr<SecretBytes> ExportSessionKey() const override;
  AgreedProtection agreed_protection() const override;
  absl::StatusOr<MessageProtection*> message_protection() override;

 protected:
  // `owner` keeps `packages` alive.
  Negotiation(std::shared_ptr<const Credentials> owner, const Packages& packages,
              const Channel& channel)
      : packages_(packages), channel_(channel), owner_(std::move(owner)) {}

  // The mechanism has verified, and the list is proved where that is due.
  virtual bool verified() const = 0;

  // The mechListMIC of the token being worked on, none for none.
  void SetReceivedMic(const std::optional<Octets>& mic);

  const Packages& packages_;
  const Channel& channel_;
  // It stays here while the child's work is pending. Room for NTLM's 16 octets and Kerberos' 28.
  std::optional<absl::InlinedVector<uint8_t, 32>> received_mic_;
  std::unique_ptr<Mechanism> child_;

 private:
  absl::Status RequireVerified() const;

  std::shared_ptr<const Credentials> owner_;
};

}  // namespace epa::negotiate

#endif  // EPA_PROVIDERS_NEGOTIATE_NEGOTIATION_H_
