// libkrb5's own share of a Kerberos login and no more: krb5_mk_req_extended, krb5_rd_req,
// krb5_mk_rep, krb5_rd_rep, with a kept context and the keys in memory. A library that leaves
// every check of ticket, key and clock to libkrb5 cannot be quicker.
#ifndef EPA_BENCH_PEERS_KRB5_FLOOR_H_
#define EPA_BENCH_PEERS_KRB5_FLOOR_H_

#include <memory>
#include <string>

#include "bench/contender.h"
#include "bench/realm.h"

namespace epa::bench {

// krb5_rd_req keeps to itself what it finds out about the PAC: who wants to know has it checked
// again.
enum class PacCheck { kNone, kByAcceptor };

// Without a replay cache; logins only, no messages.
std::unique_ptr<Contender> CreateKrb5Floor(std::string name, const Realm& realm,
                                           PacCheck pac_check);

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_KRB5_FLOOR_H_
