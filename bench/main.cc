// Prints this library beside gss-ntlmssp, WinPR, MIT krb5, MIT SPNEGO, OpenSSL alone and Samba, and
// every ratio beside its goal.
//
//   epa_bench [--quick] [Google Benchmark's flags]
//
// --quick runs every part once or twice, to see that it works; its figures mean little.
#include <string_view>
#include <vector>

#include "bench/lineup.h"
#include "bench/measured.h"
#include "bench/memory.h"
#include "bench/micro.h"
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

ContenderList Joined(const std::vector<ContenderList>& lists) {
  ContenderList all;
  for (const ContenderList& list : lists) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

Measured Measure(const Lineup& lineup, const Effort& effort, int argc, char** argv, bool quick) {
  Measured measured;
  for (const Contender* contender :
       {lineup.gss_ntlm.get(), lineup.winpr.get(), lineup.ntlm.get(), lineup.ntlm_eager.get(),
        lineup.c_abi.get(), lineup.gss_krb5.get(), lineup.kerberos.get(), lineup.spnego_ntlm.get(),
        lineup.negotiate_ntlm.get(), lineup.spnego_krb5.get(), lineup.negotiate_kerberos.get()}) {
    measured.heap.push_back({contender, MeasureHeap(*contender, effort.memory_contexts)});
  }
  measured.logins = CompareLogins(
      Joined({lineup.NtlmLogins(), lineup.KerberosLogins(), lineup.NegotiateLogins()}), effort);
  const ContenderList sealers = {
      lineup.gss_ntlm.get(), lineup.winpr.get(),         lineup.ntlm.get(),
      lineup.c_abi.get(),    lineup.floor.get(),         lineup.gss_krb5.get(),
      lineup.kerberos.get(), lineup.kerberos_wrap.get(), lineup.kerberos_layer.get()};
  measured.small = CompareSealing(sealers, kSmallMessage, effort);
  measured.large = CompareSealing(sealers, kLargeMessage, effort);
  measured.smb = CompareSmbLogins({lineup.our_smb.get(), lineup.samba.get()}, effort);
  measured.micro = RunMicroBenchmarks(argc, argv, quick);
  return measured;
}

void Print(const Lineup& lineup, const Measured& measured) {
  PrintLogins("NTLMv2 login (name, bindings, MIC, key exchange; sealing agreed)",
              lineup.NtlmLogins(), measured.logins);
  PrintLogins("Kerberos login (name, bindings, mutual; ticket at hand; \"rc\": replay cache)",
              lineup.KerberosLogins(), measured.logins);
  PrintLogins("Negotiate login (no replay cache)", lineup.NegotiateLogins(), measured.logins);
  PrintAdded("Negotiate, added to the login inside it",
             {measured.Added(lineup.spnego_ntlm, lineup.gss_ntlm),
              measured.Added(lineup.negotiate_ntlm, lineup.ntlm_eager),
              measured.Added(lineup.negotiate_ntlm, lineup.ntlm),
              measured.Added(lineup.spnego_krb5, lineup.gss_krb5),
              measured.Added(lineup.negotiate_kerberos, lineup.kerberos)});
  PrintAdded("C ABI, added to the C++ interface", {measured.Added(lineup.c_abi, lineup.ntlm)});
  PrintSealing(measured.small, kSmallMessage);
  PrintSealing(measured.large, kLargeMessage);
  PrintHeap(measured.heap);
  PrintSmbLogins(measured.smb);
  Goals goals;
  AddNtlmGoals(lineup, measured, goals);
  AddKerberosGoals(lineup, measured, goals);
  AddNegotiateGoals(lineup, measured, goals);
  AddCAbiGoals(lineup, measured, goals);
  AddSmbGoals(measured, goals);
  goals.Print();
}

void Run(int argc, char** argv, bool quick) {
  Effort effort;
  if (quick) {
    effort = {.rounds = 3, .slice_seconds = 0.002, .memory_contexts = 200};
  }
  const Lineup lineup;
  Print(lineup, Measure(lineup, effort, argc, argv, quick));
}

}  // namespace
}  // namespace epa::bench

int main(int argc, char** argv) {
  const bool quick = epa::bench::TakeQuick(argc, argv);
  epa::bench::Run(argc, argv, quick);
  return 0;
}
