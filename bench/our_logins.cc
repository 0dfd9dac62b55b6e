#include "bench/our_logins.h"

#include <memory>
#include <utility>

#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"

namespace epa::bench {

std::vector<ntlm::Account> MakeAccounts(size_t count) {
  std::vector<ntlm::Account> accounts;
  for (size_t i = 0; i < count; ++i) {
    ntlm::Account account;
    account.user = i == 0 ? std::string(kUser) : std::to_string(i).append("user");
    account.domain = kDomain;
    account.nt_hash = ntlm::NtHash(kNtHash);
    accounts.push_back(std::move(account));
  }
  return accounts;
}

OurLogin NtlmLogin(std::string name, size_t accounts) {
  ntlm::AcceptorOptions acceptor;
  acceptor.authority = Value(ntlm::CreateMemoryAuthority(MakeAccounts(accounts)));
  acceptor.names.netbios_computer = kNetbiosComputer;
  acceptor.names.netbios_domain = kNetbiosDomain;

  ntlm::InitiatorOptions initiator;
  initiator.user = kUser;
  initiator.domain = kDomain;
  initiator.nt_hash = std::make_shared<ntlm::NtHash>(kNtHash);
  initiator.workstation = kWorkstation;

  OurLogin login;
  login.name = std::move(name);
  login.client = Value(ntlm::CreateInitiatorCredentials(std::move(initiator)));
  login.server = Value(ntlm::CreateAcceptorCredentials(std::move(acceptor)));
  login.legs = kNtlmLegs;
  return login;
}

OurLogin KerberosLogin(std::string name, const Realm& realm, kerberos::ReplayCache replay_cache) {
  kerberos::AcceptorOptions acceptor;
  acceptor.keytab_path = realm.keytab_path();
  acceptor.configuration.contents = realm.configuration();
  acceptor.replay_cache = replay_cache;

  kerberos::InitiatorOptions initiator;
  initiator.credential_cache = Realm::CacheName();
  initiator.configuration.contents = realm.configuration();

  OurLogin login;
  login.name = std::move(name);
  login.client = Value(kerberos::CreateInitiatorCredentials(std::move(initiator)));
  login.server = Value(kerberos::CreateAcceptorCredentials(std::move(acceptor)));
  login.legs = kKerberosLegs;
  return login;
}

OurLogin NegotiateLogin(std::string name, const OurLogin& child, size_t legs) {
  OurLogin login;
  login.name = std::move(name);
  login.client = Value(negotiate::CreateInitiatorCredentials({child.client}));
  login.server = Value(negotiate::CreateAcceptorCredentials({child.server}));
  login.legs = legs;
  return login;
}

}  // namespace epa::bench
