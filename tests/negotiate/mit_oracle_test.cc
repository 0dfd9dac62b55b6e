// MIT's SPNEGO at the other end, over its own Kerberos and over gss-ntlmssp.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "providers/negotiate/neg_token.h"
#include "tests/kerberos/mit_gss.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::negotiate {
namespace {

using kerberos::MitContext;
using kerberos::MitStep;
using test::KerberosBindings;
using test::TestRealm;

constexpr OM_uint32 kFlags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                             GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

// 1.3.6.1.4.1.311.2.2.10 ([MS-NLMP] 1.9).
gss_OID_desc kNtlmOid = {10, const_cast<char*>("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")};
const gss_OID kNtlm = &kNtlmOid;
const gss_OID kKerberos = const_cast<gss_OID>(gss_mech_krb5);

std::vector<uint8_t> ApplicationData(uint8_t seed) {
  const ChannelBindings bindings = KerberosBindings(seed);
  const auto data = bindings.application_data();
  return {data.begin(), data.end()};
}

std::shared_ptr<const Credentials> NtlmServer() {
  ntlm::AcceptorOptions options;
  options.authority = test::TestAuthority();
  return *ntlm::CreateAcceptorCredentials(std::move(options));
}

std::shared_ptr<const Credentials> NtlmClient() {
  ntlm::InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("secret-alice");
  return *ntlm::CreateInitiatorCredentials(std::move(options));
}

// What both sides have, preferred first, and whether their channel is the same.
struct Sides {
  std::vector<gss_OID> mit;
  std::vector<std::shared_ptr<const Credentials>> ours;
  uint8_t mit_channel = 1;
};

struct Login {
  MitContext mit;
  std::unique_ptr<SecurityContext> ours;
  MitStep mit_result;
  StepResult our_result;
  // In the order in which they were sent.
  std::vector<std::vector<uint8_t>> tokens;
};

class NegotiateWithMit : public testing::Test {
 protected:
  void SetUp() override {
    setenv("KRB5_CONFIG", TestRealm().configuration_path().c_str(), 1);
    const std::string accounts = TestRealm().directory() + "/ntlm.accounts";
    std::ofstream(accounts) << "EXAMPLE:alice:secret-alice\n";
    setenv("NTLM_USER_FILE", accounts.c_str(), 1);
    // Keeps MIT's file of replays out of the machine's.
    setenv("KRB5RCACHENAME", ("file2:" + TestRealm().directory() + "/replays").c_str(), 1);
  }

  static const std::string& Cache() {
    static const std::string cache = TestRealm().Login("alice").value();
    return cache;
  }

  static bool Done(const Login& login) {
    return login.mit_result.major == GSS_S_COMPLETE &&
           login.our_result.state == StepState::kEstablished;
  }

  // Until neither side has anything to send.
  static void Exchange(Login& login, bool mit_begins, const std::function<MitStep()>& mit_step) {
    bool mit_turn = mit_begins;
    while (login.tokens.size() < 10) {
      std::vector<uint8_t>& token = login.tokens.emplace_back();
      if (mit_turn) {
        login.mit_result = mit_step();
        token = login.mit_result.token;
      } else {
        login.our_result = test::KerberosStep(
            *login.ours, login.tokens.size() > 1 ? login.tokens.end()[-2] : std::vector<uint8_t>());
        token = login.our_result.token;
      }
      if (token.empty()) {
        login.tokens.pop_back();
        break;
      }
      mit_turn = !mit_turn;
    }
  }

  static std::vector<uint8_t> LastOf(const Login& login) {
    return login.tokens.size() > 1 ? login.tokens.end()[-2] : std::vector<uint8_t>();
  }

  static void MitLogsIn(Login& login, const Sides& setup) {
    login.mit.Negotiate(setup.mit, "alice");
    AcceptOptions accept;
    accept.credentials = *CreateAcceptorCredentials(setup.ours);
    accept.policy = std::make_shared<ExtendedProtectionPolicy>(
        *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kRequire}));
    accept.channel = Channel::Tls(KerberosBindings(1));
    accept.audit = NoAudit();
    login.ours = *SecurityContext::Accept(std::move(accept));
    Exchange(login, true, [&] {
      return login.mit.Initiate(Cache(), std::string(test::kKerberosTarget), kFlags,
                                ApplicationData(setup.mit_channel), LastOf(login));
    });
  }

  static void WeLogIn(Login& login, const Sides& setup) {
    login.mit.Negotiate(setup.mit);
    InitiateOptions initiate;
    initiate.credentials = *CreateInitiatorCredentials(setup.ours);
    initiate.channel = Channel::Tls(KerberosBindings(1));
    initiate.parameters.target_name = test::kKerberosTarget;
    initiate.parameters.want_sealing = true;
    login.ours = *SecurityContext::Initiate(std::move(initiate));
    Exchange(login, false, [&] {
      return login.mit.Accept("FILE:" + TestRealm().keytab_path(),
                              ApplicationData(setup.mit_channel), LastOf(login));
    });
  }

  static void ExpectEstablished(Login& login, std::string_view package) {
    ASSERT_EQ(login.mit_result.major, static_cast<OM_uint32>(GSS_S_COMPLETE));
    ASSERT_EQ(login.our_result.state, StepState::kEstablished)
        << ReasonName(login.ours->reason()) << " " << login.ours->reason_detail();
    EXPECT_EQ(*login.ours->package_name(), package);
    for (const size_t size : {1, 2, 1000}) {
      const std::vector<uint8_t> message(size, static_cast<uint8_t>(size));
      const auto wrapped = login.ours->Wrap(message);
      ASSERT_OK(wrapped);
      EXPECT_EQ(login.mit.Unwrap(*wrapped, true), message);
      const auto read = login.ours->Unwrap(login.mit.Wrap(message, true));
      ASSERT_OK(read);
      EXPECT_EQ(*read, message);
    }
  }

  // How many messages carry a mechListMIC.
  static int Mics(const Login& login) {
    int count = 0;
    for (const auto& token : login.tokens) {
      const auto resp = ParseNegTokenResp(token);
      count += resp.ok() && resp->mech_list_mic.has_value() ? 1 : 0;
    }
    return count;
  }
};

TEST_F(NegotiateWithMit, MitClientWithNtlm) {
  Login login;
  MitLogsIn(login, {{kNtlm}, {NtlmServer()}});
  ExpectEstablished(login, "NTLM");
  EXPECT_EQ(login.tokens.size(), 4u);
  EXPECT_EQ(Mics(login), 2);
}

TEST_F(NegotiateWithMit, OurClientWithNtlm) {
  Login login;
  WeLogIn(login, {{kNtlm}, {NtlmClient()}});
  ExpectEstablished(login, "NTLM");
  EXPECT_EQ(login.tokens.size(), 4u);
  EXPECT_EQ(Mics(login), 2);
}

TEST_F(NegotiateWithMit, MitClientWithKerberos) {
  Login login;
  MitLogsIn(login, {{kKerberos, kNtlm}, {test::SharedAcceptor(), NtlmServer()}});
  ExpectEstablished(login, "Kerberos");
  EXPECT_EQ(login.tokens.size(), 2u);
  EXPECT_EQ(login.ours->reason(), Reason::kBindingMatched);
}

TEST_F(NegotiateWithMit, OurClientWithKerberos) {
  Login login;
  WeLogIn(login, {{kKerberos, kNtlm}, {test::SharedInitiator(), NtlmClient()}});
  ExpectEstablished(login, "Kerberos");
  EXPECT_EQ(login.tokens.size(), 2u);
}

TEST_F(NegotiateWithMit, OurClientWithKerberosThatIsNotMutual) {
  auto options = test::RealmInitiator();
  options.mutual_authentication = false;
  Login login;
  WeLogIn(login, {{kKerberos}, {test::MakeInitiator(std::move(options))}});
  ExpectEstablished(login, "Kerberos");
}

// The client prefers what the server lacks: an odd number of mechanism tokens, so the client's
// proof goes first (RFC 4178 5 (c)).
TEST_F(NegotiateWithMit, MitClientIsSwitchedToNtlm) {
  Login login;
  MitLogsIn(login, {{kKerberos, kNtlm}, {NtlmServer()}});
  ExpectEstablished(login, "NTLM");
  ASSERT_EQ(login.tokens.size(), 6u);
  const auto answer = ParseNegTokenResp(login.tokens[1]);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->state, NegState::kRequestMic);
  EXPECT_FALSE(answer->response_token.has_value());
  EXPECT_TRUE(ParseNegTokenResp(login.tokens[4])->mech_list_mic.has_value());
  EXPECT_TRUE(ParseNegTokenResp(login.tokens[5])->mech_list_mic.has_value());
}

TEST_F(NegotiateWithMit, OurClientIsSwitchedToNtlm) {
  Login login;
  WeLogIn(login, {{kNtlm}, {test::SharedInitiator(), NtlmClient()}});
  ExpectEstablished(login, "NTLM");
  EXPECT_EQ(login.tokens.size(), 6u);
  EXPECT_EQ(Mics(login), 2);
}

// An even number of mechanism tokens: the server's proof goes first, and after the client's there
// is nothing left to say (RFC 4178 5 (b) I).
TEST_F(NegotiateWithMit, MitClientIsSwitchedToKerberos) {
  Login login;
  MitLogsIn(login, {{kNtlm, kKerberos}, {test::SharedAcceptor()}});
  ExpectEstablished(login, "Kerberos");
  EXPECT_EQ(login.tokens.size(), 5u);
  EXPECT_EQ(Mics(login), 2);
}

TEST_F(NegotiateWithMit, OurClientIsSwitchedToKerberos) {
  Login login;
  WeLogIn(login, {{kKerberos}, {NtlmClient(), test::SharedInitiator()}});
  ExpectEstablished(login, "Kerberos");
  EXPECT_EQ(login.tokens.size(), 5u);
  EXPECT_EQ(Mics(login), 2);
}

TEST_F(NegotiateWithMit, OurServerRefusesMitClientsOfAnotherChannel) {
  for (const gss_OID mechanism : {kKerberos, kNtlm}) {
    Login login;
    MitLogsIn(login, {{mechanism}, {test::SharedAcceptor(), NtlmServer()}, 2});
    EXPECT_FALSE(Done(login));
    EXPECT_EQ(login.ours->reason(), Reason::kBindingMismatch);
  }
}

TEST_F(NegotiateWithMit, MitServerRefusesOurClientOfAnotherChannel) {
  for (const bool kerberos : {true, false}) {
    Login login;
    WeLogIn(login, {{kKerberos, kNtlm}, {kerberos ? test::SharedInitiator() : NtlmClient()}, 2});
    EXPECT_FALSE(Done(login));
    EXPECT_TRUE(GSS_ERROR(login.mit_result.major));
  }
}

TEST_F(NegotiateWithMit, NothingInCommonIsRefusedByBothServers) {
  Login to_us;
  MitLogsIn(to_us, {{kNtlm}, {test::SharedAcceptor()}});
  EXPECT_EQ(to_us.ours->reason(), Reason::kUnsupportedMechanism);
  Login to_mit;
  WeLogIn(to_mit, {{kKerberos}, {NtlmClient()}});
  EXPECT_TRUE(GSS_ERROR(to_mit.mit_result.major));
  EXPECT_FALSE(Done(to_mit));
}

}  // namespace
}  // namespace epa::negotiate
