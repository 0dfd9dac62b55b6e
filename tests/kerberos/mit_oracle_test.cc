// Our ends against MIT's GSS-API, in both directions.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/kerberos/mit_gss.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

using test::KerberosBindings;
using test::KerberosSetup;
using test::KerberosStep;
using test::TestRealm;

constexpr OM_uint32 kMitFlags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                                GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

std::vector<uint8_t> ApplicationData(uint8_t seed) {
  const ChannelBindings bindings = KerberosBindings(seed);
  const auto data = bindings.application_data();
  return {data.begin(), data.end()};
}

// MIT's configuration comes from a file named in the environment, ours from options.
class MitOracleTest : public testing::Test {
 protected:
  void SetUp() override {
    UseConfiguration(false);
    // Keeps MIT's file of replays out of the machine's.
    setenv("KRB5RCACHENAME", ("file2:" + TestRealm().directory() + "/replays").c_str(), 1);
  }

  static void UseConfiguration(bool client_aware) {
    const std::string path =
        TestRealm().directory() + (client_aware ? "/aware.conf" : "/plain.conf");
    std::ofstream(path) << TestRealm().configuration() << "[libdefaults]\n"
                        << (client_aware ? " client_aware_channel_bindings = true\n" : "");
    setenv("KRB5_CONFIG", path.c_str(), 1);
  }

  static const std::string& Cache() {
    static const std::string cache = TestRealm().Login("alice").value();
    return cache;
  }

  static std::string Keytab() { return "FILE:" + TestRealm().keytab_path(); }
};

struct Login {
  MitContext mit;
  std::unique_ptr<SecurityContext> ours;
};

void MitLogsInToUs(Login& login, const std::string& cache, const std::string& target,
                   OM_uint32 flags = kMitFlags) {
  KerberosSetup setup;
  setup.acceptor = test::MakeAcceptor(test::RealmAcceptor());  // with the keytab as it is now
  login.ours = test::MakeKerberosServer(setup);
  const MitStep first = login.mit.Initiate(cache, target, flags, ApplicationData(1), {});
  ASSERT_EQ(first.major, static_cast<OM_uint32>(GSS_S_CONTINUE_NEEDED));
  const StepResult accepted = KerberosStep(*login.ours, first.token);
  ASSERT_EQ(accepted.state, StepState::kEstablished) << login.ours->reason_detail();
  const MitStep last = login.mit.Initiate(cache, target, flags, ApplicationData(1), accepted.token);
  ASSERT_EQ(last.major, static_cast<OM_uint32>(GSS_S_COMPLETE));
}

void WeLogInToMit(Login& login, const std::string& keytab, const std::string& target,
                  MitStep* result = nullptr, std::shared_ptr<const Credentials> initiator = {}) {
  KerberosSetup setup;
  setup.parameters.target_name = target;
  setup.parameters.want_sealing = true;
  setup.initiator = std::move(initiator);
  login.ours = test::MakeKerberosClient(setup);
  const StepResult first = KerberosStep(*login.ours, {});
  ASSERT_EQ(first.state, StepState::kContinue) << login.ours->reason_detail();
  const MitStep accepted = login.mit.Accept(keytab, ApplicationData(1), first.token);
  ASSERT_EQ(accepted.major, static_cast<OM_uint32>(GSS_S_COMPLETE));
  ASSERT_EQ(KerberosStep(*login.ours, accepted.token).state, StepState::kEstablished);
  if (result != nullptr) {
    *result = accepted;
  }
}

// The same key, and every kind of message understood by the other side, for several sizes.
void ExpectSameProtection(Login& login) {
  const auto key = login.ours->ExportSessionKey();
  ASSERT_OK(key);
  const std::vector<uint8_t> mit_key = login.mit.SessionKey();
  EXPECT_TRUE(ConstantTimeEquals(key->Expose(), mit_key));
  const auto protection = login.ours->message_protection();
  ASSERT_OK(protection);
  for (const size_t size : {0, 1, 15, 16, 17, 1000, 70000}) {
    const std::vector<uint8_t> message(size, static_cast<uint8_t>(size));
    for (const bool seal : {true, false}) {
      const WrapKind kind = seal ? WrapKind::kSealed : WrapKind::kSigned;
      const auto wrapped = (*protection)->Wrap(message, kind);
      ASSERT_OK(wrapped);
      EXPECT_EQ(login.mit.Unwrap(*wrapped, seal), message) << size << seal;
      const auto plain = (*protection)->Unwrap(login.mit.Wrap(message, seal), kind);
      ASSERT_OK(plain);
      EXPECT_EQ(*plain, message);
    }
    std::vector<uint8_t> mic((*protection)->signature_size());
    ASSERT_OK((*protection)->Sign(message, mic));
    EXPECT_TRUE(login.mit.MicHolds(message, mic));
    EXPECT_OK((*protection)->Verify(message, login.mit.Mic(message)));
  }
}

TEST_F(MitOracleTest, MitClientLogsInToOurServer) {
  Login login;
  MitLogsInToUs(login, Cache(), std::string(test::kKerberosTarget));
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(login.ours->reason(), Reason::kBindingMatched);
  EXPECT_EQ(login.ours->evidence()->target_name, test::kKerberosTarget);
  EXPECT_EQ(login.ours->evidence()->target_name_voucher, TargetNameVoucher::kNobody);
  ExpectSameProtection(login);
}

TEST_F(MitOracleTest, OurClientLogsInToMitServer) {
  Login login;
  MitStep accepted;
  WeLogInToMit(login, Keytab(), std::string(test::kKerberosTarget), &accepted);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(accepted.flags & (kMitFlags | kMitChannelBound), kMitFlags | kMitChannelBound);
  ExpectSameProtection(login);
}

TEST_F(MitOracleTest, EveryStrongEncryptionTypeBothWays) {
  for (const std::string type : {"aes128-cts-hmac-sha1-96", "aes128-cts-hmac-sha256-128",
                                 "aes256-cts-hmac-sha384-192", "camellia256-cts-cmac"}) {
    const std::string service = "HTTP/" + type + ".test.example";
    ASSERT_OK(TestRealm().Admin("addprinc -randkey -e " + type + ":normal " + service));
    ASSERT_OK(TestRealm().Admin("setstr " + service + " session_enctypes " + type));
    ASSERT_OK(
        TestRealm().Admin("ktadd -norandkey -k " + TestRealm().keytab_path() + " " + service));
    SCOPED_TRACE(type);
    Login to_us;
    MitLogsInToUs(to_us, Cache(), service);
    ASSERT_FALSE(HasFatalFailure());
    ExpectSameProtection(to_us);
    Login to_mit;
    WeLogInToMit(to_mit, Keytab(), service);
    ASSERT_FALSE(HasFatalFailure());
    ExpectSameProtection(to_mit);
  }
}

TEST_F(MitOracleTest, DelegationBothWays) {
  Login to_us;
  MitLogsInToUs(to_us, Cache(), std::string(test::kKerberosTarget), kMitFlags | GSS_C_DELEG_FLAG);
  ASSERT_FALSE(HasFatalFailure());
  KerberosSetup onward;
  onward.initiator = to_us.ours->peer()->account()->authorization->delegated_credentials;
  ASSERT_NE(onward.initiator, nullptr);
  EXPECT_EQ(test::RunKerberos(onward).server_result.state, StepState::kEstablished);

  InitiatorOptions options = test::RealmInitiator();
  options.delegate = true;
  const auto initiator = test::MakeInitiator(std::move(options));
  for (const bool allowed : {true, false}) {
    Login to_mit;
    MitStep accepted;
    WeLogInToMit(to_mit, Keytab(),
                 allowed ? "cifs/server.test.example" : std::string(test::kKerberosTarget),
                 &accepted, initiator);
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(accepted.delegated, allowed);
    EXPECT_EQ((accepted.flags & GSS_C_DELEG_FLAG) != 0, allowed);
  }
}

// MIT's own matrix: no bindings, the right ones, others, on either side; with and without
// KERB_AP_OPTIONS_CBT. Mode 1 must decide exactly as MIT does.
TEST_F(MitOracleTest, BindingsMatrixDecidesAsMitDoes) {
  struct Pair {
    uint8_t client;  // 0: none
    uint8_t server;
  };
  for (const bool aware : {false, true}) {
    for (const Pair pair : {Pair{0, 0}, Pair{1, 0}, Pair{0, 1}, Pair{1, 1}, Pair{2, 1}}) {
      SCOPED_TRACE(std::to_string(aware) + std::to_string(pair.client) +
                   std::to_string(pair.server));
      UseConfiguration(aware);
      const auto data = [](uint8_t seed) {
        return seed == 0 ? std::vector<uint8_t>() : ApplicationData(seed);
      };
      MitContext client, server;
      const MitStep request = client.Initiate(Cache(), std::string(test::kKerberosTarget),
                                              kMitFlags, data(pair.client), {});
      const MitStep theirs = server.Accept(Keytab(), data(pair.server), request.token);
      KerberosSetup setup;
      setup.policy.mode = ExtendedProtectionMode::kAllow;
      setup.policy.no_service_name_check = setup.policy.nothing_to_check = pair.server == 0;
      setup.server_channel =
          pair.server == 0 ? Channel::Plain() : Channel::Tls(KerberosBindings(pair.server));
      const auto ours = test::MakeKerberosServer(setup);
      const StepResult result = KerberosStep(*ours, request.token);
      EXPECT_EQ(result.state == StepState::kEstablished, theirs.major == GSS_S_COMPLETE);
      if (result.state == StepState::kEstablished) {
        EXPECT_EQ(ours->evidence()->binding == BindingEvidence::kMatched,
                  (theirs.flags & kMitChannelBound) != 0);
      }
    }
  }
}

// What our client says, as MIT's server understands it.
TEST_F(MitOracleTest, BindingRequestsAreUnderstoodByMit) {
  struct Case {
    BindingRequest request;
    bool tls;
    bool accepted;
    bool bound;
  };
  for (const Case c : {Case{BindingRequest::kFromChannel, true, true, true},
                       Case{BindingRequest::kFromChannel, false, false, false},
                       Case{BindingRequest::kExplicitNone, true, false, false},
                       Case{BindingRequest::kOmit, true, true, false}}) {
    KerberosSetup setup;
    setup.client_channel = c.tls ? Channel::Tls(KerberosBindings(1)) : Channel::Plain();
    setup.parameters.binding = c.request;
    const auto client = test::MakeKerberosClient(setup);
    const StepResult request = KerberosStep(*client, {});
    MitContext server;
    const MitStep step = server.Accept(Keytab(), ApplicationData(1), request.token);
    SCOPED_TRACE(static_cast<int>(c.request));
    EXPECT_EQ(step.major == GSS_S_COMPLETE, c.accepted);
    EXPECT_EQ((step.flags & kMitChannelBound) != 0, c.bound);
  }
}

}  // namespace
}  // namespace epa::kerberos
