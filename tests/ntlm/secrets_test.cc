// After a login nothing on the heap tells a password or a key of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/messages/flags.h"
#include "providers/ntlm/ntlmv2.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/fixed_random.h"
#include "tests/support/heap_watch.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kUser = "alice";
constexpr std::string_view kDomain = "EXAMPLE";
constexpr std::string_view kPassword = "correct horse battery staple";

// Where a login's random keys are learnt; all of it on the stack.
struct Keys {
  Secret<16> base;
  Secret<16> exported;
};

// A memory authority that tells the session base key.
class TellingAuthority final : public NtlmAuthority {
 public:
  TellingAuthority(const NtHash& hash, Keys* keys)
      : accounts_(CreateMemoryAuthority({{std::string(kUser), std::string(kDomain), hash, false}})
                      .value()),
        keys_(keys) {}

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    auto verdict = accounts_->Verify(request);
    if (keys_ != nullptr) {
      keys_->base = verdict->session_base_key();
    }
    return verdict;
  }

 private:
  const std::shared_ptr<const NtlmAuthority> accounts_;
  Keys* const keys_;
};

std::unique_ptr<SecurityContext> Server(const RandomSource& random, const Clock& clock,
                                        Keys* keys) {
  AcceptorOptions options;
  options.authority =
      std::make_shared<TellingAuthority>(NtHashFromPassword(kPassword).value(), keys);
  options.random = &random;
  options.clock = &clock;
  AcceptOptions accept;
  accept.credentials =
      negotiate::CreateAcceptorCredentials({CreateAcceptorCredentials(std::move(options)).value()})
          .value();
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kRequire}).value());
  accept.channel = Channel::Tls(test::Bindings(1));
  accept.audit = NoAudit();
  return SecurityContext::Accept(std::move(accept)).value();
}

std::unique_ptr<SecurityContext> Client(const RandomSource& random, const Clock& clock) {
  InitiatorOptions options;
  options.user = kUser;
  options.domain = kDomain;
  options.password = SecretBytes::FromText(kPassword);
  options.random = &random;
  options.clock = &clock;
  InitiateOptions initiate;
  initiate.credentials = negotiate::CreateInitiatorCredentials(
                             {CreateInitiatorCredentials(std::move(options)).value()})
                             .value();
  initiate.channel = Channel::Tls(test::Bindings(1));
  initiate.parameters.target_name = "HTTP/server.example.com";
  initiate.parameters.want_sealing = true;
  return SecurityContext::Initiate(std::move(initiate)).value();
}

// A whole login, with messages of both directions after it. The same in every run. `at_end` is
// called before the contexts are released.
void LogIn(Keys* keys, const std::function<void()>& at_end) {
  const test::FixedRandom random;
  const test::FixedClock clock;
  const auto server = Server(random, clock, keys);
  const auto client = Client(random, clock);
  std::vector<uint8_t> token;
  while (!server->established()) {
    token = test::StepOrDie(*client, token).token;
    token = test::StepOrDie(*server, token).token;
  }
  (void)test::StepOrDie(*client, token);
  ASSERT_TRUE(client->established());
  const std::vector<uint8_t> message(100, 7);
  ASSERT_OK(server->Unwrap(client->Wrap(message).value()));
  ASSERT_OK(client->Unwrap(server->Wrap(message).value()));
  if (keys != nullptr) {
    const SecretBytes exported = server->ExportSessionKey().value();
    keys->exported = Secret<16>(exported.Expose().first<16>());
  }
  at_end();
}

void Nothing() {}

// A part of RC4's state after `steps` octets, in both widths that OpenSSL keeps it in.
template <typename Cell>
std::array<Cell, 8> Rc4State(const Secret<16>& key, size_t steps) {
  std::array<uint8_t, 256> state{};
  std::iota(state.begin(), state.end(), uint8_t{0});
  uint8_t j = 0;
  for (size_t i = 0; i < state.size(); ++i) {
    j = static_cast<uint8_t>(j + state.at(i) + key.Expose()[i % 16]);
    std::swap(state.at(i), state.at(j));
  }
  j = 0;
  for (size_t i = 1; i <= steps; ++i) {
    j = static_cast<uint8_t>(j + state.at(i));
    std::swap(state.at(i), state.at(j));
  }
  std::array<Cell, 8> part{};
  std::copy_n(state.begin() + 100, part.size(), part.begin());
  return part;
}

void WatchForRc4(const char* name, const Secret<16>& key, size_t steps) {
  const auto octets = Rc4State<uint8_t>(key, steps);
  const auto words = Rc4State<uint32_t>(key, steps);
  test::WatchHeapFor(name, octets);
  test::WatchHeapFor(name, {reinterpret_cast<const uint8_t*>(words.data()), sizeof(words)});
}

void WatchForSecrets(const Keys& keys) {
  // UTF-16LE of ASCII.
  std::array<uint8_t, 2 * kPassword.size()> utf16{};
  for (size_t i = 0; i < kPassword.size(); ++i) {
    utf16.at(2 * i) = static_cast<uint8_t>(kPassword[i]);
  }
  const NtHash hash = NtHashFromPassword(kPassword).value();
  test::WatchHeapFor("password",
                     {reinterpret_cast<const uint8_t*>(kPassword.data()), kPassword.size()});
  test::WatchHeapFor("password in UTF-16", utf16);
  test::WatchHeapFor("NT hash", hash.Expose());
  test::WatchHeapFor(
      "NTOWFv2",
      NtowfV2(hash, Utf8ToUtf16Le(kUser).value(), Utf8ToUtf16Le(kDomain).value()).Expose());
  test::WatchHeapFor("session base key", keys.base.Expose());
  test::WatchHeapFor("exported session key", keys.exported.Expose());
  WatchForRc4("RC4 state of the session base key", keys.base, 16);
  for (const Direction direction : {Direction::kClientToServer, Direction::kServerToClient}) {
    const Secret<16> seal = SealKey(kNegotiate128, keys.exported, direction);
    test::WatchHeapFor("signing key", SignKey(keys.exported, direction).Expose());
    test::WatchHeapFor("sealing key", seal.Expose());
    WatchForRc4("RC4 state of a mechListMIC", seal, 8);
    WatchForRc4("RC4 state of a message", seal, 108);
  }
}

Keys LearnKeys() {
  Keys keys;
  LogIn(&keys, Nothing);
  EXPECT_FALSE(keys.base == Secret<16>());
  EXPECT_FALSE(keys.exported == Secret<16>());
  return keys;
}

TEST(NtlmSecrets, NothingOfALoginStaysOnTheHeap) {
  WatchForSecrets(LearnKeys());
  test::BeginHeapWatch();
  LogIn(nullptr, Nothing);
  EXPECT_THAT(test::EndHeapWatch(), IsEmpty());
}

// What the test above looks for is there while the login lasts, and nothing else is.
TEST(NtlmSecrets, AreThereWhileTheyAreNeeded) {
  WatchForSecrets(LearnKeys());
  test::BeginHeapWatch();
  std::vector<std::string> findings;
  LogIn(nullptr, [&findings] { findings = test::EndHeapWatch(); });
  const std::string there = " in a block that is still there";
  EXPECT_THAT(findings, UnorderedElementsAre(
                            "NT hash" + there, "NTOWFv2" + there, "exported session key" + there,
                            "signing key" + there, "signing key" + there, "sealing key" + there,
                            "sealing key" + there, "RC4 state of a message" + there,
                            "RC4 state of a message" + there));
}

TEST(NtlmSecrets, AreFoundInReleasedBlocks) {
  const NtHash hash = NtHashFromPassword(kPassword).value();
  test::WatchHeapFor("NT hash", hash.Expose());
  test::BeginHeapWatch();
  { const std::vector<uint8_t> copy(hash.Expose().begin(), hash.Expose().end()); }
  EXPECT_THAT(test::EndHeapWatch(), ElementsAre("NT hash in a released block"));
}

}  // namespace
}  // namespace epa::ntlm
