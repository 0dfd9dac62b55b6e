#include "bench/report.h"

#include <cmath>
#include <cstdio>
#include <functional>

namespace epa::bench {
namespace {

using LoginFigure = std::function<double(const LoginSample&)>;

double Full(const LoginSample& sample) { return sample.client + sample.server; }

double MedianOf(const std::vector<LoginSample>& samples, const LoginFigure& figure) {
  std::vector<double> values;
  for (const LoginSample& sample : samples) {
    values.push_back(figure(sample));
  }
  return Median(std::move(values));
}

double MedianRatio(const std::vector<LoginSample>& numerators,
                   const std::vector<LoginSample>& denominators, const LoginFigure& figure) {
  std::vector<double> ratios;
  for (size_t i = 0; i < numerators.size(); ++i) {
    ratios.push_back(figure(numerators[i]) / figure(denominators[i]));
  }
  return Median(std::move(ratios));
}

std::string NameOf(const Contender& contender) { return std::string(contender.name()); }

}  // namespace

void PrintLogins(const std::vector<LoginSeries>& series) {
  std::printf(
      "\nNTLMv2 login (name, bindings, MIC, key exchange; sealing agreed): us of CPU time\n");
  std::printf("%-24s %9s %9s %9s | %12s %9s | %14s %14s %7s\n", "", "client", "server", "full",
              "server, 2 t.", "full,2 t.", "logins/s, 1 t.", "logins/s, 2 t.", "x");
  for (const LoginSeries& row : series) {
    const auto client = [](const LoginSample& sample) { return sample.client; };
    const auto server = [](const LoginSample& sample) { return sample.server; };
    const auto rate = [](const LoginSample& sample) { return sample.per_second; };
    std::printf("%-24s %9.2f %9.2f %9.2f | %12.2f %9.2f | %14.0f %14.0f %7.2f\n",
                NameOf(*row.contender).c_str(), MedianOf(row.one_thread, client) / 1e3,
                MedianOf(row.one_thread, server) / 1e3, MedianOf(row.one_thread, Full) / 1e3,
                MedianOf(row.two_threads, server) / 1e3, MedianOf(row.two_threads, Full) / 1e3,
                MedianOf(row.one_thread, rate), MedianOf(row.two_threads, rate), Scaling(row));
  }
}

void PrintSealing(const std::vector<SealSeries>& series, size_t message_size) {
  std::printf("\nMessages of %zu octets: us of CPU time and MB/s\n", message_size);
  std::printf("%-24s %9s %9s | %9s %9s\n", "", "seal", "unseal", "seal MB/s", "unseal");
  for (const SealSeries& row : series) {
    std::vector<double> seal;
    std::vector<double> unseal;
    for (const SealSample& sample : row.samples) {
      seal.push_back(sample.seal);
      unseal.push_back(sample.unseal);
    }
    const double seal_median = Median(std::move(seal));
    const double unseal_median = Median(std::move(unseal));
    const auto octets = static_cast<double>(message_size);
    std::printf("%-24s %9.2f %9.2f | %9.0f %9.0f\n", NameOf(*row.contender).c_str(),
                seal_median / 1e3, unseal_median / 1e3, octets * 1e3 / seal_median,
                octets * 1e3 / unseal_median);
  }
}

void PrintHeap(const std::vector<std::pair<const Contender*, HeapUse>>& rows) {
  std::printf("\nHeap of one context: octets\n");
  std::printf("%-24s %18s %20s %20s\n", "", "server, half-open", "server, established",
              "client, established");
  for (const auto& [contender, use] : rows) {
    std::printf("%-24s %18.0f %20.0f %20.0f\n", NameOf(*contender).c_str(), use.half_open_server,
                use.established_server, use.established_client);
  }
}

double ServerRatio(const LoginSeries& slower, const LoginSeries& faster) {
  return MedianRatio(slower.one_thread, faster.one_thread,
                     [](const LoginSample& sample) { return sample.server; });
}

double FullRatio(const LoginSeries& slower, const LoginSeries& faster) {
  return MedianRatio(slower.one_thread, faster.one_thread, Full);
}

double Scaling(const LoginSeries& series) {
  return MedianRatio(series.two_threads, series.one_thread,
                     [](const LoginSample& sample) { return sample.per_second; });
}

double CpuScaling(const LoginSeries& series) {
  return 2 * MedianRatio(series.one_thread, series.two_threads, Full);
}

void Goals::AtLeast(std::string_view what, double value, double goal) {
  rows_.push_back({std::string(what), value, goal, true});
}

void Goals::AtMost(std::string_view what, double value, double goal) {
  rows_.push_back({std::string(what), value, goal, false});
}

void Goals::Print() const {
  std::printf("\n%-52s %10s %12s\n", "Goals", "measured", "goal");
  for (const Row& row : rows_) {
    const bool met = row.at_least ? row.value >= row.goal : row.value <= row.goal;
    const char* verdict = met ? "met" : "NOT MET";
    if (std::isnan(row.value)) {
      verdict = "not measured";
    }
    std::printf("%-52s %10.2f %s %9.2f  %s\n", row.what.c_str(), row.value,
                row.at_least ? ">=" : "<=", row.goal, verdict);
  }
}

}  // namespace epa::bench
