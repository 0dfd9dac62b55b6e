// A client and a server of SASL's NTLM fed against each other. The input says the mode, what the
// client binds, and which octet of which message is changed on its way: the verdict is that of the
// mode and the binding, and a change makes it no better.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "epa/sasl/client_exchange.h"
#include "epa/sasl/server_exchange.h"
#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/pair_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

using epa::fuzz::Require;
using epa::sasl::ClientExchange;
using epa::sasl::ClientStep;
using epa::sasl::MechanismType;
using epa::sasl::ServerExchange;
using epa::sasl::ServerStep;

epa::fuzz::ReachPoint matched("a login that is bound");
epa::fuzz::ReachPoint elsewhere("a login that is bound elsewhere");
epa::fuzz::ReachPoint unbound("a login that binds nothing");
epa::fuzz::ReachPoint changed("a message that was changed");

enum class Bound : uint8_t { kHere, kElsewhere, kNone, kNothing };

struct Case {
  epa::ExtendedProtectionMode mode;
  Bound bound;
  int message = 0;  // from 1 on: which is changed
  size_t offset = 0;
  uint8_t change = 0;
};

epa::Channel ChannelOf(uint8_t octet) {
  return epa::Channel::Tls(
      epa::ChannelBindings::FromApplicationData(std::vector<uint8_t>(53, octet)).value());
}

bool Accepts(const Case& one) {
  switch (one.mode) {
    case epa::ExtendedProtectionMode::kLegacy:
      return true;
    case epa::ExtendedProtectionMode::kAllow:
      return one.bound == Bound::kHere || one.bound == Bound::kNothing;
    case epa::ExtendedProtectionMode::kRequire:
      break;
  }
  return one.bound == Bound::kHere;
}

std::unique_ptr<ServerExchange> NewServer(const Case& one) {
  epa::sasl::ServerOptions options;
  options.ntlm = epa::fuzz::AcceptorCredentialsOf(0);
  options.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      epa::ExtendedProtectionPolicy::Create({.mode = one.mode}).value());
  options.audit = epa::NoAudit();
  return ServerExchange::Create(epa::sasl::ServerConfig::Create(std::move(options)).value(),
                                MechanismType::kNtlm, epa::sasl::LayerRule::kNever, ChannelOf(1),
                                "")
      .value();
}

std::unique_ptr<ClientExchange> NewClient(const Case& one) {
  epa::sasl::ClientOptions options;
  options.mechanism = MechanismType::kNtlm;
  options.credentials = epa::fuzz::InitiatorCredentialsOf(0);
  options.channel = ChannelOf(one.bound == Bound::kElsewhere ? 2 : 1);
  options.parameters.target_name = "smtp/server.example.com";
  if (one.bound == Bound::kNone) {
    options.parameters.binding = epa::BindingRequest::kExplicitNone;
  } else if (one.bound == Bound::kNothing) {
    options.parameters.binding = epa::BindingRequest::kOmit;
  }
  return ClientExchange::Create(std::move(options)).value();
}

// Whether the server let the client in.
bool Run(const Case& one) {
  const auto server = NewServer(one);
  const auto client = NewClient(one);
  int message = 0;
  const auto deliver = [&](std::vector<uint8_t> octets) {
    if (++message == one.message && !octets.empty()) {
      octets[one.offset % octets.size()] ^= one.change;
    }
    return octets;
  };
  auto said = client->Begin();
  while (said.ok() && said->state == ClientStep::State::kContinue && said->data.has_value()) {
    const std::vector<uint8_t> response = deliver(*said->data);
    const auto answer = server->Step(std::span<const uint8_t>(response));
    Require(answer.ok() && answer->state != ServerStep::State::kPending);
    if (answer->state == ServerStep::State::kAccepted) {
      Require(server->context() != nullptr);
      Require(client->Conclude(std::nullopt).ok() && client->complete());
      return true;
    }
    if (answer->state == ServerStep::State::kRefused) {
      Require(server->context() == nullptr && server->reason() != epa::Reason::kNone);
      return false;
    }
    said = client->Step(deliver(*answer->data));
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kSize = 5;
  if (size < kSize) {
    return 0;
  }
  Case one;
  one.mode = static_cast<epa::ExtendedProtectionMode>(data[0] % 3);
  one.bound = static_cast<Bound>(data[1] % 4);
  Require(Run(one) == Accepts(one));
  matched.Reach(one.bound == Bound::kHere);
  elsewhere.Reach(one.bound == Bound::kElsewhere);
  unbound.Reach(one.bound == Bound::kNothing);
  one.message = data[2] % 4;
  one.offset = data[3];
  one.change = data[4];
  changed.Reach(one.message != 0 && one.change != 0);
  Require(!Run(one) || Accepts(one) || !epa::fuzz::kProofsAreChecked);
  return 0;
}
