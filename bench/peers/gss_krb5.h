// MIT's Kerberos mechanism through its GSS-API.
#ifndef EPA_BENCH_PEERS_GSS_KRB5_H_
#define EPA_BENCH_PEERS_GSS_KRB5_H_

#include <memory>
#include <string>

#include "bench/contender.h"
#include "bench/realm.h"

namespace epa::bench {

// `replay_cache` is libkrb5's name of one: "none:", or "dfl:" for the file that is the default.
std::unique_ptr<Contender> CreateGssKrb5(std::string name, const Realm& realm,
                                         const char* replay_cache, bool inside_spnego);

}  // namespace epa::bench

#endif  // EPA_BENCH_PEERS_GSS_KRB5_H_
