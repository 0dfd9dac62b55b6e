#include "fuzz/ntlm_fuzz_setup.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/ntlm/ntlm.h"
#include "tests/support/fixed_clock.h"

namespace epa::fuzz {
namespace {

constexpr std::string_view kName = "HTTP/server.example.com";

class EventCounter : public AuditSink {
 public:
  void OnEvent(const AuditEvent&) override { ++count; }
  int count = 0;
};

class SameOctets : public RandomSource {
 public:
  void Fill(std::span<uint8_t> out) const override { std::ranges::fill(out, uint8_t{0x5A}); }
};

const test::FixedClock& TheClock() {
  static const test::FixedClock clock;
  return clock;
}

const SameOctets& TheRandom() {
  static const SameOctets random;
  return random;
}

// One account; "guest" is let in as one, without a proof.
class OneAccount : public ntlm::NtlmAuthority {
 public:
  explicit OneAccount(bool blocks) : blocks_(blocks) {}
  absl::StatusOr<ntlm::LogonVerdict> Verify(const ntlm::LogonRequest& request) const override {
    if (request.user == "guest") {
      return ntlm::LogonVerdict::Guest();
    }
    return VerifyWithNtHash(hash_, request, account_);
  }
  bool blocks() const override { return blocks_; }

 private:
  bool blocks_;
  ntlm::NtHash hash_ = ntlm::NtHashFromPassword("secret").value();
  std::shared_ptr<const AccountIdentity> account_ =
      std::make_shared<const AccountIdentity>(AccountIdentity{.user = "alice", .domain = "LAB"});
};

Channel TlsChannel() {
  static const Channel channel =
      Channel::Tls(ChannelBindings::FromApplicationData(std::vector<uint8_t>(53, 0x11)).value());
  return channel;
}

std::shared_ptr<const Credentials> AcceptorCredentialsFor(bool blocks) {
  ntlm::AcceptorOptions options;
  options.authority = std::make_shared<OneAccount>(blocks);
  options.names.netbios_computer = "SERVER";
  options.clock = &TheClock();
  options.random = &TheRandom();
  return ntlm::CreateAcceptorCredentials(std::move(options)).value();
}

std::shared_ptr<const Credentials> InitiatorCredentialsFor(bool require_128_bit) {
  ntlm::InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("secret");
  options.policy.minimum_session_security = require_128_bit ? ntlm::kRequire128BitKeys : 0;
  options.clock = &TheClock();
  options.random = &TheRandom();
  return ntlm::CreateInitiatorCredentials(std::move(options)).value();
}

}  // namespace

CountingSink::CountingSink() : sink_(std::make_shared<EventCounter>()) {}

int CountingSink::events() const { return static_cast<const EventCounter&>(*sink_).count; }

const std::shared_ptr<const Credentials>& AcceptorCredentialsOf(uint8_t options) {
  static const std::array<std::shared_ptr<const Credentials>, 2> credentials = {
      AcceptorCredentialsFor(false), AcceptorCredentialsFor(true)};
  return credentials.at((options & 32) != 0 ? 1 : 0);
}

std::unique_ptr<SecurityContext> NewAcceptor(uint8_t options, const CountingSink& sink) {
  return NewAcceptor(options, sink, AcceptorCredentialsOf(options));
}

std::unique_ptr<SecurityContext> NewAcceptor(uint8_t options, const CountingSink& sink,
                                             std::shared_ptr<const Credentials> credentials) {
  ExtendedProtectionOptions policy;
  policy.mode = ExtendedProtectionMode(std::min(options & 3, 2));
  policy.audit_only = (options & 8) != 0;
  policy.allow_anonymous = policy.allow_guest =
      (options & 16) != 0 && policy.mode != ExtendedProtectionMode::kRequire;
  policy.require_mic = (options & 64) != 0;
  policy.accepted_names = AcceptedServiceNames::Create({std::string(kName)}).value();
  AcceptOptions accept;
  accept.credentials = std::move(credentials);
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create(std::move(policy)).value());
  accept.channel = (options & 4) != 0 ? Channel::Plain() : TlsChannel();
  accept.audit = sink.sink();
  accept.clock = &TheClock();
  return SecurityContext::Accept(std::move(accept)).value();
}

const std::shared_ptr<const Credentials>& InitiatorCredentialsOf(uint8_t options) {
  static const std::array<std::shared_ptr<const Credentials>, 2> credentials = {
      InitiatorCredentialsFor(true), InitiatorCredentialsFor(false)};
  return credentials.at((options & 32) != 0 ? 1 : 0);
}

std::unique_ptr<SecurityContext> NewInitiator(uint8_t options) {
  return NewInitiator(options, InitiatorCredentialsOf(options));
}

std::unique_ptr<SecurityContext> NewInitiator(uint8_t options,
                                              std::shared_ptr<const Credentials> credentials) {
  InitiateOptions initiate;
  initiate.credentials = std::move(credentials);
  initiate.channel = TlsChannel();
  initiate.parameters.target_name = kName;
  initiate.parameters.want_signing = (options & 1) != 0;
  initiate.parameters.want_sealing = (options & 2) != 0;
  initiate.parameters.target_name_untrusted = (options & 16) != 0;
  if ((options & 4) != 0) {
    initiate.parameters.binding = BindingRequest::kOmit;
  } else if ((options & 8) != 0) {
    initiate.parameters.binding = BindingRequest::kExplicitNone;
  }
  return SecurityContext::Initiate(std::move(initiate)).value();
}

bool WantsSigning(uint8_t options) { return (options & 3) != 0; }

}  // namespace epa::fuzz
