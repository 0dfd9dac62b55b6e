// The state machine behind ServerConnection.
#ifndef EPA_LIB_SMB2_SERVER_IMPL_H_
#define EPA_LIB_SMB2_SERVER_IMPL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/smb2/server_connection.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/sequence_window.h"
#include "lib/smb2/server_logins.h"
#include "lib/smb2/server_negotiation.h"

namespace epa::smb2 {

class ServerConnection::Impl {
 public:
  Impl(std::shared_ptr<const ServerConfig> config, std::string peer)
      : config_(std::move(config)),
        window_(config_->options().max_credits),
        logins_(config_, std::move(peer)) {}

  ServerOutput OnMessage(std::span<uint8_t> message);
  ServerOutput Resume(std::unique_ptr<PendingWork> work);
  void Respond(const ServerRequest& request, const ServerResponse& response,
               std::vector<uint8_t>& out);

  size_t max_message_size() const;
  std::optional<Dialect> dialect() const {
    return negotiation_.has_value() ? std::optional(negotiation_->agreement.dialect) : std::nullopt;
  }
  const ServerLogins& logins() const { return logins_; }

 private:
  enum class State : uint8_t { kOpen, kPending, kClosed };
  // One message of a compound.
  struct Incoming {
    Header header;
    std::span<const uint8_t> message;  // header and body
    // Whose key it was encrypted with; null for a message in the clear.
    EstablishedSession* sealed_for = nullptr;
    bool alone = true;  // not part of a compound

    bool encrypted() const { return sealed_for != nullptr; }
    std::span<const uint8_t> body() const { return message.subspan(kHeaderSize); }
  };

  // What a related request takes over from the one before it ([MS-SMB2] 3.3.5.2.7.2).
  struct Previous {
    bool exists = false;
    uint64_t session_id = 0;
    uint32_t tree_id = 0;
    NtStatus status = kStatusSuccess;
  };

  // server_connection.cc
  void OnSmb1(std::span<const uint8_t> message);
  void OnEncrypted(std::span<uint8_t> message);
  void OnCompound(std::span<const uint8_t> message, EstablishedSession* sealed_for);
  // Returns the status of what was answered here, success for what the application will answer.
  NtStatus OnRequest(Incoming& request, const Previous& previous);
  bool TakeSequenceNumbers(Header& header);

  // server_requests.cc
  NtStatus Dispatch(const Incoming& request);
  NtStatus OnNegotiate(const Incoming& request);
  NtStatus OnSessionSetup(const Incoming& request);
  NtStatus OnSessionRequest(const Incoming& request);
  NtStatus OnLogoff(const Incoming& request, EstablishedSession& session);
  NtStatus OnTreeConnect(const Incoming& request, EstablishedSession& session);
  NtStatus OnValidateNegotiate(const Incoming& request, EstablishedSession& session);
  NtStatus HandOver(const Incoming& request, EstablishedSession& session);
  NtStatus AnswerLogin(const Header& request, bool encrypted, LoginStep step);

  std::span<const uint8_t> Answer(const Header& request, NtStatus status,
                                  std::span<const uint8_t> body,
                                  Protection protection = Protection::kNone,
                                  SessionSecurity* security = nullptr);
  NtStatus AnswerError(const Incoming& request, NtStatus status);
  NtStatus AnswerOutOfPlace(const Incoming& request, NtStatus status);
  NtStatus AnswerOnSession(const Incoming& request, EstablishedSession& session, NtStatus status,
                           std::span<const uint8_t> body);
  Header ResponseHeader(const Header& request, NtStatus status);
  NtStatus Close(absl::Status reason);
  ServerOutput TakeOutput() { return std::exchange(output_, {}); }

  std::shared_ptr<const ServerConfig> config_;
  State state_ = State::kOpen;
  std::optional<ServerNegotiation> negotiation_;
  bool answered_smb1_ = false;
  SequenceWindow window_;
  uint64_t granted_before_ = 0;  // when the frame arrived
  ServerLogins logins_;
  int failures_ = 0;
  Header pending_request_;
  bool pending_encrypted_ = false;
  ServerOutput output_;
};

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_SERVER_IMPL_H_
