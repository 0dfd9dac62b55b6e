// All figures of one run, and the goals among them.
#ifndef EPA_BENCH_MEASURED_H_
#define EPA_BENCH_MEASURED_H_

#include <map>
#include <string>
#include <vector>

#include "bench/lineup.h"
#include "bench/memory.h"
#include "bench/report.h"
#include "bench/runner.h"
#include "bench/smb_logins.h"

namespace epa::bench {

inline constexpr size_t kSmallMessage = 1024;
inline constexpr size_t kLargeMessage = 64 * 1024;

struct Measured {
  std::vector<HeapRow> heap;
  std::vector<LoginSeries> logins;
  std::vector<SealSeries> small;
  std::vector<SealSeries> large;
  std::map<std::string, double> micro;
  std::vector<SmbSeries> smb;  // ours, then Samba's

  const LoginSeries& Login(const Lineup::Entry& entry) const { return SeriesOf(logins, *entry); }
  AddedRow Added(const Lineup::Entry& outer, const Lineup::Entry& child) const {
    return {&Login(outer), &Login(child)};
  }
};

void AddNtlmGoals(const Lineup& lineup, const Measured& measured, Goals& goals);
void AddKerberosGoals(const Lineup& lineup, const Measured& measured, Goals& goals);
void AddNegotiateGoals(const Lineup& lineup, const Measured& measured, Goals& goals);
void AddCAbiGoals(const Lineup& lineup, const Measured& measured, Goals& goals);
void AddSmbGoals(const Measured& measured, Goals& goals);

}  // namespace epa::bench

#endif  // EPA_BENCH_MEASURED_H_
