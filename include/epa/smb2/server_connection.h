// The server's side of one SMB2/3 connection: negotiation, session set-up, signing, encryption
// and log-off ([MS-SMB2] 3.3). It does no input or output and knows no files: requests on a
// session that is logged in are handed to the application, checked and decrypted.
#ifndef EPA_SMB2_SERVER_CONNECTION_H_
#define EPA_SMB2_SERVER_CONNECTION_H_

#include <array>
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
#include "epa/base/secret.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_context.h"
#include "epa/core/security_package.h"
#include "epa/smb2/header.h"
#include "epa/smb2/protocol.h"
#include "epa/smb2/server_names.h"

#pragma GCC visibility push(default)

namespace epa::smb2 {

struct ServerOptions {
  std::shared_ptr<const Credentials> credentials;          // required; Negotiate normally
  std::shared_ptr<const ExtendedProtectionPolicy> policy;  // required: CreateNameHardeningPolicy
  // For the fields of audit event 5168; may be empty.
  ServerNames names;
  std::shared_ptr<AuditSink> audit;  // required; NoAudit() for none

  // What is accepted. The greatest both sides have is used.
  std::vector<Dialect> dialects = {Dialect::k202, Dialect::k210, Dialect::k300, Dialect::k302,
                                   Dialect::k311};
  // RequireSecuritySignature.
  bool require_signing = true;
  // kRequired refuses logins on dialects below 3.0 and of clients without a common cipher.
  EncryptionPolicy encryption = EncryptionPolicy::kAvailable;
  // Preferred first.
  std::vector<Cipher> ciphers = {Cipher::kAes128Gcm, Cipher::kAes128Ccm, Cipher::kAes256Gcm,
                                 Cipher::kAes256Ccm};
  // 3.1.1, likewise. A client that names none of them gets AES-CMAC, or is refused where that is
  // not among them.
  std::vector<SigningAlgorithm> signing_algorithms = {
      SigningAlgorithm::kAesGmac, SigningAlgorithm::kAesCmac, SigningAlgorithm::kHmacSha256};
  // Answer an SMB1 NEGOTIATE that offers SMB 2, as many clients send first.
  bool multi_protocol = true;

  // ServerGuid ([MS-SMB2] 2.2.4). Zeros: chosen at random by ServerConfig::Create.
  std::array<uint8_t, 16> server_guid{};
  // MaxTransactSize, MaxReadSize and MaxWriteSize: 65536 to 8388608 octets. The application
  // enforces them on what it is asked for; longer messages do not arrive.
  uint32_t max_transfer_size = 1024 * 1024;

  // Limits of one connection.
  size_t max_sessions = 64;           // logged in or about to be
  size_t max_half_open_sessions = 4;  // set-ups under way
  int max_rounds = 8;                 // SESSION_SETUP requests of one login
  int max_failures = 8;               // refused logins before the connection is closed
  uint16_t max_credits = 128;         // requests a client may have outstanding, at most 1024

  // Null: the system's. Both outlive the configuration.
  const Clock* clock = nullptr;
  const RandomSource* random = nullptr;
};

// The settings of a server, checked once and shared by its connections. Immutable.
class ServerConfig {
 public:
  // InvalidArgument for missing credentials, policy or audit sink, a policy that cannot protect a
  // channel without TLS, an empty list, a value given twice, limits
  // out of range, required encryption without a dialect and cipher for it, and required signing or
  // encryption with a policy that admits guests or anonymous clients, who can do neither.
  // Unavailable where OpenSSL lacks an algorithm.
  static absl::StatusOr<std::shared_ptr<const ServerConfig>> Create(ServerOptions options);

  const ServerOptions& options() const { return options_; }
  // The mechanism list sent with NEGOTIATE; empty where the package has none.
  const std::vector<uint8_t>& mechanism_hint() const { return mechanism_hint_; }

 private:
  explicit ServerConfig(ServerOptions options) : options_(std::move(options)) {}

  ServerOptions options_;
  std::vector<uint8_t> mechanism_hint_;
};

// One session that is logged in. Lives until it is logged off or its connection ends.
class ServerSession {
 public:
  virtual ~ServerSession() = default;

  virtual uint64_t id() const = 0;
  // Who it is, by which package, for which target name, and what the policy said. Another one after
  // the client has logged in again; who it is stays.
  virtual const SecurityContext& context() const = 0;
  virtual IdentityKind identity() const = 0;
  // Every message is signed or encrypted.
  virtual bool signing_required() const = 0;
  // Every message is encrypted.
  virtual bool encryption_required() const = 0;
  // PreviousSessionId of the client's SESSION_SETUP ([MS-SMB2] 2.2.5), 0 for none: a session of
  // the same user that the client lost with another connection and that may be dropped there.
  virtual uint64_t previous_session_id() const = 0;
  // Session.ApplicationKey ([MS-SMB2] 3.3.5.5.3). FailedPrecondition for guests and anonymous
  // sessions, which have no key.
  virtual absl::StatusOr<SecretBytes> ApplicationKey() const = 0;
};

// A request that the application must answer. Views are into the message given to OnMessage.
struct ServerRequest {
  Header header;
  // What follows the header, up to the next request of a compound; padding included.
  std::span<const uint8_t> body;
  // The request's session. Never null; valid until the session appears in `ended_sessions` or the
  // connection is released.
  const ServerSession* session = nullptr;
  // Arrived encrypted, so the response leaves encrypted.
  bool encrypted = false;
  // Belongs to the request before it in the compound (kFlagRelated): the tree and the file are
  // that one's, and where that one failed this one fails with the same status.
  bool related = false;
};

// What the application answers.
struct ServerResponse {
  NtStatus status = kStatusSuccess;
  // The response's structure, as [MS-SMB2] 2.2 lays it out after the header. Empty: the ERROR
  // Response (2.2.2), for statuses that come without data.
  std::span<const uint8_t> body;
  // Where it differs from the request's: the response to TREE_CONNECT.
  std::optional<uint32_t> tree_id;
};

// What is to be done after a message.
struct ServerOutput {
  // Whole frames for the TCP connection, lengths included. May be empty. Sent first.
  std::vector<uint8_t> send;
  // To be answered with Respond, in order, before the next OnMessage.
  std::vector<ServerRequest> requests;
  // Sessions that are gone: their trees and files are to be closed.
  std::vector<uint64_t> ended_sessions;
  // Run it on any thread, then call Resume; until then no message may be given.
  std::unique_ptr<PendingWork> pending_work;
  // Send what there is, then close the connection.
  bool close = false;
  // Why, for the operator: the peer broke the protocol (InvalidArgument, PermissionDenied,
  // ResourceExhausted) or a fault of ours (others).
  absl::Status reason;
};

// One TCP connection. Used by one owner at a time.
//
// Memory: before the first login a connection takes messages of at most 66,000 octets
// (max_message_size), holds at most max_half_open_sessions exchanges, and no more than one
// message's worth of output. Frames are cut by FrameReader, which holds one message.
//
//   state        message                      result
//   fresh        NEGOTIATE                    the best common dialect, else STATUS_NOT_SUPPORTED
//   fresh        SMB1 NEGOTIATE with SMB 2    2.0.2, or 0x02FF and NEGOTIATE is awaited again
//   fresh        anything else                close
//   negotiated   NEGOTIATE                    close
//   negotiated   SESSION_SETUP, session 0     a new exchange, within the limits
//   negotiated   SESSION_SETUP, half-open     the exchange goes on
//   negotiated   SESSION_SETUP, logged in     a new exchange, protected by the session, after which
//                                             the session lives on with its keys; another account
//                                             is refused, and any failure leaves the session as it
//                                             was
//   negotiated   likewise, without a key      STATUS_REQUEST_NOT_ACCEPTED
//   negotiated   SESSION_SETUP to bind        STATUS_REQUEST_NOT_ACCEPTED: no multi-channel
//   negotiated   LOGOFF, ECHO                 answered here
//   negotiated   SESSION_SETUP or LOGOFF in a compound STATUS_INVALID_PARAMETER
//   negotiated   validate-negotiate IOCTL     answered here; close where it differs
//   negotiated   CANCEL                       ignored
//   negotiated   a command that is none       close
//   negotiated   anything else, logged in     handed to the application
//   negotiated   anything else, not logged in STATUS_USER_SESSION_DELETED
//   negotiated   likewise, when the Kerberos ticket of the login has ended:
//                                             STATUS_NETWORK_SESSION_EXPIRED, but for LOGOFF,
//                                             CLOSE and LOCK
//
// A request that should be signed and is not, or is signed wrongly, is refused with
// STATUS_ACCESS_DENIED; one that cannot be decrypted, is encrypted for another session than it
// names, or whose message id was not granted, closes the connection. What was asked encrypted is
// answered encrypted, errors included.
class ServerConnection {
 public:
  // `peer`: for audit events, such as the peer's address.
  ServerConnection(std::shared_ptr<const ServerConfig> config, std::string peer);
  ~ServerConnection();
  ServerConnection(ServerConnection&&) noexcept;
  ServerConnection& operator=(ServerConnection&&) noexcept;

  // Takes one frame's content: a message, a compound, or either encrypted; it is decrypted in
  // place. `message` outlives the answers to `requests`.
  ServerOutput OnMessage(std::span<uint8_t> message);
  // Takes back the pending work after PendingWork::Run.
  ServerOutput Resume(std::unique_ptr<PendingWork> work);

  // Appends the frame that answers `request`, signed or encrypted as the session demands. Once for
  // each request: a second answer would repeat AES-GMAC's nonce. Where the session is gone, the
  // answer is STATUS_USER_SESSION_DELETED and nothing of `response`.
  void Respond(const ServerRequest& request, const ServerResponse& response,
               std::vector<uint8_t>& out);

  // The longest message that is acceptable now: for FrameReader::Next.
  size_t max_message_size() const;
  // No value before the negotiation.
  std::optional<Dialect> dialect() const;
  // The session of this id that is logged in, or null.
  const ServerSession* session(uint64_t id) const;
  // How many are logged in: a server closes connections that have none for too long.
  size_t session_count() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace epa::smb2

#pragma GCC visibility pop

#endif  // EPA_SMB2_SERVER_CONNECTION_H_
