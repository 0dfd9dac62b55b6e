// A Kerberos login between a client and a server in one process.
#ifndef EPA_TESTS_SUPPORT_KERBEROS_EXCHANGE_H_
#define EPA_TESTS_SUPPORT_KERBEROS_EXCHANGE_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/kerberos/kerberos.h"
#include "tests/support/private_kdc.h"
#include "tests/support/recording_audit_sink.h"

namespace epa::test {

inline constexpr std::string_view kKerberosTarget = "HTTP/server.test.example";

// The realm of this test program: started at the first call, stopped at its end.
PrivateKdc& TestRealm();

// A tls-server-end-point binding whose hash is made of `seed`.
ChannelBindings KerberosBindings(uint8_t seed);

// Options for the realm, with the in-process replay cache.
kerberos::AcceptorOptions RealmAcceptor();
// alice by her password.
kerberos::InitiatorOptions RealmInitiator();

// Credentials of those options. Set-up faults end the test program.
std::shared_ptr<const Credentials> MakeAcceptor(kerberos::AcceptorOptions options);
std::shared_ptr<const Credentials> MakeInitiator(kerberos::InitiatorOptions options);
// The same for every test of the program, so that tickets are fetched once.
std::shared_ptr<const Credentials> SharedAcceptor();
std::shared_ptr<const Credentials> SharedInitiator();

// The defaults are a client that does everything right against a server in mode 2 on TLS.
struct KerberosSetup {
  ExtendedProtectionOptions policy;
  std::shared_ptr<const Credentials> acceptor;   // null: SharedAcceptor
  std::shared_ptr<const Credentials> initiator;  // null: SharedInitiator
  Channel server_channel = Channel::Tls(KerberosBindings(1));
  Channel client_channel = Channel::Tls(KerberosBindings(1));
  InitiatorParameters parameters = {.target_name = std::string(kKerberosTarget)};
  std::shared_ptr<RecordingAuditSink> audit;  // the server's; may be null
  std::function<void(std::vector<uint8_t>&)> on_request;
  std::function<void(std::vector<uint8_t>&)> on_reply;
};

struct KerberosExchange {
  std::unique_ptr<SecurityContext> client;
  std::unique_ptr<SecurityContext> server;
  std::vector<uint8_t> request;
  std::vector<uint8_t> reply;
  // Of the last step on each side.
  StepResult client_result;
  StepResult server_result;
};

std::unique_ptr<SecurityContext> MakeKerberosClient(const KerberosSetup& setup);
std::unique_ptr<SecurityContext> MakeKerberosServer(const KerberosSetup& setup);
// Set-up faults end the test program.
KerberosExchange RunKerberos(const KerberosSetup& setup);
// Steps with all pending work; a fault of ours ends the test program.
StepResult KerberosStep(SecurityContext& context, std::span<const uint8_t> token);

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_KERBEROS_EXCHANGE_H_
