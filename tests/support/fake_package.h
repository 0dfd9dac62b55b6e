// A security package without cryptography, for tests of what stands above packages.
#ifndef EPA_TESTS_SUPPORT_FAKE_PACKAGE_H_
#define EPA_TESTS_SUPPORT_FAKE_PACKAGE_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"

namespace epa::test {

std::vector<uint8_t> FakeToken(std::string_view text);
std::string FakeTokenText(std::span<const uint8_t> octets);

// The account `user` of domain LAB.
inline PeerIdentity FakeAccount(std::string user) {
  return PeerIdentity::Account({.user = std::move(user), .domain = "LAB"});
}

// What a login of the fake package reports. A script may change it; the default script names the
// account, unless this is a guest or anonymous.
struct FakeLogin {
  PeerIdentity identity = FakeAccount("alice");
  PeerClaims claims;
  bool anonymous = false;  // an initiator's
  ExtendedProtectionEvidence evidence;
  FileTime expiry_time = kNever;
};

// One step of a mechanism: the peer's token in, the outcome out. `step` counts from 0.
using FakeScript = std::function<absl::StatusOr<MechanismResult>(std::string_view token, int step,
                                                                 FakeLogin& login)>;

// The acceptor's default script. Tokens are text:
//   "hello"         continues with "challenge"
//   "login USER"    verified as USER of domain LAB, without a token
//   "mutual USER"   the same with the last token "welcome"
//   "ask USER"      pending, then verified as USER
//   "ask-hello"     pending, then continues with "challenge"
//   "wrong"         rejected: wrong password
//   "wrong-token"   rejected with a token
//   "fault"         an error
// Anything else is rejected as malformed.
absl::StatusOr<MechanismResult> FakeAcceptorScript(std::string_view token, int step,
                                                   FakeLogin& login);

// The initiator's default script: "hello", then on "challenge" the last message "login USER".
FakeScript FakeInitiatorScript(std::string user);

struct FakePackageOptions {
  PackageInfo info = {"Fake", "no cryptography", {}, 64 * 1024};
  FakeScript acceptor = FakeAcceptorScript;
  FakeScript initiator = FakeInitiatorScript("alice");
  // What every login starts with.
  FakeLogin login;
  // CreateAcceptor and CreateInitiator fail with it.
  absl::Status creation;
  // Counts mechanisms created, where not null.
  std::shared_ptr<int> created;
  // What CreateInitiator was given last, where not null.
  std::shared_ptr<InitiatorParameters> parameters;
  // What an acceptor takes for its own first token. Null: everything.
  std::function<bool(std::string_view token)> recognizes;
  // What can be nothing but a first token. Null: nothing.
  std::function<bool(std::string_view token)> begins;
  // Messages are protected as FakeWrapped says; without it they cannot be.
  bool protects_messages = false;
  // Messages and what they are wrapped as, in place of FakeWrapped. Others cannot be.
  std::vector<std::pair<std::vector<uint8_t>, std::vector<uint8_t>>> codebook;
  // Seal needs an agreement, or SealUnagreed.
  bool seals_by_agreement = false;
  AgreedProtection agreed;
  // Mechanism lists are signed as FakeListMic says; without it they cannot be.
  bool signs_lists = false;
  bool demands_list_mic = false;
};

// "signed 0 " or "sealed 0 " and the message: 0 is its number in its direction, modulo 10.
std::vector<uint8_t> FakeWrapped(WrapKind kind, int number, std::span<const uint8_t> message);
inline constexpr size_t kFakeOverhead = 9;
// What it says that sealing adds; a little more than it does, as Kerberos may.
inline constexpr size_t kFakeSealOverhead = kFakeOverhead + 1;

// The signature of an acceptor, or of an initiator, under a mechanism list.
std::vector<uint8_t> FakeListMic(bool acceptor, std::span<const uint8_t> list);

// Serves both roles. A pending result is made with FakePending.
std::shared_ptr<const Credentials> MakeFakeCredentials(FakePackageOptions options = {});

// A pending step that ends with `then` once its work ran; handed back without having run, it is
// an error.
MechanismResult FakePending(std::function<absl::StatusOr<MechanismResult>(FakeLogin&)> then);

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_FAKE_PACKAGE_H_
