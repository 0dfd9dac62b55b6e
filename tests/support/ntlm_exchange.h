// An NTLM exchange between a client and a server in one process.
#ifndef EPA_TESTS_SUPPORT_NTLM_EXCHANGE_H_
#define EPA_TESTS_SUPPORT_NTLM_EXCHANGE_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/ntlm/ntlm.h"
#include "tests/support/recording_audit_sink.h"

namespace epa::test {

// A tls-server-end-point binding whose hash is made of `seed`.
ChannelBindings Bindings(uint8_t seed);

// alice, bob and carol of EXAMPLE, with the password "secret-" and their name.
std::shared_ptr<const ntlm::NtlmAuthority> TestAuthority();

// The defaults are a client that does everything right against a server in mode 2 on TLS.
struct ExchangeSetup {
  ExtendedProtectionOptions policy;
  ntlm::AcceptorOptions acceptor;    // without an authority: TestAuthority
  ntlm::InitiatorOptions initiator;  // without a user: alice of EXAMPLE
  Channel server_channel = Channel::Tls(Bindings(1));
  Channel client_channel = Channel::Tls(Bindings(1));
  InitiatorParameters parameters = {.target_name = "HTTP/server.example.com"};
  // What an attacker does to the messages on their way.
  std::function<void(std::vector<uint8_t>&)> on_negotiate;
  std::function<void(std::vector<uint8_t>&)> on_challenge;
  std::function<void(std::vector<uint8_t>&)> on_authenticate;
};

// A server of one configuration, for as many connections as a test needs.
class TestServer {
 public:
  // Without an authority: TestAuthority. Set-up faults end the test program.
  TestServer(ExtendedProtectionOptions policy, ntlm::AcceptorOptions acceptor,
             Channel channel = Channel::Tls(Bindings(1)));

  std::unique_ptr<SecurityContext> Accept() const;

  // The events of all connections.
  const std::shared_ptr<RecordingAuditSink> audit = std::make_shared<RecordingAuditSink>();

 private:
  std::shared_ptr<const Credentials> credentials_;
  std::shared_ptr<const ExtendedProtectionPolicy> policy_;
  Channel channel_;
};

// Without a user: alice of EXAMPLE. Set-up faults end the test program.
std::unique_ptr<SecurityContext> MakeClient(ntlm::InitiatorOptions options, Channel channel,
                                            InitiatorParameters parameters);

// The result of a step that is no fault of ours, which would end the test program.
StepResult StepOrDie(SecurityContext& context, std::span<const uint8_t> token);

struct Exchange {
  std::unique_ptr<SecurityContext> client;
  std::unique_ptr<SecurityContext> server;
  std::shared_ptr<RecordingAuditSink> audit;
  // The messages as they arrived.
  std::vector<uint8_t> negotiate;
  std::vector<uint8_t> challenge;
  std::vector<uint8_t> authenticate;
  // Of the last step on each side.
  StepResult client_result;
  StepResult server_result;
};

// Runs the exchange until one side refuses or both are done. Set-up faults end the test program.
Exchange RunExchange(ExchangeSetup setup);

// The server refused for `reason`, sent nothing, and said so in exactly one audit event.
void ExpectRefused(const Exchange& exchange, Reason reason);
void ExpectEstablished(const Exchange& exchange);

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_NTLM_EXCHANGE_H_
