// What both sides of an exchange have in common once it has verified: the session key, and the
// protection of messages that comes of it.
#ifndef EPA_PROVIDERS_NTLM_SESSION_H_
#define EPA_PROVIDERS_NTLM_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/ntlm/ntlm.h"
#include "providers/ntlm/message_protection.h"

namespace epa::ntlm {

struct NtlmSession {
  // What both sides said: NEGOTIATE, CHALLENGE and AUTHENTICATE.
  uint32_t agreed_flags = 0;
  Secret<16> exported_session_key;
  // Made when it is asked for.
  std::unique_ptr<NtlmMessageProtection> protection;
};

class NtlmMechanism : public Mechanism {
 public:
  std::string_view package_name() const final { return NtlmPackageInfo().name; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const final;
  AgreedProtection agreed_protection() const final;
  absl::StatusOr<MessageProtection*> message_protection() final { return Protection(); }
  absl::StatusOr<std::vector<uint8_t>> SignMechanismList(std::span<const uint8_t> list) final;
  absl::Status VerifyMechanismList(std::span<const uint8_t> list,
                                   std::span<const uint8_t> mic) final;

 protected:
  explicit NtlmMechanism(Direction outgoing) : outgoing_(outgoing) {}

  void BeginSession(uint32_t agreed_flags, const Secret<16>& exported_session_key);
  void EndSession() { session_.reset(); }
  // Whether the exchange has verified, with keys to sign with.
  bool CanSign() const;

 private:
  absl::StatusOr<NtlmMessageProtection*> Protection();

  const Direction outgoing_;
  std::optional<NtlmSession> session_;  // once the exchange has verified
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_SESSION_H_
