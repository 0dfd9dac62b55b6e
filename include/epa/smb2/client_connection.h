// The client's side of one SMB2/3 connection and its one session ([MS-SMB2] 3.2): negotiation,
// session set-up, the guest decision, signing, encryption and log-off. It does no input or output.
#ifndef EPA_SMB2_CLIENT_CONNECTION_H_
#define EPA_SMB2_CLIENT_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/random.h"
#include "epa/core/audit.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/smb2/guest_policy.h"
#include "epa/smb2/header.h"
#include "epa/smb2/protocol.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

struct ClientOptions {
  std::shared_ptr<const Credentials> credentials;  // required; Negotiate normally
  // `target_name`: "cifs/" and the name the user typed.
  InitiatorParameters parameters;
  // For events about guests: the server as the user named it and the user's own name.
  std::string server_name;
  std::string user_name;
  // What the credentials are. A login that turns out to be anonymous without being announced here
  // is refused: its key is known to everybody.
  LogonKind logon = LogonKind::kUser;

  // Offered.
  std::vector<Dialect> dialects = {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302,
                                   Dialect::k311};
  // Preferred first; 3.1.1 only.
  std::vector<Cipher> ciphers = {Cipher::kAes128Gcm, Cipher::kAes128Ccm, Cipher::kAes256Gcm,
                                 Cipher::kAes256Ccm};
  std::vector<SigningAlgorithm> signing_algorithms = {
      SigningAlgorithm::kAesGmac, SigningAlgorithm::kAesCmac, SigningAlgorithm::kHmacSha256};
  // kRequired encrypts every message after the login and refuses a server that cannot;
  // kAvailable does so where the server demands it.
  EncryptionPolicy encryption = EncryptionPolicy::kAvailable;
  // RequireSecuritySignature: every message of a session that has a key is signed, and a guest's
  // session, which has none, is refused. Where this is false messages are signed if the server
  // requires it.
  bool require_signing = true;
  // AllowInsecureGuestAuth, as it is in effect, and what it would be if nobody had set it.
  bool allow_insecure_guest = false;
  bool insecure_guest_by_default = false;

  // Rounds of SESSION_SETUP, and interim responses in between, before the login is given up.
  int max_rounds = 8;
  // Gets the events about guests (31017, 31018, 31022); may be null.
  std::shared_ptr<AuditSink> audit;
  const Clock* clock = nullptr;          // null: the system's
  const RandomSource* random = nullptr;  // null: the system's
};

// Why there is no session.
struct ClientRefusal {
  enum class Kind : uint8_t {
    kServer,       // the server refused: `status`
    kGuestPolicy,  // the guest policy refused: `win32_error`, `hresult`
    kAnonymous,    // an anonymous session nobody asked for
    kSecurity,     // signing or encryption is required and unavailable, or a signature is wrong
    kProtocol,     // the server broke the protocol
    kLogin,        // our own side of the login refused: `reason`
  };
  Kind kind = Kind::kServer;
  NtStatus status = kStatusSuccess;
  Reason reason = Reason::kNone;
  uint32_t win32_error = 0;
  uint32_t hresult = 0;
  // Without what the other members say; may be empty.
  std::string detail;
};
// Everything it says in one line for people, with Windows' names, numbers and texts.
std::string RefusalText(const ClientRefusal& refusal);

// A response to SendRequest. Verified or decrypted where the session signs or encrypts.
struct ClientResponse {
  Header header;
  // View into the message given to OnMessage, or into the connection until the next call.
  std::span<const uint8_t> body;
};

struct ClientOutput {
  // Whole frames for the TCP connection, lengths included.
  std::vector<uint8_t> send;
  std::vector<ClientResponse> responses;
  // Run it on any thread, then call Resume; until then no message may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Close the connection; refusal() says why, unless it was a log-off.
  bool close = false;
};

// One connection with one session. Used by one owner at a time.
//
// Below 3.1.1 nothing protects the negotiation while it lasts; the first TREE_CONNECT of a
// session with a key is therefore followed by FSCTL_VALIDATE_NEGOTIATE_INFO ([MS-SMB2] 3.2.5.5)
// where 3.x was offered: its response is held back until the server confirmed, and the
// connection refused where it did not.
class ClientConnection {
 public:
  // InvalidArgument for missing credentials, an empty list, a value given twice, and required
  // encryption without a dialect or cipher for it. Fails as SecurityContext::Initiate.
  static absl::StatusOr<std::unique_ptr<ClientConnection>> Create(ClientOptions options);
  ~ClientConnection();
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  // The NEGOTIATE frame. Called once, first.
  std::vector<uint8_t> Start();

  // Takes one frame's content; it is decrypted in place. A fault of ours is an error, and the
  // connection is then to be closed.
  absl::StatusOr<ClientOutput> OnMessage(std::span<uint8_t> message);
  absl::StatusOr<ClientOutput> Resume(std::unique_ptr<PendingWork> work);

  // A frame with a request of the session, signed or encrypted as it demands; `body` is the
  // request's structure after the header. FailedPrecondition without a session,
  // ResourceExhausted while the server has granted no credit. `credit_charge`: one for each 64
  // KiB the request or its response moves.
  absl::StatusOr<std::vector<uint8_t>> SendRequest(Command command, uint32_t tree_id,
                                                   std::span<const uint8_t> body,
                                                   uint16_t credit_charge = 1);
  // The LOGOFF frame. Its response closes the connection.
  absl::StatusOr<std::vector<uint8_t>> LogOff();

  bool established() const;
  // Set once the connection was refused.
  const std::optional<ClientRefusal>& refusal() const;

  // The longest message that is acceptable: for FrameReader::Next.
  size_t max_message_size() const;
  // No value before the negotiation.
  std::optional<Dialect> dialect() const;
  std::optional<SigningAlgorithm> signing_algorithm() const;
  // No value where the session does not encrypt.
  std::optional<Cipher> cipher() const;
  // What the session is once established.
  GrantedSession granted() const;
  // Messages are signed (or encrypted). Never true of guests and anonymous sessions.
  bool is_signed() const;
  bool encrypts() const;
  uint64_t session_id() const;
  // What the server said it takes: MaxTransactSize, MaxReadSize.
  uint32_t max_transact_size() const;
  uint32_t max_read_size() const;
  // The login. Not established in itself where the session is a guest's or anonymous.
  const SecurityContext& context() const;

 private:
  class Impl;
  explicit ClientConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_CLIENT_CONNECTION_H_
