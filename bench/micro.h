// The small parts by Google Benchmark: binding of a connection, look-up of an account, decision.
#ifndef EPA_BENCH_MICRO_H_
#define EPA_BENCH_MICRO_H_

#include <map>
#include <string>

namespace epa::bench {

inline constexpr char kBindingCached[] = "binding/ServerCertificates::ChannelOf";
inline constexpr char kBindingNaive[] = "binding/X509_digest+MD5";
inline constexpr char kDecision[] = "policy/EvaluateExtendedProtection";
inline constexpr char kLookupFew[] = "lookup/10 accounts";
inline constexpr char kLookupMany[] = "lookup/100000 accounts";
inline constexpr char kLookupManyAll[] = "lookup/100000 accounts, each in turn";

// Medians of CPU nanoseconds, by the names above; a filter among the flags leaves names out. `argc`
// and `argv` may hold Google Benchmark's own flags.
std::map<std::string, double> RunMicroBenchmarks(int argc, char** argv, bool quick);

}  // namespace epa::bench

#endif  // EPA_BENCH_MICRO_H_
