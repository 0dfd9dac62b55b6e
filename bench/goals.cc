#include <limits>

#include "bench/measured.h"
#include "bench/micro.h"

namespace epa::bench {
namespace {

// Not a number where the benchmark did not run.
double FigureOf(const std::map<std::string, double>& medians, const char* name) {
  const auto found = medians.find(name);
  return found == medians.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

HeapUse HeapOf(const Measured& measured, const Lineup::Entry& entry) {
  for (const HeapRow& row : measured.heap) {
    if (row.contender == entry.get()) {
      return row.use;
    }
  }
  return {};
}

void AddScalingGoals(const std::string& name, const LoginSeries& series, double goal,
                     Goals& goals) {
  goals.AtLeast(name + ": two threads / one, wall-clock time", Scaling(series), goal);
  goals.AtLeast(name + ": two threads / one, CPU time", CpuScaling(series), goal);
}

}  // namespace

void AddNtlmGoals(const Lineup& lineup, const Measured& measured, Goals& goals) {
  const LoginSeries& gss = measured.Login(lineup.gss_ntlm);
  const LoginSeries& winpr = measured.Login(lineup.winpr);
  const LoginSeries& ours = measured.Login(lineup.ntlm);
  const LoginSeries& eager = measured.Login(lineup.ntlm_eager);
  goals.AtLeast("NTLM server: gss-ntlmssp / libepa", ServerRatio(gss, ours), 8);
  goals.AtLeast("NTLM server: WinPR / libepa", ServerRatio(winpr, ours), 4);
  goals.AtMost("NTLM server: libepa / OpenSSL floor, 1 KiB",
               ServerRatio(ours, measured.Login(lineup.floor)), 1.3);
  goals.AtMost("NTLM server: libepa / OpenSSL floor, as libepa",
               ServerRatio(ours, measured.Login(lineup.small_floor)), 1.3);
  goals.AtLeast("NTLM server: gss-ntlmssp / libepa, keys made", ServerRatio(gss, eager), 8);
  goals.AtLeast("NTLM server: WinPR / libepa, keys made", ServerRatio(winpr, eager), 4);
  goals.AtLeast("NTLM login: gss-ntlmssp / libepa", FullRatio(gss, ours), 9);
  goals.AtLeast("NTLM login: WinPR / libepa", FullRatio(winpr, ours), 4);
  AddScalingGoals("NTLM", ours, 1.9, goals);
  goals.AtMost("NTLM server: 100000 accounts / 10",
               ServerRatio(measured.Login(lineup.ntlm_many), ours), 1.05);
  goals.AtMost("look-up: 100000 accounts / 10",
               FigureOf(measured.micro, kLookupMany) / FigureOf(measured.micro, kLookupFew), 1.05);
  goals.AtMost("policy decision, ns", FigureOf(measured.micro, kDecision), 100);
  const HeapUse heap = HeapOf(measured, lineup.ntlm);
  goals.AtMost("NTLM half-open server context, octets", heap.half_open_server, 512);
  goals.AtMost("NTLM established server context, octets", heap.established_server, 512);
}

void AddKerberosGoals(const Lineup& lineup, const Measured& measured, Goals& goals) {
  const LoginSeries& gss = measured.Login(lineup.gss_krb5);
  const LoginSeries& gss_replay = measured.Login(lineup.gss_krb5_replay);
  const LoginSeries& ours = measured.Login(lineup.kerberos);
  goals.AtMost("Kerberos server: libepa / MIT krb5, no replay cache", ServerRatio(ours, gss), 1);
  goals.AtMost("Kerberos server: libepa, in-process / MIT, replay cache",
               ServerRatio(measured.Login(lineup.kerberos_in_process), gss_replay), 1);
  goals.AtMost("Kerberos server: libepa, shared / MIT, replay cache",
               ServerRatio(measured.Login(lineup.kerberos_shared), gss_replay), 1);
  // No library that leaves the checks to libkrb5 gets below it.
  constexpr double kMicrosecond = 1e3;
  for (const auto* entry : {&lineup.krb5_floor, &lineup.krb5_floor_with_pac}) {
    const std::string name((*entry)->name());
    const LoginSeries& floor = measured.Login(*entry);
    goals.AtMost("Kerberos server: libepa / " + name, ServerRatio(ours, floor), 1.12);
    goals.AtMost("Kerberos server: added to " + name + ", us",
                 ServerAdded({&ours, &floor}) / kMicrosecond, 2.5);
  }
  goals.AtMost("Kerberos client: libepa / MIT krb5", ClientRatio(ours, gss), 0.5);
  const auto add_messages = [&](const std::string& size, const std::vector<SealSeries>& series,
                                double goal) {
    const SealSeries& theirs = SeriesOf(series, *lineup.gss_krb5);
    const SealSeries& wrapped = SeriesOf(series, *lineup.kerberos_wrap);
    const SealSeries& in_place = SeriesOf(series, *lineup.kerberos);
    goals.AtLeast("Kerberos " + size + ": gss_wrap / Wrap", SealRatio(theirs, wrapped), goal);
    goals.AtLeast("Kerberos " + size + ": gss_unwrap / Unwrap", UnsealRatio(theirs, wrapped), goal);
    goals.AtLeast("Kerberos " + size + ": gss_wrap / Seal", SealRatio(theirs, in_place), goal);
    goals.AtLeast("Kerberos " + size + ": gss_unwrap / Unseal", UnsealRatio(theirs, in_place),
                  goal);
    const SealSeries& layer = SeriesOf(series, *lineup.kerberos_layer);
    goals.AtMost("SASL layer " + size + ": Wrap / Wrap", SealRatio(layer, wrapped), 1.05);
    goals.AtMost("SASL layer " + size + ": Unwrap / Unwrap", UnsealRatio(layer, wrapped), 1.05);
  };
  add_messages("1 KiB", measured.small, 2);
  add_messages("64 KiB", measured.large, 2.5);
  AddScalingGoals("Kerberos", ours, 1.8, goals);
  AddScalingGoals("Kerberos, in-process replay cache", measured.Login(lineup.kerberos_in_process),
                  1.8, goals);
}

void AddNegotiateGoals(const Lineup& lineup, const Measured& measured, Goals& goals) {
  constexpr double kMicrosecond = 1e3;
  const auto add = [&](const std::string& name, const AddedRow& row) {
    goals.AtMost(name + ": added to the client, us", ClientAdded(row) / kMicrosecond, 3);
    goals.AtMost(name + ": added to the server, us", ServerAdded(row) / kMicrosecond, 3);
  };
  add("Negotiate over NTLM", measured.Added(lineup.negotiate_ntlm, lineup.ntlm_eager));
  add("Negotiate over Kerberos", measured.Added(lineup.negotiate_kerberos, lineup.kerberos));
  AddScalingGoals("Negotiate over NTLM", measured.Login(lineup.negotiate_ntlm), 1.8, goals);
  AddScalingGoals("Negotiate over Kerberos", measured.Login(lineup.negotiate_kerberos), 1.8, goals);
}

// What a call costs more than the C++ function behind it.
void AddCAbiGoals(const Lineup& lineup, const Measured& measured, Goals& goals) {
  constexpr double kMicrosecond = 1e3;
  constexpr double kCallsOfASide = kNtlmLegs / 2;
  const AddedRow login = measured.Added(lineup.c_abi, lineup.ntlm);
  goals.AtMost("C ABI: added to a client's call, us",
               ClientAdded(login) / kCallsOfASide / kMicrosecond, 1);
  goals.AtMost("C ABI: added to a server's call, us",
               ServerAdded(login) / kCallsOfASide / kMicrosecond, 1);
  const SealSeries& outer = SeriesOf(measured.small, *lineup.c_abi);
  const SealSeries& inner = SeriesOf(measured.small, *lineup.ntlm);
  goals.AtMost("C ABI: added to EncryptMessage, 1 KiB, us", SealAdded(outer, inner) / kMicrosecond,
               1);
  goals.AtMost("C ABI: added to DecryptMessage, 1 KiB, us",
               UnsealAdded(outer, inner) / kMicrosecond, 1);
  const LoginSeries& through = measured.Login(lineup.c_abi);
  const LoginSeries& direct = measured.Login(lineup.ntlm);
  goals.AtMost("C ABI: NTLM server / C++", ServerRatio(through, direct), 1.15);
  goals.AtMost("C ABI: NTLM login / C++", FullRatio(through, direct), 1.15);
  const HeapUse heap = HeapOf(measured, lineup.c_abi);
  goals.AtMost("C ABI: half-open server context, octets", heap.half_open_server, 640);
  goals.AtMost("C ABI: established server context, octets", heap.established_server, 640);
  goals.AtMost("C ABI: established client context, octets", heap.established_client, 640);
}

void AddSmbGoals(const Measured& measured, Goals& goals) {
  const SmbSeries& ours = measured.smb.front();
  const SmbSeries& samba = measured.smb.back();
  goals.AtLeast("SMB logins/s, one client: epa serve smb / smbd", OneClientRatio(ours, samba), 5);
  goals.AtLeast("SMB logins/s, two clients: epa serve smb / smbd", TwoClientsRatio(ours, samba), 5);
}

}  // namespace epa::bench
