#include "fuzz/negotiate_fuzz_setup.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/negotiate/negotiate.h"
#include "tests/support/fake_package.h"

namespace epa::fuzz {
namespace {

using CredentialsList = std::vector<std::shared_ptr<const Credentials>>;

absl::StatusOr<MechanismResult> Initiator(std::string_view token, int step, test::FakeLogin&) {
  if (step == 0) {
    return MechanismResult::Continue(test::FakeToken("hello"));
  }
  if (token == "challenge") {
    return MechanismResult::Verified(test::FakeToken("login alice"));
  }
  if (token == "more") {
    return MechanismResult::Continue(test::FakeToken("more"));
  }
  return token == "end" ? MechanismResult::Verified()
                        : MechanismResult::Rejected(Reason::kMalformedToken);
}

std::shared_ptr<const Credentials> WithoutCryptography(uint8_t options) {
  test::FakePackageOptions fake;
  fake.info.mechanism_oids = {{0x06, 0x03, 0x2a, 0x63, 0x01}};
  fake.initiator = Initiator;
  fake.recognizes = [](std::string_view token) { return token == "hello"; };
  fake.login.evidence.binding = BindingEvidence::kAbsent;
  fake.signs_lists = true;
  fake.demands_list_mic = (options & 64) != 0;
  return test::MakeFakeCredentials(std::move(fake));
}

}  // namespace

std::unique_ptr<SecurityContext> NewNegotiateAcceptor(uint8_t options, const CountingSink& sink) {
  CredentialsList packages = {AcceptorCredentialsOf(options)};
  if ((options & 128) == 0) {
    packages.push_back(WithoutCryptography(options));
  }
  return NewAcceptor(options, sink,
                     negotiate::CreateAcceptorCredentials(std::move(packages)).value());
}

std::unique_ptr<SecurityContext> NewNegotiateInitiator(uint8_t options) {
  CredentialsList packages = {WithoutCryptography(options), InitiatorCredentialsOf(options)};
  if ((options & 128) != 0) {
    std::ranges::reverse(packages);
  }
  return NewInitiator(options, negotiate::CreateInitiatorCredentials(std::move(packages)).value());
}

}  // namespace epa::fuzz
