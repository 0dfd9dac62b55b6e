// What an AP-REQ proves, to the acceptor and to whoever only looks.
#include "providers/kerberos/inspection.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

class InspectionTest : public testing::Test {
 protected:
  InspectionTest()
      : pool_(ContextPool::Create({.path = {}, .contents = test::TestRealm().configuration()},
                                  /*allow_weak_encryption=*/false, nullptr)
                  .value()),
        rules_{.keytab = KeytabSource::FromFile(
                             pool_, {.paths = {test::TestRealm().keytab_path()}, .interval = {}})
                             .value()} {}

  Reason Inspect(std::span<const uint8_t> request, const Channel& channel,
                 RequestUse use = RequestUse::kInspection) {
    const auto lease = pool_->Acquire();
    EXPECT_OK(lease);
    Inspection inspection(lease->context());
    auto result = OpenRequest(lease->workspace(), rules_, ReadFramedMessage(request)->message, use,
                              inspection);
    if (result.ok() && result->outcome == MechanismResult::Outcome::kVerified) {
      result = CollectEvidence(lease->workspace(), rules_, channel, inspection);
    }
    EXPECT_OK(result);
    evidence_ = inspection.evidence;
    principal_ = inspection.identity.authorization != nullptr
                     ? inspection.identity.authorization->principal
                     : "";
    return result->reason;
  }

  std::shared_ptr<ContextPool> pool_;
  InspectionRules rules_;
  ExtendedProtectionEvidence evidence_;
  std::string principal_;
};

TEST_F(InspectionTest, FindsWhatTheAcceptorFindsAndMayBeRepeated) {
  const auto client = test::MakeKerberosClient({});
  const std::vector<uint8_t> request = test::KerberosStep(*client, {}).token;
  const Channel channel = Channel::Tls(std::make_shared<const ChannelBindingsList>(
      ChannelBindingsList{test::KerberosBindings(9), test::KerberosBindings(1)}));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Inspect(request, channel), Reason::kNone);
    EXPECT_EQ(principal_, "alice@TEST.EXAMPLE");
    EXPECT_EQ(evidence_.binding, BindingEvidence::kMatched);
    EXPECT_EQ(evidence_.matched_binding, 1u);
    EXPECT_EQ(evidence_.target_name, test::kKerberosTarget);
    EXPECT_EQ(evidence_.target_name_voucher, TargetNameVoucher::kClient);
  }
  // Nor does it spoil the login itself.
  test::KerberosSetup setup;
  setup.server_channel = channel;
  const auto server = test::MakeKerberosServer(setup);
  ASSERT_EQ(test::KerberosStep(*server, request).state, StepState::kEstablished);
  EXPECT_EQ(server->evidence()->target_name, evidence_.target_name);
  EXPECT_EQ(server->evidence()->matched_binding, evidence_.matched_binding);
  EXPECT_EQ(server->peer()->account()->authorization->principal, principal_);
  EXPECT_EQ(Inspect(request, channel), Reason::kNone);
}

// What those use who leave the login to another implementation.
class InspectorTest : public testing::Test {
 protected:
  std::unique_ptr<SecurityContext> Inspector(ExtendedProtectionMode mode) {
    auto options = test::RealmAcceptor();
    AcceptOptions accept;
    accept.credentials = CreateInspectorCredentials(std::move(options)).value();
    accept.policy = std::make_shared<const ExtendedProtectionPolicy>(
        ExtendedProtectionPolicy::Create({.mode = mode}).value());
    accept.channel = Channel::Tls(test::KerberosBindings(1));
    accept.audit = audit_;
    return SecurityContext::Accept(std::move(accept)).value();
  }
  static std::vector<uint8_t> Request(BindingRequest binding) {
    test::KerberosSetup setup;
    setup.parameters.binding = binding;
    return test::KerberosStep(*test::MakeKerberosClient(setup), {}).token;
  }

  std::shared_ptr<test::RecordingAuditSink> audit_ = std::make_shared<test::RecordingAuditSink>();
};

TEST_F(InspectorTest, LetsTheSameTokenBeAcceptedAfterwards) {
  const std::vector<uint8_t> request = Request(BindingRequest::kFromChannel);
  for (int i = 0; i < 2; ++i) {
    const auto inspector = Inspector(ExtendedProtectionMode::kRequire);
    const StepResult result = test::KerberosStep(*inspector, request);
    ASSERT_EQ(result.state, StepState::kEstablished);
    EXPECT_TRUE(result.token.empty());
    EXPECT_EQ(inspector->peer()->account()->user, "alice");
    EXPECT_EQ(inspector->evidence()->matched_binding, 0u);
    EXPECT_FALSE(inspector->ExportSessionKey().ok());
    EXPECT_FALSE(inspector->message_protection().ok());
  }
  EXPECT_EQ(test::KerberosStep(*test::MakeKerberosServer({}), request).state,
            StepState::kEstablished);
}

TEST_F(InspectorTest, IsDecidedByThePolicyAsEveryLogin) {
  const std::vector<uint8_t> request = Request(BindingRequest::kOmit);
  EXPECT_EQ(test::KerberosStep(*Inspector(ExtendedProtectionMode::kAllow), request).state,
            StepState::kEstablished);
  EXPECT_EQ(test::KerberosStep(*Inspector(ExtendedProtectionMode::kRequire), request).state,
            StepState::kRejected);
  ASSERT_EQ(audit_->events.size(), 2u);
  EXPECT_EQ(audit_->events[1].reason, Reason::kBindingMissing);
}

TEST_F(InspectorTest, RefusesLongerTokensThanAnyClientSends) {
  const size_t most = KerberosPackageInfo().max_token_size;
  for (const size_t size : {most, most + 1}) {
    const auto inspector = Inspector(ExtendedProtectionMode::kLegacy);
    test::KerberosStep(*inspector, std::vector<uint8_t>(size, 0x60));
    EXPECT_EQ(inspector->reason(), size > most ? Reason::kTokenTooLarge : Reason::kMalformedToken);
  }
}

TEST_F(InspectorTest, RefusesWhatIsNoRequest) {
  for (const std::vector<uint8_t>& token : {std::vector<uint8_t>{}, std::vector<uint8_t>(100, 0x60),
                                            std::vector<uint8_t>(70000, 0x60)}) {
    EXPECT_EQ(test::KerberosStep(*Inspector(ExtendedProtectionMode::kLegacy), token).state,
              StepState::kRejected);
  }
}

TEST_F(InspectionTest, StoresInTheSharedCacheOnDemandAlone) {
  const std::string cache = "file2:" + test::TestRealm().directory() + "/inspected";
  setenv("KRB5RCACHENAME", cache.c_str(), 1);
  const auto client = test::MakeKerberosClient({});
  const std::vector<uint8_t> request = test::KerberosStep(*client, {}).token;
  EXPECT_EQ(Inspect(request, Channel::Plain()), Reason::kNone);
  EXPECT_EQ(Inspect(request, Channel::Plain(), RequestUse::kLoginInSharedCache), Reason::kNone);
  EXPECT_EQ(Inspect(request, Channel::Plain(), RequestUse::kLoginInSharedCache), Reason::kReplay);
  EXPECT_EQ(Inspect(request, Channel::Plain()), Reason::kNone);
  unsetenv("KRB5RCACHENAME");
}

TEST_F(InspectionTest, RefusesWhatProvesNothing) {
  const auto client = test::MakeKerberosClient({});
  std::vector<uint8_t> request = test::KerberosStep(*client, {}).token;
  request.back() ^= 1;
  EXPECT_EQ(Inspect(request, Channel::Plain()), Reason::kTicketInvalid);
}

}  // namespace
}  // namespace epa::kerberos
