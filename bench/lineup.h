// All contenders.
#ifndef EPA_BENCH_LINEUP_H_
#define EPA_BENCH_LINEUP_H_

#include <memory>

#include "bench/contender.h"
#include "bench/our_logins.h"
#include "bench/peers/gss_ntlmssp.h"
#include "bench/realm.h"
#include "bench/runner.h"
#include "bench/smb_logins.h"

namespace epa::bench {

// Made on the main thread before any other thread exists: peers read environment variables.
struct Lineup {
  using Entry = std::unique_ptr<Contender>;

  Lineup();

  ContenderList NtlmLogins() const;
  ContenderList KerberosLogins() const;
  ContenderList NegotiateLogins() const;

  NtlmsspAccounts accounts;
  Realm realm;

  OurLogin our_ntlm;
  OurLogin our_kerberos;  // without a replay cache

  Entry gss_ntlm;
  Entry winpr;
  Entry ntlm;
  Entry ntlm_many;   // 100000 accounts
  Entry ntlm_eager;  // keys for signing and sealing made
  Entry c_abi;       // like `ntlm`, through the C interface
  Entry floor;
  Entry small_floor;

  Entry gss_krb5;
  Entry gss_krb5_replay;  // with the replay cache that is the default
  Entry krb5_floor;
  Entry krb5_floor_with_pac;
  Entry kerberos;
  Entry kerberos_in_process;
  Entry kerberos_shared;
  Entry kerberos_wrap;   // like `kerberos`, messages in gss_wrap's shape
  Entry kerberos_layer;  // the same inside SASL's security layer

  Entry spnego_ntlm;
  Entry spnego_krb5;
  Entry negotiate_ntlm;
  Entry negotiate_kerberos;

  std::unique_ptr<SmbServer> our_smb;
  std::unique_ptr<SmbServer> samba;
};

}  // namespace epa::bench

#endif  // EPA_BENCH_LINEUP_H_
