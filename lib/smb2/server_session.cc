#include "lib/smb2/server_session.h"

#include <utility>

#include "absl/status/status.h"

namespace epa::smb2 {

EstablishedSession::EstablishedSession(const Properties& properties,
                                       std::unique_ptr<SecurityContext> context,
                                       std::optional<SessionSecurity> security)
    : properties_(properties), context_(std::move(context)), security_(std::move(security)) {}

absl::StatusOr<SecretBytes> EstablishedSession::ApplicationKey() const {
  if (!security_.has_value()) {
    return absl::FailedPreconditionError("a guest's or anonymous session has no key");
  }
  return SecretBytes(security_->ApplicationKey().Expose());
}

bool EstablishedSession::ExpiredAt(FileTime now) const {
  const absl::StatusOr<FileTime> end = context_->expiry_time();
  return !end.ok() || *end <= now;
}

bool EstablishedSession::Admits(const Header& header, std::span<const uint8_t> message,
                                bool encrypted) {
  return encrypted || (!properties_.encryption_required && IsSignedAsItMust(header, message));
}

bool EstablishedSession::AdmitsLogin(const Header& header, std::span<const uint8_t> message,
                                     bool encrypted) {
  return encrypted || IsSignedAsItMust(header, message);
}

bool EstablishedSession::IsSignedAsItMust(const Header& header, std::span<const uint8_t> message) {
  if (!header.is_signed()) {
    return !properties_.signing_required && !properties_.encryption_required;
  }
  return security_.has_value() && security_->signer().Verify(message);
}

Protection EstablishedSession::ResponseProtection(const Header& request, bool encrypted) const {
  const bool login = request.command == Command::kSessionSetup;
  if (encrypted || (properties_.encryption_required && !login)) {
    return Protection::kEncrypt;
  }
  const bool sign = security_.has_value() && (request.is_signed() || properties_.signing_required);
  return sign ? Protection::kSign : Protection::kNone;
}

}  // namespace epa::smb2
