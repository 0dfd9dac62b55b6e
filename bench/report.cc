#include "bench/report.h"

#include <cmath>
#include <cstdio>
#include <functional>

namespace epa::bench {
namespace {

double Client(const LoginSample& sample) { return sample.client; }
double Server(const LoginSample& sample) { return sample.server; }
double Full(const LoginSample& sample) { return sample.client + sample.server; }
double Rate(const LoginSample& sample) { return sample.per_second; }

template <typename Sample, typename Figure>
double MedianOf(const std::vector<Sample>& samples, Figure figure) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    values.push_back(std::invoke(figure, sample));
  }
  return Median(std::move(values));
}

// Of `combine` within each round.
template <typename Sample, typename Figure, typename Combine>
double MedianOfPairs(const std::vector<Sample>& left, const std::vector<Sample>& right,
                     Figure figure, Combine combine) {
  std::vector<double> values;
  for (size_t i = 0; i < left.size(); ++i) {
    values.push_back(combine(std::invoke(figure, left[i]), std::invoke(figure, right[i])));
  }
  return Median(std::move(values));
}

template <typename Sample, typename Figure>
double MedianRatio(const std::vector<Sample>& numerators, const std::vector<Sample>& denominators,
                   Figure figure) {
  return MedianOfPairs(numerators, denominators, figure, std::divides<>());
}

double MedianAdded(const AddedRow& row, double (*figure)(const LoginSample&)) {
  return MedianOfPairs(row.outer->one_thread, row.child->one_thread, figure, std::minus<>());
}

std::string NameOf(const Contender& contender) { return std::string(contender.name()); }

}  // namespace

void PrintLogins(std::string_view title, const ContenderList& contenders,
                 const std::vector<LoginSeries>& series) {
  std::printf("\n%.*s: us of CPU time\n", static_cast<int>(title.size()), title.data());
  std::printf("%-30s %9s %9s %9s | %12s %9s | %14s %14s %7s\n", "", "client", "server", "full",
              "server, 2 t.", "full,2 t.", "logins/s, 1 t.", "logins/s, 2 t.", "x");
  for (const Contender* contender : contenders) {
    const LoginSeries& row = SeriesOf(series, *contender);
    std::printf("%-30s %9.2f %9.2f %9.2f | %12.2f %9.2f | %14.0f %14.0f %7.2f\n",
                NameOf(*contender).c_str(), MedianOf(row.one_thread, Client) / 1e3,
                MedianOf(row.one_thread, Server) / 1e3, MedianOf(row.one_thread, Full) / 1e3,
                MedianOf(row.two_threads, Server) / 1e3, MedianOf(row.two_threads, Full) / 1e3,
                MedianOf(row.one_thread, Rate), MedianOf(row.two_threads, Rate), Scaling(row));
  }
}

void PrintSealing(const std::vector<SealSeries>& series, size_t message_size) {
  std::printf("\nMessages of %zu octets: us of CPU time and MB/s\n", message_size);
  std::printf("%-30s %9s %9s | %9s %9s\n", "", "seal", "unseal", "seal MB/s", "unseal");
  for (const SealSeries& row : series) {
    const double seal_median = MedianOf(row.samples, &SealSample::seal);
    const double unseal_median = MedianOf(row.samples, &SealSample::unseal);
    const auto octets = static_cast<double>(message_size);
    std::printf("%-30s %9.2f %9.2f | %9.0f %9.0f\n", NameOf(*row.contender).c_str(),
                seal_median / 1e3, unseal_median / 1e3, octets * 1e3 / seal_median,
                octets * 1e3 / unseal_median);
  }
}

void PrintHeap(const std::vector<HeapRow>& rows) {
  std::printf("\nHeap of one context: octets (a Kerberos server is never half-open)\n");
  std::printf("%-30s %18s %20s %20s\n", "", "server, half-open", "server, established",
              "client, established");
  for (const auto& [contender, use] : rows) {
    const std::string half_open =
        std::isnan(use.half_open_server) ? "-" : std::to_string(std::lround(use.half_open_server));
    std::printf("%-30s %18s %20.0f %20.0f\n", NameOf(*contender).c_str(), half_open.c_str(),
                use.established_server, use.established_client);
  }
}

void PrintAdded(std::string_view title, const std::vector<AddedRow>& rows) {
  std::printf("\n%.*s: us of CPU time\n", static_cast<int>(title.size()), title.data());
  std::printf("%-30s %9s %9s %9s   %s\n", "", "client", "server", "full", "over");
  for (const AddedRow& row : rows) {
    std::printf("%-30s %9.2f %9.2f %9.2f   %s\n", NameOf(*row.outer->contender).c_str(),
                MedianAdded(row, Client) / 1e3, MedianAdded(row, Server) / 1e3,
                MedianAdded(row, Full) / 1e3, NameOf(*row.child->contender).c_str());
  }
}

double ClientRatio(const LoginSeries& slower, const LoginSeries& faster) {
  return MedianRatio(slower.one_thread, faster.one_thread, Client);
}

double ServerRatio(const LoginSeries& slower, const LoginSeries& faster) {
  return MedianRatio(slower.one_thread, faster.one_thread, Server);
}

double FullRatio(const LoginSeries& slower, const LoginSeries& faster) {
  return MedianRatio(slower.one_thread, faster.one_thread, Full);
}

double SealRatio(const SealSeries& slower, const SealSeries& faster) {
  return MedianRatio(slower.samples, faster.samples, &SealSample::seal);
}

double UnsealRatio(const SealSeries& slower, const SealSeries& faster) {
  return MedianRatio(slower.samples, faster.samples, &SealSample::unseal);
}

void PrintSmbLogins(const std::vector<SmbSeries>& series) {
  std::printf(
      "\nSMB 3.1.1 logins over loopback TCP (NTLMv2, signing): logins/s of wall-clock time\n");
  std::printf("%-30s %14s %14s\n", "", "one client", "two clients");
  for (const SmbSeries& row : series) {
    std::printf("%-30s %14.0f %14.0f\n", row.name.c_str(), Median(row.one_client),
                Median(row.two_clients));
  }
}

double OneClientRatio(const SmbSeries& faster, const SmbSeries& slower) {
  return MedianRatio(faster.one_client, slower.one_client, std::identity());
}

double TwoClientsRatio(const SmbSeries& faster, const SmbSeries& slower) {
  return MedianRatio(faster.two_clients, slower.two_clients, std::identity());
}

double ClientAdded(const AddedRow& row) { return MedianAdded(row, Client); }

double ServerAdded(const AddedRow& row) { return MedianAdded(row, Server); }

double SealAdded(const SealSeries& outer, const SealSeries& inner) {
  return MedianOfPairs(outer.samples, inner.samples, &SealSample::seal, std::minus<>());
}

double UnsealAdded(const SealSeries& outer, const SealSeries& inner) {
  return MedianOfPairs(outer.samples, inner.samples, &SealSample::unseal, std::minus<>());
}

double Scaling(const LoginSeries& series) {
  return MedianRatio(series.two_threads, series.one_thread, Rate);
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
  std::printf("\n%-68s %10s %12s\n", "Goals", "measured", "goal");
  for (const Row& row : rows_) {
    const bool met = row.at_least ? row.value >= row.goal : row.value <= row.goal;
    const char* verdict = met ? "met" : "NOT MET";
    if (std::isnan(row.value)) {
      verdict = "not measured";
    }
    std::printf("%-68s %10.2f %s %9.2f  %s\n", row.what.c_str(), row.value,
                row.at_least ? ">=" : "<=", row.goal, verdict);
  }
}

}  // namespace epa::bench
