// A client and a server of Kerberos with somebody between them, and a KDC whose one ticket is made
// beforehand. The first octet chooses the mode and what the client binds and wants, the rest is
// what becomes of the messages (Tampering). libkrb5 checks every proof in fuzzing builds, too:
// whatever is changed lets in nobody who would have been refused.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "epa/kerberos/kerberos.h"
#include "fuzz/pair_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "tests/support/ticket_forge.h"

namespace {

using epa::BindingRequest;
using epa::ExtendedProtectionMode;
using epa::fuzz::PairOutcome;
using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::fuzz::Tampering;

ReachPoint bound("a login that is bound");
ReachPoint elsewhere("a login that is bound elsewhere");
ReachPoint unbound("a login that binds nothing");
ReachPoint mutual("a server that proved itself");
ReachPoint changed("a message that was changed");
ReachPoint refused_for_change("a login that was refused for a change");

constexpr const char* kCache = "MEMORY:krb_pair_fuzzer";

epa::kerberos::Configuration TheRealm() {
  return {.path = {},
          .contents = std::string("[libdefaults]\ndefault_realm = ") +
                      epa::test::TicketForge::kRealm + "\n"};
}

std::shared_ptr<const epa::Credentials> NewServerCredentials(const epa::test::TicketForge& kdc) {
  epa::kerberos::AcceptorOptions options;
  options.keytab = kdc.Keytab();
  options.configuration = TheRealm();
  options.replay_cache = epa::kerberos::ReplayCache::kNone;
  return epa::kerberos::CreateAcceptorCredentials(std::move(options)).value();
}

std::shared_ptr<const epa::Credentials> NewClientCredentials(bool mutual_authentication) {
  epa::kerberos::InitiatorOptions options;
  options.credential_cache = kCache;
  options.configuration = TheRealm();
  options.mutual_authentication = mutual_authentication;
  return epa::kerberos::CreateInitiatorCredentials(std::move(options)).value();
}

// What is made once.
struct Realm {
  Realm() {
    kdc.Store({}, kCache);
    server = NewServerCredentials(kdc);
    client = NewClientCredentials(false);
    mutual_client = NewClientCredentials(true);
  }
  epa::test::TicketForge kdc;
  std::shared_ptr<const epa::Credentials> server;
  std::shared_ptr<const epa::Credentials> client;
  std::shared_ptr<const epa::Credentials> mutual_client;
};

const Realm& TheOnlyRealm() {
  static const Realm realm;
  return realm;
}

enum class Bound : uint8_t { kHere, kElsewhere, kNone, kNothing };

struct Case {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kLegacy;
  Bound bound = Bound::kHere;
  bool mutual = false;
};

Case ReadCase(uint8_t octet) {
  return {static_cast<ExtendedProtectionMode>(octet % 3), static_cast<Bound>(octet / 4 % 4),
          (octet & 128) != 0};
}

bool Accepts(const Case& one) {
  switch (one.mode) {
    case ExtendedProtectionMode::kLegacy:
      return true;
    case ExtendedProtectionMode::kAllow:
      return one.bound == Bound::kHere || one.bound == Bound::kNothing;
    case ExtendedProtectionMode::kRequire:
      break;
  }
  return one.bound == Bound::kHere;
}

epa::Channel ChannelOf(uint8_t octet) {
  return epa::Channel::Tls(
      epa::ChannelBindings::FromApplicationData(std::vector<uint8_t>(53, octet)).value());
}

std::unique_ptr<epa::SecurityContext> NewServer(const Case& one) {
  epa::AcceptOptions options;
  options.credentials = TheOnlyRealm().server;
  options.policy = std::make_shared<const epa::ExtendedProtectionPolicy>(
      epa::ExtendedProtectionPolicy::Create({.mode = one.mode}).value());
  options.channel = ChannelOf(1);
  options.audit = epa::NoAudit();
  return epa::SecurityContext::Accept(std::move(options)).value();
}

std::unique_ptr<epa::SecurityContext> NewClient(const Case& one) {
  epa::InitiateOptions options;
  options.credentials = one.mutual ? TheOnlyRealm().mutual_client : TheOnlyRealm().client;
  options.channel = ChannelOf(one.bound == Bound::kElsewhere ? 2 : 1);
  options.parameters.target_name = epa::test::TicketForge::kService;
  options.parameters.want_signing = options.parameters.want_sealing = true;
  if (one.bound == Bound::kNone) {
    options.parameters.binding = BindingRequest::kExplicitNone;
  } else if (one.bound == Bound::kNothing) {
    options.parameters.binding = BindingRequest::kOmit;
  }
  return epa::SecurityContext::Initiate(std::move(options)).value();
}

PairOutcome Run(const Case& one, Tampering& tampering) {
  return epa::fuzz::RunPair(*NewClient(one), *NewServer(one), tampering);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) {
    return 0;
  }
  const Case one = ReadCase(data[0]);
  Tampering none({});
  const PairOutcome expected = Run(one, none);
  Require(expected.server == Accepts(one) && expected.talked == expected.server);
  bound.Reach(expected.server && one.bound == Bound::kHere);
  elsewhere.Reach(one.bound == Bound::kElsewhere);
  unbound.Reach(one.bound == Bound::kNothing);
  mutual.Reach(expected.client && one.mutual);

  Tampering tampering(std::span(data, size).subspan(1));
  const PairOutcome outcome = Run(one, tampering);
  Require(!outcome.server || expected.server);
  changed.Reach(tampering.happened());
  refused_for_change.Reach(expected.server && !outcome.server);
  return 0;
}
