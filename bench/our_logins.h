// This library's logins, package by package.
#ifndef EPA_BENCH_OUR_LOGINS_H_
#define EPA_BENCH_OUR_LOGINS_H_

#include <string>
#include <vector>

#include "bench/ours.h"
#include "bench/realm.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/authority.h"

namespace epa::bench {

// In front the account that logs in, then "1user", "2user"...
std::vector<ntlm::Account> MakeAccounts(size_t count);

// `accounts` accounts, the one that logs in among them.
OurLogin NtlmLogin(std::string name, size_t accounts);

OurLogin KerberosLogin(std::string name, const Realm& realm, kerberos::ReplayCache replay_cache);

// Negotiate over nothing but the package of `child`.
OurLogin NegotiateLogin(std::string name, const OurLogin& child, size_t legs);

}  // namespace epa::bench

#endif  // EPA_BENCH_OUR_LOGINS_H_
