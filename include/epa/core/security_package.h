// The provider interface: what NTLM, Kerberos, Negotiate and packages from elsewhere implement.
//
// A package describes itself; its credentials make mechanisms; a mechanism steps tokens until it
// verified or rejected, and reports evidence. It never decides: SecurityContext does.
#ifndef EPA_CORE_SECURITY_PACKAGE_H_
#define EPA_CORE_SECURITY_PACKAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/base/secret.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/identity.h"
#include "epa/core/negotiation_record.h"
#include "epa/core/reason.h"

#pragma GCC visibility push(default)

namespace epa {

// What a package is. Static data.
struct PackageInfo {
  std::string_view name;     // "NTLM", "Kerberos", "Negotiate"
  std::string_view comment;  // one line for people
  // DER object identifiers (with tag and length) of the mechanism, preferred first. Used by
  // Negotiate.
  std::vector<std::vector<uint8_t>> mechanism_oids;
  // Upper limit of a token, in octets, in either direction.
  size_t max_token_size = 0;
};

// As whom an initiator logs in. Text is UTF-8; empty: not known, or nobody.
struct InitiatorName {
  std::string user;
  std::string domain;     // as NTLM sends it; a realm for Kerberos
  std::string principal;  // Kerberos: "user@REALM"
};

// A piece of work that may block: asking a domain controller, reading from a remote store. It
// owns all it needs. Run it once, on any thread, then hand it back to SecurityContext::Resume.
class PendingWork {
 public:
  virtual ~PendingWork() = default;
  virtual void Run() = 0;
  // Whom it waits for: the same address for all work of one party, so that a WorkPool does not let
  // one that is silent hold up the work for others. Null: nobody in particular.
  virtual const void* party() const { return nullptr; }
};

// The outcome of one step of a mechanism.
struct MechanismResult {
  enum class Outcome : uint8_t {
    kContinue,  // send `token`, wait for the next one
    kProven,    // the proof holds and the evidence is complete, but the peer still has to confirm
                // the negotiation: the policy is asked before `token` leaves
    kPending,   // run `work`, then resume
    kVerified,  // the proof holds; `token`, if any, is the last one to send
    kRejected,  // the peer failed; `reason` and `detail` say why
  };

  static MechanismResult Continue(std::vector<uint8_t> token);
  static MechanismResult Proven(std::vector<uint8_t> token);
  static MechanismResult Pending(std::unique_ptr<PendingWork> work);
  static MechanismResult Verified(std::vector<uint8_t> token = {});
  static MechanismResult Rejected(Reason reason, std::string detail = {});

  Outcome outcome = Outcome::kRejected;
  Reason reason = Reason::kNone;
  std::vector<uint8_t> token;
  std::string detail;
  std::unique_ptr<PendingWork> work;
};

enum class WrapKind : uint8_t { kSigned, kSealed };

// What the client asked for, so that the peer expects it. A mechanism may be able to do more:
// Kerberos' flags are wishes, its keys do both.
struct AgreedProtection {
  bool signing = false;
  bool sealing = false;
};

// Protection of application messages after the login. One owner at a time. Messages of one
// direction must be verified in the order in which they were signed.
class MessageProtection {
 public:
  virtual ~MessageProtection() = default;

  // Octets of a signature made by Sign and by Seal.
  virtual size_t signature_size() const = 0;
  virtual size_t seal_signature_size() const = 0;
  // Whether sealing was negotiated: Seal and Unseal fail without it.
  virtual bool can_seal() const { return true; }
  // Seal and Unseal from here on although sealing was not negotiated, because the protocol around
  // seals what was to be signed: LDAP does so with NTLM. The default, for packages that can seal
  // without an agreement, does nothing.
  virtual void SealUnagreed() {}
  // From here on every message must be the one after the last, whatever the peer asked for at the
  // login: what a stream needs. The default, for packages that know no other order, does nothing.
  virtual void RequireOrder() {}

  // Writes the signature of `message`. `signature` has signature_size() octets.
  [[nodiscard]] virtual absl::Status Sign(std::span<const uint8_t> message,
                                          std::span<uint8_t> signature) = 0;
  // DataLoss when the signature does not belong to the message, OutOfRange when it belongs to
  // another point of the sequence: a message played again, or out of its order.
  [[nodiscard]] virtual absl::Status Verify(std::span<const uint8_t> message,
                                            std::span<const uint8_t> signature) = 0;
  // Encrypts `message` in place and writes its signature (seal_signature_size() octets).
  [[nodiscard]] virtual absl::Status Seal(std::span<uint8_t> message,
                                          std::span<uint8_t> signature) = 0;
  // Decrypts in place, then verifies. On failure `message` is wiped.
  [[nodiscard]] virtual absl::Status Unseal(std::span<uint8_t> message,
                                            std::span<const uint8_t> signature) = 0;

  // Signature and message in one piece, and back: gss_wrap's shape. A message of the other kind
  // is DataLoss. The default puts the signature first; a mechanism overrides them where a peer
  // may lay a message out in several ways (Kerberos: RFC 4121 4.2.4).
  absl::StatusOr<std::vector<uint8_t>> Wrap(std::span<const uint8_t> message, WrapKind kind);
  // Wrap, behind what `out` has. On failure what `out` has is not to be used.
  [[nodiscard]] virtual absl::Status AppendWrapped(std::span<const uint8_t> message, WrapKind kind,
                                                   std::vector<uint8_t>& out);
  virtual absl::StatusOr<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped,
                                                      WrapKind kind);
};

// One exchange of tokens. Used by one owner at a time.
class Mechanism {
 public:
  virtual ~Mechanism() = default;

  // Consumes the peer's token (empty for an initiator's first step). Does not block: what waits for
  // a file, the network or another thread's work is the work of a kPending result. A peer that
  // fails is a result, a fault of ours an error; after either, and after kVerified, no further step
  // follows.
  [[nodiscard]] virtual absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) = 0;
  // Takes back the work of a kPending result after it ran.
  [[nodiscard]] virtual absl::StatusOr<MechanismResult> Resume(
      std::unique_ptr<PendingWork> work) = 0;

  // The package that carried the login: NTLM inside Negotiate says "NTLM".
  virtual std::string_view package_name() const = 0;
  // An acceptor's view of the client, as the authority or the ticket spells it. Complete from
  // kProven or kVerified on; anonymous before, and for an initiator.
  virtual const PeerIdentity& identity() const;
  // What the peer says of itself: the client's names, or those in a server's challenge. The
  // default: nothing.
  virtual const PeerClaims& claims() const;
  // An initiator's: whether the server proved that it has the key of the service that was asked
  // for. Complete from kVerified on.
  virtual bool server_proved() const { return false; }
  // An initiator's: whether it logs in as nobody, with a session key that everybody knows.
  virtual bool anonymous() const { return false; }
  // A composed initiator's: which packages it could not begin with, and why, such as "Kerberos:
  // the KDC does not know the service". Empty where the preferred one began.
  virtual std::string_view passed_over() const { return {}; }
  // What was proved. Complete from kProven or kVerified on.
  virtual const ExtendedProtectionEvidence& evidence() const = 0;
  // An initiator's own name: whom the proof that left is about. Complete from kVerified on.
  virtual InitiatorName initiator_name() const { return {}; }
  // When the proof ends, such as a Kerberos ticket. Complete from kVerified on.
  virtual FileTime expiry_time() const { return kNever; }
  // The session key the protocol exports. Fails before kVerified.
  virtual absl::StatusOr<SecretBytes> ExportSessionKey() const = 0;
  // Complete from kVerified on. The default: nothing.
  virtual AgreedProtection agreed_protection() const { return {}; }
  // Owned by the mechanism. Fails before kVerified, and where a package that protects messages only
  // by agreement (NTLM) has agreed on neither signing nor sealing.
  virtual absl::StatusOr<MessageProtection*> message_protection() = 0;

  // For Negotiate: the mechListMIC over the DER of the mechanism list (RFC 4178 5), made and
  // checked when this mechanism has verified. The default signs with message_protection(); a
  // mechanism overrides it where the exchange must leave no trace in later messages (NTLM:
  // [MS-SPNG] 3.2.5.1).
  virtual absl::StatusOr<std::vector<uint8_t>> SignMechanismList(std::span<const uint8_t> list);
  [[nodiscard]] virtual absl::Status VerifyMechanismList(std::span<const uint8_t> list,
                                                         std::span<const uint8_t> mic);
  // Whether this exchange makes the mechListMIC mandatory although the preferred mechanism was
  // used ([MS-SPNG] 3.1.5.4: NTLM with a MIC). Asked when it has verified.
  virtual bool demands_mechanism_list_mic() const { return false; }

  // For Negotiate itself: how it came to its mechanism. No value where nothing was negotiated yet.
  virtual std::optional<NegotiationRecord> negotiation() const { return std::nullopt; }
};

// What an initiator says about its channel.
enum class BindingRequest : uint8_t {
  kFromChannel,   // the channel's first binding; on a clear channel an explicit none
  kExplicitNone,  // "I had no channel", whatever the channel is
  kOmit,          // nothing at all, as an old client; also leaves the target name out
};

// The token an initiator sends for `request`: zero for an explicit none, for kOmit and on a clear
// channel. FailedPrecondition on a TLS channel without a binding, which must not be passed off as
// no channel.
absl::StatusOr<ChannelBindingToken> BindingToSend(const Channel& channel, BindingRequest request);

struct InitiatorParameters {
  // The service principal name the user meant, in UTF-8. Empty: none.
  std::string target_name;
  // The name came from DNS, a redirect or another untrusted source.
  bool target_name_untrusted = false;
  BindingRequest binding = BindingRequest::kFromChannel;
  // Asked for: a server that does not grant it is logged in to all the same, and
  // message_protection() says what came of it.
  bool want_signing = false;
  bool want_sealing = false;
  // Asked for, and a server that does not grant it is refused (kServerFlagsUnacceptable).
  bool require_signing = false;
  bool require_sealing = false;
  // Asks for neither, not even for the sake of Negotiate's list of mechanisms, which is then proved
  // only where a package signs without being asked: what was agreed is a security layer to some
  // protocols, and LDAP has none inside TLS. Not with any of the four above.
  bool forbid_protection = false;
  // Which better packages could not begin, for the audit of the one that does (see
  // Mechanism::passed_over). Set by Negotiate.
  std::string passed_over;
};

// Credentials of one package for one role. Immutable; shared by all threads and exchanges.
// Made by the package's own functions, such as ntlm::CreateAcceptorCredentials.
class Credentials : public std::enable_shared_from_this<Credentials> {
 public:
  virtual ~Credentials() = default;
  virtual const PackageInfo& package() const = 0;

  // Starts an exchange. `channel` outlives the mechanism; an initiator's may be learnt late, so it
  // is read when its binding is sent. The default fails: credentials serve
  // one role only unless they override both.
  virtual absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const;
  virtual absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const;

  // Whom an initiator's exchanges will be about, as far as it is known before one: a credential
  // cache is looked into, and may not exist yet.
  virtual InitiatorName initiator_name() const { return {}; }

  // Whether an acceptor's first token belongs to this package, judged by its form only.
  virtual bool RecognizesToken(std::span<const uint8_t> token) const = 0;
  // Whether `token` can only be the first of an exchange: a client that sends it half-way through
  // one has begun again.
  virtual bool BeginsExchange(std::span<const uint8_t>) const { return false; }
};

}  // namespace epa

#pragma GCC visibility pop

#endif  // EPA_CORE_SECURITY_PACKAGE_H_
