// The logins of one connection: exchanges under way and sessions that came of them
// ([MS-SMB2] 3.3.5.5).
#ifndef EPA_LIB_SMB2_SERVER_LOGINS_H_
#define EPA_LIB_SMB2_SERVER_LOGINS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/smb2/header.h"
#include "epa/smb2/server_connection.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/server_session.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

// What one SESSION_SETUP request leads to.
struct LoginStep {
  NtStatus status = kStatusSuccess;
  uint64_t session_id = 0;
  // With kStatusSuccess and kStatusMoreProcessingRequired.
  uint16_t session_flags = 0;
  std::vector<uint8_t> token;
  // Instead of all the rest but the id: run it, then Resume.
  std::unique_ptr<PendingWork> pending_work;
  // On a session that is logged in already.
  bool again = false;
  // The peer's doing, to be counted.
  bool failed_login = false;
  // A fault of ours, for the operator.
  absl::Status fault;
};

class ServerLogins {
 public:
  ServerLogins(std::shared_ptr<const ServerConfig> config, std::string peer);

  // `message` from its header on.
  LoginStep OnRequest(const Header& header, std::span<const uint8_t> message,
                      const Agreement& agreement);
  // For the exchange whose work was pending.
  LoginStep Resume(std::unique_ptr<PendingWork> work, const Agreement& agreement);
  // A response that asks for more is part of the session's preauth hash.
  void HashResponse(uint64_t session_id, std::span<const uint8_t> message);

  // Null where no session of this id is logged in.
  EstablishedSession* Find(uint64_t session_id) const;
  void LogOff(uint64_t session_id);
  size_t count() const { return sessions_.size(); }

 private:
  struct HalfOpen {
    uint64_t id = 0;
    bool again = false;  // the session of this id is logged in
    std::unique_ptr<SecurityContext> context;
    PreauthHash preauth;
    int rounds = 0;
    bool client_requires_signing = false;
    uint64_t previous_session_id = 0;
  };

  HalfOpen* FindHalfOpen(uint64_t session_id);
  void Drop(const HalfOpen& login);
  absl::StatusOr<HalfOpen*> Begin(const SessionSetupRequest& request, const Agreement& agreement,
                                  const EstablishedSession* live);
  LoginStep Conclude(HalfOpen& login, absl::StatusOr<StepResult> result,
                     const Agreement& agreement);
  LoginStep Establish(HalfOpen& login, StepResult result, const Agreement& agreement);
  LoginStep Renew(HalfOpen& login, StepResult result);
  LoginStep Fail(const HalfOpen& login, NtStatus status);
  LoginStep Fault(const HalfOpen& login, absl::Status status);
  uint64_t NewSessionId();

  std::shared_ptr<const ServerConfig> config_;
  std::string peer_;
  std::vector<std::unique_ptr<HalfOpen>> half_open_;
  std::vector<std::unique_ptr<EstablishedSession>> sessions_;
  uint64_t pending_ = 0;  // the session whose work is pending
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SERVER_LOGINS_H_
