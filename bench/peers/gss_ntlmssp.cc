#include "bench/peers/gss_ntlmssp.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "bench/peers/gss_login.h"
#include "bench/smbpasswd_line.h"

namespace epa::bench {
namespace {

// 1.3.6.1.4.1.311.2.2.10, NTLMSSP.
gss_OID NtlmsspMechanism() {
  static char octets[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
  static gss_OID_desc oid = {sizeof(octets) - 1, octets};
  return &oid;
}

gss_cred_id_t AcquireCredentials(gss_OID mechanism, gss_name_t name, gss_cred_usage_t usage) {
  gss_OID_set_desc mechanisms = {1, mechanism};
  gss_cred_id_t credentials = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  RequireGss(gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage, &credentials,
                              nullptr, nullptr),
             GSS_S_COMPLETE, "gss_acquire_cred (is the package gss-ntlmssp installed?)");
  return credentials;
}

}  // namespace

NtlmsspAccounts::NtlmsspAccounts() {
  WriteAccounts();
  setenv("NTLM_USER_FILE", path_.c_str(), 1);
  // Without them every context asks winbind for its names.
  setenv("NETBIOS_COMPUTER_NAME", std::string(kNetbiosComputer).c_str(), 1);
  setenv("NETBIOS_DOMAIN_NAME", std::string(kNetbiosDomain).c_str(), 1);
}

NtlmsspAccounts::~NtlmsspAccounts() {
  unlink(path_.c_str());
  rmdir(directory_.c_str());
}

// One line of smbpasswd: the fastest of the formats that gss-ntlmssp reads.
void NtlmsspAccounts::WriteAccounts() {
  char directory[] = "/tmp/epa_bench_XXXXXX";
  Require(mkdtemp(directory) != nullptr, "no temporary directory");
  directory_ = directory;
  path_ = directory_ + "/smbpasswd";
  std::FILE* file = std::fopen(path_.c_str(), "w");
  Require(file != nullptr, "no account file");
  std::fputs(SmbpasswdLine(kUser, 1000).c_str(), file);
  Require(std::fclose(file) == 0, "cannot write the account file");
}

std::unique_ptr<Contender> CreateGssNtlmssp(std::string name, bool inside_spnego) {
  const gss_OID mechanism = inside_spnego ? SpnegoMechanism() : NtlmsspMechanism();
  gss_name_t user =
      ImportName(std::string(kDomain) + "\\" + std::string(kUser), GSS_C_NT_USER_NAME);
  GssLogin login;
  login.name = std::move(name);
  login.mechanism = mechanism;
  login.client_credentials = AcquireCredentials(mechanism, user, GSS_C_INITIATE);
  login.server_credentials = AcquireCredentials(mechanism, GSS_C_NO_NAME, GSS_C_ACCEPT);
  login.legs = inside_spnego ? kNegotiateNtlmLegs : kNtlmLegs;
  login.ask_for_ntlm_mic = !inside_spnego;
  if (inside_spnego) {
    RestrictSpnego(login.client_credentials, NtlmsspMechanism());
    RestrictSpnego(login.server_credentials, NtlmsspMechanism());
  }
  OM_uint32 minor = 0;
  gss_release_name(&minor, &user);
  return CreateGssContender(std::move(login));
}

}  // namespace epa::bench
