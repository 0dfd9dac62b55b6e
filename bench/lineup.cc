#include "bench/lineup.h"

#include <string>
#include <utility>

#include "bench/c_abi.h"
#include "bench/peers/gss_krb5.h"
#include "bench/peers/krb5_floor.h"
#include "bench/peers/openssl_floor.h"
#include "bench/peers/winpr.h"

namespace epa::bench {
namespace {

constexpr size_t kFewAccounts = 10;
constexpr size_t kManyAccounts = 100'000;
// libkrb5's names.
constexpr char kNoReplayCache[] = "none:";
constexpr char kDefaultReplayCache[] = "dfl:";

// The lengths of this library's own messages, for a floor that hashes as much as it does.
FloorSizes SizesOf(const Contender& contender) {
  // [MS-NLMP] 2.2.1.3, 2.2.2.8: what an AUTHENTICATE_MESSAGE has besides the client challenge.
  constexpr size_t kAuthenticateHeader = 88;
  constexpr size_t kLmResponse = 24;
  constexpr size_t kProof = 16;
  constexpr size_t kSessionKey = 16;
  constexpr size_t kServerChallenge = 8;
  constexpr size_t kMessages = 3;
  const size_t names = 2 * (kUser.size() + kDomain.size() + kWorkstation.size());
  const std::unique_ptr<Worker> worker = contender.CreateWorker(1);
  FloorSizes sizes;
  sizes.mic = 0;
  for (size_t leg = 0; leg < kMessages; ++leg) {
    worker->Step(0, leg);
    sizes.mic += worker->token_size(0);
  }
  const size_t around = kAuthenticateHeader + kLmResponse + kProof + kSessionKey + names;
  Require(worker->token_size(0) > around, "an AUTHENTICATE_MESSAGE without a response");
  sizes.proof = kServerChallenge + worker->token_size(0) - around;
  return sizes;
}

std::unique_ptr<Contender> Eager(OurLogin login) {
  login.name += ", keys made";
  login.keys = ProtectionKeys::kInEveryLogin;
  return CreateOurs(std::move(login));
}

std::unique_ptr<Contender> Shaped(OurLogin login, std::string_view suffix, MessageShape shape) {
  login.name += suffix;
  login.shape = shape;
  return CreateOurs(std::move(login));
}

}  // namespace

Lineup::Lineup()
    : our_ntlm(NtlmLogin("libepa NTLM", kFewAccounts)),
      our_kerberos(KerberosLogin("libepa Kerberos", realm, kerberos::ReplayCache::kNone)),
      gss_ntlm(CreateGssNtlmssp("gss-ntlmssp", false)),
      winpr(CreateWinPr()),
      ntlm(CreateOurs(our_ntlm)),
      ntlm_many(CreateOurs(NtlmLogin("libepa NTLM, 100000 acc.", kManyAccounts))),
      ntlm_eager(Eager(our_ntlm)),
      c_abi(CreateCAbi("libepa NTLM, C ABI")),
      floor(CreateOpenSslFloor("OpenSSL floor, 1 KiB", {})),
      small_floor(CreateOpenSslFloor("OpenSSL floor, as libepa", SizesOf(*ntlm))),
      gss_krb5(CreateGssKrb5("MIT krb5", realm, kNoReplayCache, false)),
      gss_krb5_replay(CreateGssKrb5("MIT krb5, replay cache", realm, kDefaultReplayCache, false)),
      krb5_floor(CreateKrb5Floor("libkrb5 alone", realm, PacCheck::kNone)),
      krb5_floor_with_pac(
          CreateKrb5Floor("libkrb5 alone, PAC checked", realm, PacCheck::kByAcceptor)),
      kerberos(CreateOurs(our_kerberos)),
      kerberos_in_process(CreateOurs(KerberosLogin("libepa Kerberos, in-process rc", realm,
                                                   kerberos::ReplayCache::kInProcess))),
      kerberos_shared(CreateOurs(
          KerberosLogin("libepa Kerberos, shared rc", realm, kerberos::ReplayCache::kShared))),
      kerberos_wrap(Shaped(our_kerberos, ", Wrap", MessageShape::kWrapped)),
      kerberos_layer(Shaped(our_kerberos, ", SASL", MessageShape::kInSaslLayer)),
      spnego_ntlm(CreateGssNtlmssp("MIT SPNEGO, gss-ntlmssp", true)),
      spnego_krb5(CreateGssKrb5("MIT SPNEGO, MIT krb5", realm, kNoReplayCache, true)),
      negotiate_ntlm(
          CreateOurs(NegotiateLogin("libepa Negotiate, NTLM", our_ntlm, kNegotiateNtlmLegs))),
      negotiate_kerberos(
          CreateOurs(NegotiateLogin("libepa Negotiate, Kerberos", our_kerberos, kKerberosLegs))),
      our_smb(StartOurSmbServer()),
      samba(StartSamba()) {}

ContenderList Lineup::NtlmLogins() const {
  return {gss_ntlm.get(), winpr.get(),       ntlm.get(),       ntlm_many.get(),
          floor.get(),    small_floor.get(), ntlm_eager.get(), c_abi.get()};
}

ContenderList Lineup::KerberosLogins() const {
  return {
      gss_krb5.get(), gss_krb5_replay.get(),     krb5_floor.get(),     krb5_floor_with_pac.get(),
      kerberos.get(), kerberos_in_process.get(), kerberos_shared.get()};
}

ContenderList Lineup::NegotiateLogins() const {
  return {spnego_ntlm.get(), negotiate_ntlm.get(), spnego_krb5.get(), negotiate_kerberos.get()};
}

}  // namespace epa::bench
