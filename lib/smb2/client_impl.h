// The state machine behind ClientConnection.
#ifndef EPA_LIB_SMB2_CLIENT_IMPL_H_
#define EPA_LIB_SMB2_CLIENT_IMPL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/smb2/client_connection.h"
#include "lib/smb2/client_negotiation.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/session_security.h"

namespace epa::smb2 {

class ClientConnection::Impl {
 public:
  Impl(ClientOptions options, std::unique_ptr<SecurityContext> context)
      : options_(std::move(options)), context_(std::move(context)) {}

  std::vector<uint8_t> Start();
  absl::StatusOr<ClientOutput> OnMessage(std::span<uint8_t> message);
  absl::StatusOr<ClientOutput> Resume(std::unique_ptr<PendingWork> work);
  absl::StatusOr<std::vector<uint8_t>> SendRequest(Command command, uint32_t tree_id,
                                                   std::span<const uint8_t> body,
                                                   uint16_t credit_charge);

  bool established() const { return state_ == State::kEstablished; }
  const std::optional<ClientRefusal>& refusal() const { return refusal_; }
  const ClientNegotiation* negotiation() const {
    return negotiation_.has_value() ? &*negotiation_ : nullptr;
  }
  GrantedSession granted() const { return granted_; }
  bool is_signed() const { return security_.has_value() && signs_ && !encrypts_; }
  bool encrypts() const { return encrypts_; }
  uint64_t session_id() const { return session_id_; }
  const SecurityContext& context() const { return *context_; }

 private:
  enum class State : uint8_t {
    kFresh,
    kNegotiating,
    kLoggingIn,
    kPending,
    kEstablished,
    kClosed,
  };
  struct Expected {
    uint64_t message_id = 0;
    Command command = Command::kNegotiate;
  };
  // One message of a frame; the frame may be several.
  struct Received {
    Header header;
    std::span<const uint8_t> message;
    bool encrypted = false;
  };

  // client_messages.cc
  absl::Status OnFrame(std::span<uint8_t> frame);
  absl::Status OnReceived(const Received& received);
  bool TakeExpected(const Received& received);
  bool Authentic(const Received& received);
  absl::Status OnSessionResponse(const Received& received);
  void HoldForValidation(const Received& received);
  void OnValidated(const Received& received);
  std::vector<uint8_t> WriteRequest(Command command, uint32_t tree_id,
                                    std::span<const uint8_t> body, uint16_t credit_charge,
                                    Protection protection);
  Protection RequestProtection(Command command) const;
  void Refuse(ClientRefusal refusal);
  void RefuseAs(ClientRefusal::Kind kind, std::string detail);
  absl::StatusOr<ClientOutput> Finish(absl::Status status);

  // client_login.cc
  absl::Status OnNegotiated(const Received& received);
  absl::Status OnSessionSetup(const Received& received);
  bool TakeSessionId(const Header& header);
  absl::Status CountRound();
  absl::Status StepWith(std::span<const uint8_t> token);
  absl::Status Conclude(absl::StatusOr<StepResult> result);
  void SendToken(const std::vector<uint8_t>& token);
  absl::Status OnLastResponse(const Received& received);
  void OnSessionWithoutKey(GrantedSession granted);
  absl::Status EstablishWithKey();
  void TellGuest(const GuestLogonDecision& decision);

  ClientOptions options_;
  std::unique_ptr<SecurityContext> context_;
  State state_ = State::kFresh;
  NegotiateRequest offer_;
  std::optional<ClientNegotiation> negotiation_;
  std::optional<ClientRefusal> refusal_;
  ClientOutput output_;

  uint64_t next_message_id_ = 0;
  uint32_t credits_ = 1;
  std::vector<Expected> expected_;  // as many as credits allow

  int rounds_ = 0;
  PreauthHash preauth_;
  // The server's last response to SESSION_SETUP, until its signature can be checked.
  std::vector<uint8_t> last_response_;

  uint64_t session_id_ = 0;
  GrantedSession granted_ = GrantedSession::kUser;
  std::optional<SessionSecurity> security_;
  bool signs_ = false;
  bool encrypts_ = false;
  // The negotiation was confirmed under a signature, or need not be.
  bool validated_ = true;
  // The request that has it confirmed, and responses to TREE_CONNECT held back until then.
  std::optional<uint64_t> validation_id_;
  std::vector<std::vector<uint8_t>> held_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_CLIENT_IMPL_H_
