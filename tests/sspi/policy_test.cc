// A whole extended-protection policy in a credentials handle, and the audit trail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <mutex>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

using ::testing::HasSubstr;

struct Trail {
  static void Record(void* argument, const char* json) {
    auto* trail = static_cast<Trail*>(argument);
    const std::lock_guard lock(trail->mutex);
    trail->events.emplace_back(json);
  }

  std::mutex mutex;
  std::vector<std::string> events;
};

EPA_PROTECTION_POLICY Policy(ULONG mode) {
  EPA_PROTECTION_POLICY policy{};
  policy.Length = sizeof(policy);
  policy.Mode = mode;
  return policy;
}

class OwnPolicy : public ::testing::TestWithParam<LoginKind> {
 protected:
  // The server's verdict on a client with the right binding or none.
  SECURITY_STATUS Verdict(const EPA_PROTECTION_POLICY& policy, SideOptions client = {},
                          SideOptions server = {}) {
    EPA_AUTH_DATA data = ServerData(GetParam());
    data.Policy = &policy;
    data.Audit = &Trail::Record;
    data.AuditArgument = &trail_;
    Login login(GetParam(), std::move(client), std::move(server), ClientData(GetParam()), data);
    const SECURITY_STATUS status = RunLogin(login.client, login.server).server;
    result_ = login.server.result;
    return status;
  }

  SideOptions Bound(uint8_t seed, ULONG request = 0) {
    SideOptions options;
    options.bindings = SecBindings(seed);
    options.request = request;
    return options;
  }

  SECURITY_STATUS AcquireWith(const EPA_PROTECTION_POLICY& policy) {
    EPA_AUTH_DATA data = ServerData(GetParam());
    data.Policy = &policy;
    CredHandle handle{};
    const SECURITY_STATUS status =
        Acquire(Form::kW, GetParam().package, SECPKG_CRED_INBOUND, &data, &handle);
    if (status == SEC_E_OK) {
      epa_FreeCredentialsHandle(&handle);
    }
    return status;
  }

  const std::string target_ = GetParam().target;
  const std::array<const char*, 2> ours_ = {target_.c_str(), nullptr};
  const std::array<const char*, 2> others_ = {"HTTP/other.example.com", nullptr};
  Trail trail_;
  std::optional<ULONG> result_;
};

TEST_P(OwnPolicy, DecidesWhateverTheFlagsSay) {
  const EPA_PROTECTION_POLICY require = Policy(EPA_PROTECTION_REQUIRE);
  EXPECT_EQ(Verdict(require, Bound(1), Bound(1, ASC_REQ_ALLOW_MISSING_BINDINGS)), SEC_E_OK);
  EXPECT_EQ(Verdict(require, Bound(2), Bound(1, ASC_REQ_ALLOW_MISSING_BINDINGS)),
            SEC_E_BAD_BINDINGS);
  EXPECT_EQ(Verdict(require, {}, Bound(1, ASC_REQ_PROXY_BINDINGS)), SEC_E_BAD_BINDINGS);
  SideOptions audit;
  audit.bindings = SecBindingsEx(1, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
  EXPECT_EQ(Verdict(require, Bound(2), audit), SEC_E_BAD_BINDINGS);
  EXPECT_EQ(Verdict(Policy(EPA_PROTECTION_LEGACY), Bound(2), Bound(1)), SEC_E_OK);
}

TEST_P(OwnPolicy, ChecksTheServiceNameWithoutTls) {
  EPA_PROTECTION_POLICY policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.AcceptedNames = ours_.data();
  EXPECT_EQ(Verdict(policy), SEC_E_OK);
  policy.AcceptedNames = others_.data();
  EXPECT_EQ(Verdict(policy), SEC_E_LOGON_DENIED);
}

TEST_P(OwnPolicy, ChecksTheServiceNameOnTlsToo) {
  EPA_PROTECTION_POLICY policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.AcceptedNames = others_.data();
  EXPECT_EQ(Verdict(policy, Bound(1), Bound(1)), SEC_E_OK);
  policy.Flags = EPA_POLICY_SERVICE_NAME_ON_TLS;
  EXPECT_EQ(Verdict(policy, Bound(1), Bound(1)), SEC_E_LOGON_DENIED);
  EXPECT_EQ(result_,
            SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED);
}

TEST_P(OwnPolicy, ATrustedProxyWantsSomeBindingAndTheName) {
  EPA_PROTECTION_POLICY policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.Scenario = EPA_SCENARIO_TRUSTED_PROXY;
  policy.AcceptedNames = ours_.data();
  EXPECT_EQ(Verdict(policy, Bound(9)), SEC_E_OK);
  EXPECT_EQ(result_,
            SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY);
  EXPECT_EQ(Verdict(policy), SEC_E_BAD_BINDINGS);
  policy.Flags = EPA_POLICY_PROXY_COHOSTING;
  EXPECT_EQ(Verdict(policy), SEC_E_OK);
}

TEST_P(OwnPolicy, AuditOnlyRefusesNobodyAndTellsAll) {
  EPA_PROTECTION_POLICY policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.Flags = EPA_POLICY_AUDIT_ONLY;
  EXPECT_EQ(Verdict(policy, Bound(2), Bound(1)), SEC_E_OK);
  EXPECT_EQ(result_, SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
                         SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH);
  ASSERT_EQ(trail_.events.size(), 1u);
  EXPECT_THAT(trail_.events.front(), HasSubstr("binding_mismatch"));
}

TEST_P(OwnPolicy, EveryLoginLeavesOneLine) {
  const EPA_PROTECTION_POLICY policy = Policy(EPA_PROTECTION_REQUIRE);
  EXPECT_EQ(Verdict(policy, Bound(1), Bound(1)), SEC_E_OK);
  EXPECT_EQ(Verdict(policy, {}, Bound(1)), SEC_E_BAD_BINDINGS);
  ASSERT_EQ(trail_.events.size(), 2u);
  EXPECT_THAT(trail_.events[0], HasSubstr("binding_matched"));
  EXPECT_THAT(trail_.events[0], HasSubstr("alice"));
  EXPECT_THAT(trail_.events[1], HasSubstr("binding_explicitly_none"));
}

TEST_P(OwnPolicy, WithoutTlsAndNamesThereIsNothingToDecideBy) {
  EXPECT_EQ(Verdict(Policy(EPA_PROTECTION_ALLOW)), SEC_E_INVALID_PARAMETER);
}

TEST_P(OwnPolicy, ContradictionsAreRefusedWhenTheHandleIsMade) {
  EPA_PROTECTION_POLICY policy = Policy(3);
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
  policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.Length = 4;
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
  policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.Flags = 0x200;
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
  policy.Flags = EPA_POLICY_PROXY_COHOSTING;  // and no proxy
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
  policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.Scenario = 2;
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
  const std::array<const char*, 2> no_name = {"not a service name", nullptr};
  policy = Policy(EPA_PROTECTION_REQUIRE);
  policy.AcceptedNames = no_name.data();
  EXPECT_EQ(AcquireWith(policy), SEC_E_UNKNOWN_CREDENTIALS);
}

INSTANTIATE_TEST_SUITE_P(Kinds, OwnPolicy, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace epa::test
