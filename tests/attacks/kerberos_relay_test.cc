// Relays of Kerberos logins to services that have no TLS of their own: another service of the same
// account has the same key, and the service's name stands in the ticket unprotected.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/smb2/server_names.h"
#include "tests/support/find_octets.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::test {
namespace {

using Mode = ExtendedProtectionMode;

constexpr std::string_view kHttp = "HTTP/web.test.example";
constexpr std::string_view kCifs = "cifs/web.test.example";
constexpr std::string_view kUpperHttp = "HTTP/WEB.TEST.EXAMPLE";
constexpr std::string_view kUpperCifs = "CIFS/WEB.TEST.EXAMPLE";

// One account of a directory: every name has the same key.
constexpr std::string_view kAccount[] = {
    kHttp, kCifs, kUpperHttp, kUpperCifs, "host/web.test.example", "cifs/bad.test.example"};

// A keytab with the keys of `names`, which belong to the account.
std::string KeytabOf(const std::string& file, const std::vector<std::string_view>& names) {
  static const bool made = [] {
    for (const std::string_view name : kAccount) {
      // The salt leaves the name out, so one password makes one key.
      EXPECT_OK(TestRealm().Admin("addprinc -pw account -e aes256-cts-hmac-sha1-96:onlyrealm " +
                                  std::string(name)));
    }
    return true;
  }();
  EXPECT_TRUE(made);
  const std::string path = TestRealm().directory() + "/" + file;
  std::remove(path.c_str());
  for (const std::string_view name : names) {
    EXPECT_OK(TestRealm().Admin("ktadd -norandkey -k " + path + " " + std::string(name)));
  }
  return path;
}

struct Declaration {
  std::string_view what;
  bool exclusive_key = false;
  bool all_names = false;
};
constexpr Declaration kDeclarations[] = {
    {"our name alone", false, false},
    {"all names", false, true},
    {"our name alone, declared exclusive", true, false},
    {"all names, declared exclusive", true, true},
};

// A server that has no TLS of its own.
struct Site {
  std::string_view what;
  std::string_view ours;
  std::string_view ours_in_capitals;
  std::string_view another;
  Channel channel = Channel::Plain();
  ExtendedProtectionOptions policy;
};

std::vector<Site> Sites() {
  Site http{.what = "clear HTTP", .ours = kHttp, .ours_in_capitals = kUpperHttp, .another = kCifs};
  http.policy.accepted_names = AcceptedServiceNames::Create({std::string(kHttp)}).value();
  Site proxy = http;
  proxy.what = "HTTP behind a proxy";
  proxy.channel = Channel::TrustedProxy();
  proxy.policy.scenario = ProtectionScenario::kTrustedProxy;
  Site smb{.what = "clear SMB", .ours = kCifs, .ours_in_capitals = kUpperCifs, .another = kHttp};
  smb2::NameHardeningOptions hardening;
  hardening.names.own_names = {"web.test.example"};
  smb.policy = smb2::CreateNameHardeningPolicy(std::move(hardening))->options();
  return {http, proxy, smb};
}

// What the victim asked its KDC for, and what the attacker made of the ticket's clear-text name.
struct Relay {
  std::string_view meant;
  // Parts of the name, and as long ones in their places.
  std::vector<std::pair<std::string_view, std::string_view>> rewritten;
};

void Rewrite(std::vector<uint8_t>& request, std::string_view from, std::string_view to) {
  ASSERT_EQ(from.size(), to.size());
  const auto found = FindOctets(request, from);
  ASSERT_FALSE(found.empty()) << from;
  std::ranges::copy(to, found.begin());
}

// Clients that bind nothing and say nothing of their target: those of MIT, as far as that goes; it
// binds where it is told to, so that a proxy sees a binding.
const std::shared_ptr<const Credentials>& ClientWithoutAWord() {
  static const auto credentials = [] {
    kerberos::InitiatorOptions options = RealmInitiator();
    options.policy.suppress_extended_protection = 1;
    return MakeInitiator(std::move(options));
  }();
  return credentials;
}

class KerberosRelay : public testing::Test {
 protected:
  void Open(const Site& site, const Declaration& declaration) {
    kerberos::AcceptorOptions options = RealmAcceptor();
    std::vector<std::string_view> names = {site.ours};
    if (declaration.all_names) {
      names = {"host/web.test.example", kHttp, kCifs};
    }
    options.keytab_path = KeytabOf("account.keytab", names);
    options.exclusive_key = declaration.exclusive_key;
    setup_.acceptor = MakeAcceptor(std::move(options));
    setup_.server_channel = site.channel;
    setup_.policy = site.policy;
  }

  Reason Outcome(const Relay& relay, bool own_word, Mode mode) {
    setup_.policy.mode = mode;
    setup_.initiator = own_word ? nullptr : ClientWithoutAWord();
    setup_.parameters.target_name = std::string(relay.meant);
    setup_.on_request = [relay](std::vector<uint8_t>& request) {
      for (const auto& [from, to] : relay.rewritten) {
        Rewrite(request, from, to);
      }
    };
    const KerberosExchange exchange = RunKerberos(setup_);
    const bool accepted = exchange.server_result.state == StepState::kEstablished;
    EXPECT_EQ(exchange.reply.empty(), !accepted);
    return exchange.server->reason();
  }

  KerberosSetup setup_;
};

// In the order of kDeclarations, modes 1 and 2.
using Outcomes = std::array<std::pair<Reason, Reason>, 4>;
constexpr std::pair kUnproved = {Reason::kServiceNameMissingAllowed,
                                 Reason::kServiceNameNotVouchedFor};
constexpr std::pair kShared = {Reason::kServiceNameMissingAllowed, Reason::kServiceKeyShared};
constexpr std::pair kOurs = {Reason::kServiceNameMatched, Reason::kServiceNameMatched};
constexpr std::pair kOthers = {Reason::kServiceNameMismatch, Reason::kServiceNameMismatch};

struct Attempt {
  std::string_view what;
  Relay relay;
  Outcomes without_a_word;
  std::pair<Reason, Reason> with_own_word;
};

std::vector<Attempt> AttemptsAt(const Site& site) {
  const auto class_of = [](std::string_view name) { return name.substr(0, 4); };
  return {
      {"nobody relays", {site.ours, {}}, {kUnproved, kUnproved, kOurs, kShared}, kOurs},
      {"nobody relays, the name in capitals",
       {site.ours_in_capitals, {}},
       {kUnproved, kUnproved, kOurs, kShared},
       kOurs},
      {"another service of the account",
       {site.another, {}},
       {kOthers, kOthers, kOthers, kOthers},
       kOthers},
      {"the account's other host",
       {"cifs/bad.test.example", {}},
       {kOthers, kOthers, kOthers, kOthers},
       kOthers},
      {"a name that does not exist",
       {site.another, {{"web.test", "bad.evil"}}},
       {kOthers, kOthers, kOthers, kOthers},
       kOthers},
      // With our name alone in the keytab nothing shows that the declaration is false, as it is
      // here: that word is the operator's.
      {"another service, its name rewritten to ours",
       {site.another, {{class_of(site.another), class_of(site.ours)}}},
       {kUnproved, kUnproved, kOurs, kShared},
       kOthers},
  };
}

TEST_F(KerberosRelay, EverySiteKeytabAndDeclaration) {
  for (const Site& site : Sites()) {
    for (size_t i = 0; i < std::size(kDeclarations); ++i) {
      Open(site, kDeclarations[i]);
      for (const Attempt& attempt : AttemptsAt(site)) {
        SCOPED_TRACE(testing::Message()
                     << site.what << " | " << kDeclarations[i].what << " | " << attempt.what);
        const auto [allow, require] = attempt.without_a_word[i];
        EXPECT_EQ(ReasonName(Outcome(attempt.relay, false, Mode::kAllow)), ReasonName(allow));
        EXPECT_EQ(ReasonName(Outcome(attempt.relay, false, Mode::kRequire)), ReasonName(require));
        const auto [allow_word, require_word] = attempt.with_own_word;
        EXPECT_EQ(ReasonName(Outcome(attempt.relay, true, Mode::kAllow)), ReasonName(allow_word));
        EXPECT_EQ(ReasonName(Outcome(attempt.relay, true, Mode::kRequire)),
                  ReasonName(require_word));
      }
    }
  }
}

// The event says whose word the name is, and the keytab's name for the key is nobody's.
TEST_F(KerberosRelay, TheEventSaysWhoVouches) {
  const Site site = Sites().front();
  for (const bool own_word : {false, true}) {
    for (const bool declared : {false, true}) {
      Open(site, {"", declared, false});
      setup_.audit = std::make_shared<RecordingAuditSink>();
      Outcome({kCifs, {}}, own_word, Mode::kAllow);
      ASSERT_EQ(setup_.audit->events.size(), 1u);
      const AuditEvent& event = setup_.audit->events.front();
      EXPECT_EQ(event.target_name, kCifs);
      EXPECT_EQ(event.target_name_voucher, own_word   ? TargetNameVoucher::kClient
                                           : declared ? TargetNameVoucher::kExclusiveKey
                                                      : TargetNameVoucher::kNobody);
      EXPECT_EQ(event.reason_if_required, Reason::kServiceNameMismatch);
    }
  }
}

// A name that libkrb5 does not find makes it try every key: the one that fits is not ours, whatever
// the name says.
TEST_F(KerberosRelay, OurNameOnATicketOfAnotherKeyIsNotOurs) {
  kerberos::AcceptorOptions options = RealmAcceptor();
  options.exclusive_key = true;
  setup_.acceptor = MakeAcceptor(std::move(options));
  setup_.server_channel = Channel::Plain();
  setup_.policy.accepted_names = AcceptedServiceNames::Create({"HTTP/server.test.example"}).value();
  const Relay relay = {"cifs/server.test.example", {{"cifs", "HTTP"}, {"server", "SERVER"}}};
  EXPECT_EQ(Outcome(relay, false, Mode::kAllow), Reason::kServiceNameMissingAllowed);
  EXPECT_EQ(Outcome(relay, false, Mode::kRequire), Reason::kServiceKeyShared);
  EXPECT_EQ(Outcome(relay, true, Mode::kAllow), Reason::kServiceNameMismatch);
}

// `service_principals` goes by the ticket's own spelling and by whose key opens it.
TEST_F(KerberosRelay, OnlyWantedServicesTicketsAndKeysAreTaken) {
  kerberos::AcceptorOptions options = RealmAcceptor();
  options.keytab_path = KeytabOf("wanted.keytab", {"host/web.test.example", kHttp, kCifs});
  options.service_principals = {std::string(kCifs)};
  setup_.acceptor = MakeAcceptor(std::move(options));
  setup_.policy.mode = Mode::kLegacy;
  EXPECT_EQ(Outcome({kUpperCifs, {}}, true, Mode::kLegacy), Reason::kLegacyMode);
  EXPECT_EQ(Outcome({kHttp, {}}, true, Mode::kLegacy), Reason::kServiceNotAccepted);
  // Separate keys: the wanted name on the other one's ticket.
  options = RealmAcceptor();
  options.service_principals = {std::string(kKerberosTarget)};
  setup_.acceptor = MakeAcceptor(std::move(options));
  EXPECT_EQ(Outcome({"cifs/server.test.example", {{"cifs", "HTTP"}, {"server", "SERVER"}}}, true,
                    Mode::kLegacy),
            Reason::kKeyNotFound);
}

// A binding needs no name: TLS is as it was.
TEST_F(KerberosRelay, OnTlsTheBindingDecides) {
  for (const bool own_word : {false, true}) {
    Open({.ours = kHttp, .channel = Channel::Tls(KerberosBindings(1))}, kDeclarations[0]);
    EXPECT_EQ(Outcome({kHttp, {}}, own_word, Mode::kRequire), Reason::kBindingMatched);
    setup_.server_channel = Channel::Tls(KerberosBindings(2));
    EXPECT_EQ(Outcome({kHttp, {}}, own_word, Mode::kAllow), Reason::kBindingMismatch);
  }
}

}  // namespace
}  // namespace epa::test
