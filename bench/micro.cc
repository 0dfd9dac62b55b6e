#include "bench/micro.h"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "bench/contender.h"
#include "bench/loopback_tls.h"
#include "bench/our_logins.h"
#include "epa/core/extended_protection.h"
#include "epa/ntlm/authority.h"
#include "epa/tls/channel_binding.h"

namespace epa::bench {
namespace {

void BindingCached(benchmark::State& state) {
  const LoopbackTls connection;
  SSL_CTX* const context = connection.server_context();
  const auto certificates = tls::ServerCertificates::Create({&context, 1});
  Require(certificates.ok(), "ServerCertificates::Create");
  for (auto unused : state) {
    auto channel = (*certificates)->ChannelOf(connection.server());
    Require(channel.ok() && channel->has_bindings(), "ChannelOf");
    benchmark::DoNotOptimize(channel);
  }
}

void BindingNaive(benchmark::State& state) {
  const LoopbackTls connection;
  for (auto unused : state) {
    benchmark::DoNotOptimize(NaiveBindingToken(connection.server()));
  }
}

void Decision(benchmark::State& state) {
  ExtendedProtectionOptions options;
  options.service_name_on_tls = true;
  options.require_mic = true;
  auto names = AcceptedServiceNames::Create({std::string(kTargetName)});
  Require(names.ok(), "AcceptedServiceNames::Create");
  options.accepted_names = *std::move(names);
  const auto policy = ExtendedProtectionPolicy::Create(std::move(options));
  Require(policy.ok(), "ExtendedProtectionPolicy::Create");
  const auto bindings = ChannelBindings::FromApplicationData(BindingApplicationData());
  Require(bindings.ok(), "FromApplicationData");
  const Channel channel = Channel::Tls(*bindings);
  ExtendedProtectionEvidence evidence;
  evidence.binding = BindingEvidence::kMatched;
  evidence.matched_binding = 0;
  evidence.target_name = std::string(kTargetName);
  evidence.target_name_voucher = TargetNameVoucher::kClient;
  evidence.mic = MicEvidence::kVerified;
  for (auto unused : state) {
    const ExtendedProtectionDecision decision =
        EvaluateExtendedProtection(*policy, channel, IdentityKind::kUser, evidence);
    Require(decision.accepted, "the policy refused");
    benchmark::DoNotOptimize(decision);
  }
}

// Look-up and refusal of a proof that is wrong, so that no proof has to be made here. `used`
// accounts, evenly spread over all, come in turn.
void Lookup(benchmark::State& state, size_t accounts, size_t used) {
  std::vector<ntlm::Account> list = MakeAccounts(accounts);
  std::vector<std::string> users;
  for (size_t i = 0; i < used; ++i) {
    users.push_back(list[i * (accounts / used)].user);
  }
  const auto authority = ntlm::CreateMemoryAuthority(std::move(list));
  Require(authority.ok(), "CreateMemoryAuthority");
  const std::vector<uint8_t> response(16 + 400, 0x5a);
  ntlm::LogonRequest request;
  request.domain = kDomain;
  request.workstation = kWorkstation;
  request.nt_response = response;
  // A stride that visits every account and is no neighbour of the one before.
  constexpr size_t kStride = 7919;
  size_t next = 0;
  for (auto unused : state) {
    request.user = users[next];
    next = (next + kStride) % users.size();
    const auto verdict = (*authority)->Verify(request);
    Require(verdict.ok() && verdict->refusal() == Reason::kWrongPassword, "Verify");
  }
}

class CollectingReporter : public benchmark::ConsoleReporter {
 public:
  CollectingReporter() : ConsoleReporter(isatty(STDOUT_FILENO) == 1 ? OO_Defaults : OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.aggregate_name == "median") {
        medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
      }
    }
    ConsoleReporter::ReportRuns(runs);
  }

  const std::map<std::string, double>& medians() const { return medians_; }

 private:
  std::map<std::string, double> medians_;
};

}  // namespace

std::map<std::string, double> RunMicroBenchmarks(int argc, char** argv, bool quick) {
  std::vector<std::string> arguments = {
      "epa_bench", "--benchmark_enable_random_interleaving=true",
      "--benchmark_display_aggregates_only=true",
      quick ? "--benchmark_repetitions=2" : "--benchmark_repetitions=15",
      quick ? "--benchmark_min_time=0.01" : "--benchmark_min_time=0.05"};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  auto count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  Require(!benchmark::ReportUnrecognizedArguments(count, pointers.data()), "unknown argument");

  constexpr size_t kFew = 10;
  constexpr size_t kMany = 100'000;
  benchmark::RegisterBenchmark(kBindingCached, BindingCached);
  benchmark::RegisterBenchmark(kBindingNaive, BindingNaive);
  benchmark::RegisterBenchmark(kDecision, Decision);
  benchmark::RegisterBenchmark(kLookupFew, Lookup, kFew, kFew);
  benchmark::RegisterBenchmark(kLookupMany, Lookup, kMany, kFew);
  benchmark::RegisterBenchmark(kLookupManyAll, Lookup, kMany, kMany);
  CollectingReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return reporter.medians();
}

}  // namespace epa::bench
