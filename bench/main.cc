// Prints this library beside gss-ntlmssp, WinPR and OpenSSL alone, and every ratio beside its goal.
//
//   epa_bench [--quick] [Google Benchmark's flags]
//
// --quick runs every part once or twice, to see that it works; its figures mean little.
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/memory.h"
#include "bench/micro.h"
#include "bench/ours.h"
#include "bench/peers/gss_ntlmssp.h"
#include "bench/peers/openssl_floor.h"
#include "bench/peers/winpr.h"
#include "bench/report.h"
#include "bench/runner.h"

namespace epa::bench {
namespace {

// Takes "--quick" out of the arguments.
bool TakeQuick(int& argc, char** argv) {
  bool quick = false;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--quick") {
      quick = true;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  return quick;
}

// The lengths of this library's own messages, for a floor that hashes as much as it does.
FloorSizes SizesOf(const Contender& contender) {
  // [MS-NLMP] 2.2.1.3, 2.2.2.8: what an AUTHENTICATE_MESSAGE has besides the client challenge.
  constexpr size_t kAuthenticateHeader = 88;
  constexpr size_t kLmResponse = 24;
  constexpr size_t kProof = 16;
  constexpr size_t kSessionKey = 16;
  constexpr size_t kServerChallenge = 8;
  const size_t names = 2 * (kUser.size() + kDomain.size() + kWorkstation.size());
  const std::unique_ptr<Worker> worker = contender.CreateWorker(1);
  FloorSizes sizes;
  worker->Negotiate(0);
  sizes.mic = worker->token_size(0);
  worker->Challenge(0);
  sizes.mic += worker->token_size(0);
  worker->Authenticate(0);
  sizes.mic += worker->token_size(0);
  const size_t around = kAuthenticateHeader + kLmResponse + kProof + kSessionKey + names;
  Require(worker->token_size(0) > around, "an AUTHENTICATE_MESSAGE without a response");
  sizes.proof = kServerChallenge + worker->token_size(0) - around;
  return sizes;
}

// Not a number where the benchmark did not run.
double FigureOf(const std::map<std::string, double>& medians, const char* name) {
  const auto found = medians.find(name);
  return found == medians.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

void Run(int argc, char** argv, bool quick) {
  Effort effort;
  if (quick) {
    effort = {.rounds = 3, .slice_seconds = 0.002, .memory_contexts = 200};
  }
  constexpr size_t kFewAccounts = 10;
  constexpr size_t kManyAccounts = 100'000;
  const auto gss = CreateGssNtlmssp();
  const auto winpr = CreateWinPr();
  const auto ours = CreateOurs("libepa", kFewAccounts);
  const auto many = CreateOurs("libepa, 100000 accounts", kManyAccounts);
  const auto eager =
      CreateOurs("libepa, seal keys made", kFewAccounts, ProtectionKeys::kInEveryLogin);
  const auto floor = CreateOpenSslFloor("OpenSSL floor, 1 KiB", {});
  const auto small_floor = CreateOpenSslFloor("OpenSSL floor, as libepa", SizesOf(*ours));

  std::vector<std::pair<const Contender*, HeapUse>> heap;
  for (const Contender* contender : {gss.get(), winpr.get(), ours.get(), eager.get()}) {
    heap.emplace_back(contender, MeasureHeap(*contender, effort.memory_contexts));
  }
  const std::vector<LoginSeries> logins = CompareLogins(
      {gss.get(), winpr.get(), ours.get(), many.get(), floor.get(), small_floor.get(), eager.get()},
      effort);
  const ContenderList sealers = {gss.get(), winpr.get(), ours.get(), floor.get()};
  constexpr size_t kSmallMessage = 1024;
  constexpr size_t kLargeMessage = 64 * 1024;
  const std::vector<SealSeries> small = CompareSealing(sealers, kSmallMessage, effort);
  const std::vector<SealSeries> large = CompareSealing(sealers, kLargeMessage, effort);
  const std::map<std::string, double> micro = RunMicroBenchmarks(argc, argv, quick);

  PrintLogins(logins);
  PrintSealing(small, kSmallMessage);
  PrintSealing(large, kLargeMessage);
  PrintHeap(heap);

  Goals goals;
  goals.AtLeast("server: gss-ntlmssp / libepa", ServerRatio(logins[0], logins[2]), 8);
  goals.AtLeast("server: WinPR / libepa", ServerRatio(logins[1], logins[2]), 4);
  goals.AtMost("server: libepa / OpenSSL floor, 1 KiB", ServerRatio(logins[2], logins[4]), 1.3);
  goals.AtMost("server: libepa / OpenSSL floor, as libepa", ServerRatio(logins[2], logins[5]), 1.3);
  goals.AtLeast("server: gss-ntlmssp / libepa, seal keys made", ServerRatio(logins[0], logins[6]),
                8);
  goals.AtLeast("server: WinPR / libepa, seal keys made", ServerRatio(logins[1], logins[6]), 4);
  goals.AtLeast("login: gss-ntlmssp / libepa", FullRatio(logins[0], logins[2]), 9);
  goals.AtLeast("login: WinPR / libepa", FullRatio(logins[1], logins[2]), 4);
  goals.AtLeast("two threads / one thread, wall-clock time", Scaling(logins[2]), 1.9);
  goals.AtLeast("two threads / one thread, CPU time", CpuScaling(logins[2]), 1.9);
  goals.AtMost("server: 100000 accounts / 10", ServerRatio(logins[3], logins[2]), 1.05);
  goals.AtMost("look-up: 100000 accounts / 10",
               FigureOf(micro, kLookupMany) / FigureOf(micro, kLookupFew), 1.05);
  goals.AtMost("policy decision, ns", FigureOf(micro, kDecision), 100);
  goals.AtMost("half-open server context, octets", heap[2].second.half_open_server, 512);
  goals.AtMost("established server context, octets", heap[2].second.established_server, 512);
  goals.Print();
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  const bool quick = epa::bench::TakeQuick(argc, argv);
  epa::bench::Run(argc, argv, quick);
  return 0;
}
