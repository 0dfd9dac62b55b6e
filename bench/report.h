// The tables, and the ratios next to their goals.
#ifndef EPA_BENCH_REPORT_H_
#define EPA_BENCH_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "bench/memory.h"
#include "bench/runner.h"
#include "bench/smb_logins.h"

namespace epa::bench {

void PrintLogins(std::string_view title, const ContenderList& contenders,
                 const std::vector<LoginSeries>& series);
void PrintSealing(const std::vector<SealSeries>& series, size_t message_size);
void PrintSmbLogins(const std::vector<SmbSeries>& series);
void PrintHeap(const std::vector<HeapRow>& rows);

// What one login costs more than another, of which it is made.
struct AddedRow {
  const LoginSeries* outer;
  const LoginSeries* child;
};
void PrintAdded(std::string_view title, const std::vector<AddedRow>& rows);

// Medians over the rounds of a ratio taken within each round.
double ClientRatio(const LoginSeries& slower, const LoginSeries& faster);
double ServerRatio(const LoginSeries& slower, const LoginSeries& faster);
double FullRatio(const LoginSeries& slower, const LoginSeries& faster);
double SealRatio(const SealSeries& slower, const SealSeries& faster);
double UnsealRatio(const SealSeries& slower, const SealSeries& faster);
// Medians over the rounds of a difference taken within each round: nanoseconds.
double ClientAdded(const AddedRow& row);
double ServerAdded(const AddedRow& row);
double SealAdded(const SealSeries& outer, const SealSeries& inner);
double UnsealAdded(const SealSeries& outer, const SealSeries& inner);

// Of logins a second over TCP, with one client and with two.
double OneClientRatio(const SmbSeries& faster, const SmbSeries& slower);
double TwoClientsRatio(const SmbSeries& faster, const SmbSeries& slower);

// Logins a second of wall-clock time on two threads by those on one: needs two idle processors.
double Scaling(const LoginSeries& series);
// The same from CPU time, which neighbours do not take away and waiting for a lock does not show.
double CpuScaling(const LoginSeries& series);

// A table of figures beside their goals. A value that is not a number was not measured.
class Goals {
 public:
  void AtLeast(std::string_view what, double value, double goal);
  void AtMost(std::string_view what, double value, double goal);
  void Print() const;

 private:
  struct Row {
    std::string what;
    double value;
    double goal;
    bool at_least;
  };
  std::vector<Row> rows_;
};

}  // namespace epa::bench

#endif  // EPA_BENCH_REPORT_H_
