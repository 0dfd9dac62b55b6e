// A session that is logged in, as its connection keeps it.
#ifndef EPA_LIB_SMB2_SERVER_SESSION_H_
#define EPA_LIB_SMB2_SERVER_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "epa/smb2/server_connection.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

class EstablishedSession : public ServerSession {
 public:
  struct Properties {
    uint64_t id = 0;
    IdentityKind identity = IdentityKind::kUser;
    bool signing_required = false;
    bool encryption_required = false;
    uint64_t previous_session_id = 0;
  };

  // `security`: no value for guests and anonymous sessions, whose properties require neither.
  EstablishedSession(const Properties& properties, std::unique_ptr<SecurityContext> context,
                     std::optional<SessionSecurity> security);

  uint64_t id() const override { return properties_.id; }
  const SecurityContext& context() const override { return *context_; }
  IdentityKind identity() const override { return properties_.identity; }
  bool signing_required() const override { return properties_.signing_required; }
  bool encryption_required() const override { return properties_.encryption_required; }
  uint64_t previous_session_id() const override { return properties_.previous_session_id; }
  absl::StatusOr<SecretBytes> ApplicationKey() const override;

  bool has_key() const { return security_.has_value(); }
  // Null where the session has no key.
  SessionSecurity* security() { return security_.has_value() ? &*security_ : nullptr; }

  // The login's proof, such as a Kerberos ticket, has ended.
  bool ExpiredAt(FileTime now) const;
  // Whether a request that arrived like this may be acted upon.
  [[nodiscard]] bool Admits(const Header& header, std::span<const uint8_t> message, bool encrypted);
  // The same of a SESSION_SETUP, which never needs to be encrypted ([MS-SMB2] 3.3.5.2.9).
  [[nodiscard]] bool AdmitsLogin(const Header& header, std::span<const uint8_t> message,
                                 bool encrypted);
  // A later login of the same account takes the place of the one before. The keys stay
  // (3.3.5.5.3).
  void Renew(std::unique_ptr<SecurityContext> context) { context_ = std::move(context); }
  // What the response to it needs ([MS-SMB2] 3.3.4.1).
  Protection ResponseProtection(const Header& request, bool encrypted) const;

 private:
  bool IsSignedAsItMust(const Header& header, std::span<const uint8_t> message);

  Properties properties_;
  std::unique_ptr<SecurityContext> context_;
  std::optional<SessionSecurity> security_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SERVER_SESSION_H_
