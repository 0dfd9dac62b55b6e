// Relays: a victim's own, genuine messages arrive over somebody else's channel.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::test {
namespace {

using ntlm::AvId;

AcceptedServiceNames OurNames() {
  return AcceptedServiceNames::Create({"HTTP/server.example.com"}).value();
}

ExchangeSetup ToClearServer() {
  ExchangeSetup setup;
  setup.server_channel = Channel::Plain();
  setup.policy.accepted_names = OurNames();
  return setup;
}

// CVE-2017-8563, CVE-2021-1678, CVE-2021-36942, CVE-2022-26925, CVE-2024-21410, CVE-2025-54918,
// CVE-2025-55234: endpoints that took a login bound to another channel.
TEST(Relay, FromOneTlsChannelToAnother) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Tls(Bindings(2));
  ExpectRefused(RunExchange(std::move(setup)), Reason::kBindingMismatch);
}

TEST(Relay, OfSigningClientFromOneTlsChannelToAnother) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Tls(Bindings(2));
  setup.parameters.want_sealing = true;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kBindingMismatch);
}

TEST(Relay, FromAClearChannelToTls) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Plain();
  ExpectRefused(RunExchange(std::move(setup)), Reason::kBindingExplicitlyNone);
}

// Mode 1 forgives silence, never a client that says it saw no channel, or another one.
TEST(Relay, IsNotForgivenByAllowMode) {
  for (const bool clear : {false, true}) {
    ExchangeSetup setup;
    setup.policy.mode = ExtendedProtectionMode::kAllow;
    setup.client_channel = clear ? Channel::Plain() : Channel::Tls(Bindings(2));
    ExpectRefused(RunExchange(std::move(setup)),
                  clear ? Reason::kBindingExplicitlyNone : Reason::kBindingMismatch);
  }
}

TEST(Relay, OfAnOldClientToTls) {
  ExchangeSetup setup;
  setup.parameters.binding = BindingRequest::kOmit;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kBindingMissing);
}

TEST(Relay, FromTlsToAClearServerFailsByTheServiceName) {
  ExchangeSetup setup = ToClearServer();
  setup.parameters.target_name = "HTTP/attacker.example.com";
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameMismatch);
}

TEST(Relay, FromAnotherServiceOfTheSameHost) {
  ExchangeSetup setup = ToClearServer();
  setup.client_channel = Channel::Plain();
  setup.parameters.target_name = "cifs/server.example.com";
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameMismatch);
}

TEST(Relay, OfAClientThatNamedNoServiceToAClearServer) {
  ExchangeSetup setup = ToClearServer();
  setup.parameters.target_name.clear();
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameEmpty);
  setup = ToClearServer();
  setup.parameters.binding = BindingRequest::kOmit;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameMissing);
}

// The victim had its name from DNS or a redirect: whoever sent it there chose the name.
TEST(Relay, OfAClientThatDistrustsItsOwnTargetName) {
  ExchangeSetup setup = ToClearServer();
  setup.parameters.target_name_untrusted = true;
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameUntrusted);
}

// Two virtual hosts with one certificate have one binding: the name tells them apart.
TEST(Relay, BetweenServersThatShareACertificate) {
  ExchangeSetup setup;
  setup.policy.accepted_names = OurNames();
  setup.policy.service_name_on_tls = true;
  setup.parameters.target_name = "HTTP/attacker.example.com";
  ExpectRefused(RunExchange(std::move(setup)), Reason::kServiceNameMismatch);
}

TEST(Relay, AroundATrustedProxy) {
  for (const bool clear : {false, true}) {
    ExchangeSetup setup;
    setup.server_channel = Channel::TrustedProxy();
    setup.policy.scenario = ProtectionScenario::kTrustedProxy;
    setup.policy.accepted_names = OurNames();
    setup.client_channel = clear ? Channel::Plain() : Channel::Tls(Bindings(2));
    setup.parameters.target_name = "HTTP/attacker.example.com";
    ExpectRefused(RunExchange(std::move(setup)),
                  clear ? Reason::kBindingExplicitlyNone : Reason::kServiceNameMismatch);
  }
}

// The binding is covered by the proof: exchanging it for the right one breaks that.
TEST(Relay, WithTheBindingRewritten) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Tls(Bindings(2));
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::copy(Bindings(1).token().octets,
                      AvValueIn(message, AvId::kChannelBindings).begin());
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

// Zeroed, the binding says "none", which is refused too, but it never comes to that.
TEST(Relay, WithTheBindingZeroed) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Tls(Bindings(2));
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    std::ranges::fill(AvValueIn(message, AvId::kChannelBindings), uint8_t{0});
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

TEST(Relay, WithTheTargetNameRewritten) {
  ExchangeSetup setup = ToClearServer();
  setup.parameters.target_name = "HTTP/serve1.example.com";
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    AvValueIn(message, AvId::kTargetName)[2 * 10] = 'r';
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kWrongPassword);
}

// An attacker cannot plant a binding either: the client throws the server's copy away.
TEST(Relay, WithABindingPlantedInTheChallenge) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Tls(Bindings(2));
  setup.on_challenge = [](std::vector<uint8_t>& message) {
    EditTargetInfo(message, [](ForgedPairs& pairs) {
      const auto token = Bindings(1).token().octets;
      pairs.push_back({AvId::kChannelBindings, {token.begin(), token.end()}});
    });
  };
  setup.on_authenticate = [](std::vector<uint8_t>& message) {
    EXPECT_TRUE(
        std::ranges::equal(AvValueIn(message, AvId::kChannelBindings), Bindings(2).token().octets));
  };
  // The MIC covers the challenge, and it is looked at before the binding.
  ExpectRefused(RunExchange(std::move(setup)), Reason::kMicInvalid);
}

TEST(Relay, OfAClientThatSendsTwoBindings) {
  ForgedClient client;
  client.edit_pairs = [](ForgedPairs& pairs) {
    const auto token = Bindings(2).token().octets;
    pairs.insert(pairs.begin(), {AvId::kChannelBindings, {token.begin(), token.end()}});
  };
  ExpectRefused(RunForged(client), Reason::kDuplicateAvPair);
}

// CVE-2019-1019: a response made for another server, or one that does not say for which.
TEST(Relay, OfAResponseMadeForAnotherServer) {
  for (const AvId id : {AvId::kNbComputerName, AvId::kNbDomainName, AvId::kDnsComputerName,
                        AvId::kDnsDomainName, AvId::kDnsTreeName}) {
    for (const bool removed : {false, true}) {
      ExchangeSetup setup;
      setup.acceptor.names.netbios_computer = "SERVER";
      setup.acceptor.names.netbios_domain = "EXAMPLE";
      setup.acceptor.names.dns_computer = "server.example.com";
      setup.acceptor.names.dns_domain = "example.com";
      setup.acceptor.names.dns_tree = "example.com";
      ForgedClient client;
      client.edit_pairs = [id, removed](ForgedPairs& pairs) {
        if (removed) {
          Remove(pairs, id);
        } else {
          ValueOf(pairs, id) = Utf16("OTHER");
        }
      };
      const Exchange exchange = RunForged(client, std::move(setup));
      ExpectRefused(exchange, Reason::kAvPairsAltered);
      EXPECT_EQ(exchange.server->reason_detail(), ntlm::AvIdName(id));
    }
  }
}

// CVE-2015-0005, CVE-2016-2111: what a member server passes on was made for that member.
TEST(Relay, OfAResponseWithAnotherHostsLetterCase) {
  ForgedClient client;
  client.edit_pairs = [](ForgedPairs& pairs) { ValueOf(pairs, AvId::kNbComputerName)[0] ^= 0x20; };
  ExpectRefused(RunForged(client), Reason::kAvPairsAltered);
}

TEST(Relay, OfAResponseWithAnotherTime) {
  for (const bool removed : {false, true}) {
    ForgedClient client;
    client.edit_pairs = [removed](ForgedPairs& pairs) {
      if (removed) {
        Remove(pairs, AvId::kTimestamp);
      } else {
        ValueOf(pairs, AvId::kTimestamp)[0] ^= 1;
      }
    };
    ExpectRefused(RunForged(client), Reason::kAvPairsAltered);
  }
}

TEST(Relay, OfAChallengeWhoseNamesWereAlteredOnTheWay) {
  ExchangeSetup setup;
  setup.on_challenge = [](std::vector<uint8_t>& message) {
    EditTargetInfo(message, [](ForgedPairs& pairs) {
      ValueOf(pairs, AvId::kNbComputerName) = Utf16("ATTACKER");
    });
  };
  ExpectRefused(RunExchange(std::move(setup)), Reason::kAvPairsAltered);
}

}  // namespace
}  // namespace epa::test
