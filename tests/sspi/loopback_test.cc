// Every package and form logs in, and the messages after that arrive.
#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

constexpr ULONG kClientRequest = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY |
                                 ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                                 ISC_REQ_CONNECTION;
constexpr ULONG kServerRequest = ASC_REQ_CONFIDENTIALITY | ASC_REQ_CONNECTION;

using Case = std::tuple<LoginKind, Form, bool>;

class Loopback : public ::testing::TestWithParam<Case> {
 protected:
  const LoginKind& kind() const { return std::get<0>(GetParam()); }
  SideOptions Options(ULONG request) const {
    SideOptions options;
    options.form = std::get<1>(GetParam());
    options.request = request | (std::get<2>(GetParam()) ? ISC_REQ_ALLOCATE_MEMORY : 0);
    options.bindings = SecBindings(1);
    return options;
  }
};

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  return std::get<0>(info.param).name + (std::get<1>(info.param) == Form::kA ? "A" : "W") +
         (std::get<2>(info.param) ? "Allocated" : "");
}

TEST_P(Loopback, LogsInBoundToTheChannel) {
  Login login(kind(), Options(kClientRequest), Options(kServerRequest));
  const Outcome outcome = RunLogin(login.client, login.server);
  ASSERT_EQ(outcome.client, SEC_E_OK) << std::hex << outcome.client;
  ASSERT_EQ(outcome.server, SEC_E_OK) << std::hex << outcome.server;
  EXPECT_EQ(login.client.Carrier(), kind().carrier);
  EXPECT_EQ(login.server.Carrier(), kind().carrier);
  EXPECT_EQ(login.server.result,
            SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED);
  const bool ends = kind().carrier == "Kerberos";
  EXPECT_EQ(login.client.expiry.QuadPart != std::numeric_limits<LONGLONG>::max(), ends);
  EXPECT_EQ(login.client.expiry.QuadPart, login.server.expiry.QuadPart);
}

TEST_P(Loopback, TellsWhoLoggedIn) {
  Login login(kind(), Options(kClientRequest), Options(kServerRequest));
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  const bool kerberos = kind().carrier == "Kerberos";
  EXPECT_EQ(login.server.UserName(), kerberos ? "TEST.EXAMPLE\\alice" : "EXAMPLE\\alice");
  EXPECT_EQ(login.client.UserName(), kerberos ? "TEST.EXAMPLE\\alice" : "EXAMPLE\\alice");
}

TEST_P(Loopback, TellsWhatWasAgreedOn) {
  Login login(kind(), Options(kClientRequest), Options(kServerRequest));
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  const bool allocated = std::get<2>(GetParam());
  EXPECT_EQ(login.client.attributes, kClientRequest |
                                         (kind().carrier == "Kerberos" ? ISC_RET_MUTUAL_AUTH : 0) |
                                         (allocated ? ISC_RET_ALLOCATED_MEMORY : 0));
  EXPECT_EQ(login.server.attributes, ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY |
                                         ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT |
                                         ASC_RET_CONNECTION |
                                         (allocated ? ASC_RET_ALLOCATED_MEMORY : 0));
  SecPkgContext_Flags flags{};
  EXPECT_EQ(epa_QueryContextAttributesW(login.server.context(), SECPKG_ATTR_FLAGS, &flags),
            SEC_E_OK);
  EXPECT_EQ(flags.Flags, login.server.attributes);
}

TEST_P(Loopback, WithoutASignatureNothingIsProtected) {
  Login login(kind(), Options(0), Options(0));
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  EXPECT_EQ(login.server.attributes & ASC_RET_CONFIDENTIALITY, 0u);
  EXPECT_EQ(login.client.attributes & ISC_RET_CONFIDENTIALITY, 0u);
}

INSTANTIATE_TEST_SUITE_P(Ntlm, Loopback,
                         ::testing::Combine(::testing::ValuesIn(NtlmKinds()),
                                            ::testing::Values(Form::kA, Form::kW),
                                            ::testing::Bool()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Kerberos, Loopback,
                         ::testing::Combine(::testing::ValuesIn(KerberosKinds()),
                                            ::testing::Values(Form::kA, Form::kW),
                                            ::testing::Bool()),
                         NameOf);

TEST(WrongPassword, IsRefusedByAnNtlmServer) {
  for (const LoginKind& kind : NtlmKinds()) {
    EPA_AUTH_DATA client = ClientData(kind);
    client.Password = "wrong";
    Login login(kind, {}, {}, client, ServerData(kind));
    EXPECT_EQ(RunLogin(login.client, login.server).server, SEC_E_LOGON_DENIED) << kind;
  }
}

// The client never has a token to send.
TEST(WrongPassword, IsRefusedByTheKdc) {
  for (const LoginKind& kind : KerberosKinds()) {
    EPA_AUTH_DATA client = ClientData(kind);
    client.Password = "wrong";
    client.PackageList = "Kerberos";
    Login login(kind, {}, {}, client, ServerData(kind));
    EXPECT_LT(login.client.Step({}), 0) << kind;
    EXPECT_FALSE(login.client.has_context);
  }
}

}  // namespace
}  // namespace epa::test
