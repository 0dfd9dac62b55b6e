// QueryContextAttributes and what is known about packages and credentials.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <set>

#include "epa/base/clock.h"
#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

class Query : public ::testing::TestWithParam<LoginKind> {
 protected:
  void SetUp() override {
    SideOptions client;
    client.request = ISC_REQ_CONFIDENTIALITY;
    login_.emplace(GetParam(), client, SideOptions());
    ASSERT_TRUE(RunLogin(login_->client, login_->server).succeeded());
  }

  bool kerberos() const { return GetParam().carrier == "Kerberos"; }
  PCtxtHandle client() { return login_->client.context(); }
  PCtxtHandle server() { return login_->server.context(); }

  std::optional<Login> login_;
};

TEST_P(Query, SessionKeysAgree) {
  SecPkgContext_SessionKey a{}, b{};
  ASSERT_EQ(epa_QueryContextAttributesW(client(), SECPKG_ATTR_SESSION_KEY, &a), SEC_E_OK);
  ASSERT_EQ(epa_QueryContextAttributesA(server(), SECPKG_ATTR_SESSION_KEY, &b), SEC_E_OK);
  EXPECT_EQ(a.SessionKeyLength, kerberos() ? 32u : 16u);
  EXPECT_EQ(Octets(a.SessionKey, a.SessionKey + a.SessionKeyLength),
            Octets(b.SessionKey, b.SessionKey + b.SessionKeyLength));
  epa_FreeContextBuffer(a.SessionKey);
  epa_FreeContextBuffer(b.SessionKey);
}

TEST_P(Query, KeyInfoNamesTheAlgorithms) {
  SecPkgContext_KeyInfoA info{};
  ASSERT_EQ(epa_QueryContextAttributesA(server(), SECPKG_ATTR_KEY_INFO, &info), SEC_E_OK);
  EXPECT_STREQ(info.sSignatureAlgorithmName, kerberos() ? "HMAC-SHA1-96" : "HMAC-MD5");
  EXPECT_STREQ(info.sEncryptAlgorithmName, kerberos() ? "AES256-CTS-HMAC-SHA1-96" : "RSADSI RC4");
  EXPECT_EQ(info.KeySize, kerberos() ? 256u : 128u);
  EXPECT_EQ(info.EncryptAlgorithm, kerberos() ? 18u : 0x6801u);
  epa_FreeContextBuffer(info.sSignatureAlgorithmName);
  epa_FreeContextBuffer(info.sEncryptAlgorithmName);
}

TEST_P(Query, TheClientsTargetIsTheServersToCompare) {
  for (const auto query : {&epa_QueryContextAttributesA, &epa_QueryContextAttributesW}) {
    SecPkgContext_ClientSpecifiedTarget target{};
    ASSERT_EQ(query(server(), SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target), SEC_E_OK);
    EXPECT_EQ(Narrow(target.sTargetName).substr(0, GetParam().target.size()), GetParam().target);
    epa_FreeContextBuffer(target.sTargetName);
  }
  SecPkgContext_ClientSpecifiedTarget target{};
  EXPECT_EQ(epa_QueryContextAttributesW(client(), SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target),
            SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(Query, NativeNamesAreThoseOfTheProtocol) {
  SecPkgContext_NativeNamesW names{};
  ASSERT_EQ(epa_QueryContextAttributesW(server(), SECPKG_ATTR_NATIVE_NAMES, &names), SEC_E_OK);
  EXPECT_EQ(Narrow(names.sClientName), kerberos() ? "alice@TEST.EXAMPLE" : "EXAMPLE\\alice");
  EXPECT_EQ(Narrow(names.sServerName).substr(0, GetParam().target.size()), GetParam().target);
  epa_FreeContextBuffer(names.sClientName);
  epa_FreeContextBuffer(names.sServerName);
}

TEST_P(Query, AuthorityVouchesForTheClient) {
  SecPkgContext_AuthorityA authority{};
  ASSERT_EQ(epa_QueryContextAttributesA(server(), SECPKG_ATTR_AUTHORITY, &authority), SEC_E_OK);
  EXPECT_STREQ(authority.sAuthorityName, kerberos() ? "TEST.EXAMPLE" : "EXAMPLE");
  epa_FreeContextBuffer(authority.sAuthorityName);
}

TEST_P(Query, NegotiationInfoNamesTheCarrier) {
  SecPkgContext_NegotiationInfoW info{};
  ASSERT_EQ(epa_QueryContextAttributesW(server(), SECPKG_ATTR_NEGOTIATION_INFO, &info), SEC_E_OK);
  EXPECT_EQ(info.NegotiationState, SECPKG_NEGOTIATION_COMPLETE);
  EXPECT_EQ(Narrow(info.PackageInfo->Name), GetParam().carrier);
  epa_FreeContextBuffer(info.PackageInfo);
}

// The test's realm gives tickets for some hours; NTLM proves a password, which does not end.
TEST_P(Query, ALoginEndsWithTheTicket) {
  SecPkgContext_Lifespan span{};
  ASSERT_EQ(epa_QueryContextAttributesW(server(), SECPKG_ATTR_LIFESPAN, &span), SEC_E_OK);
  if (GetParam().carrier == "Kerberos") {
    const auto now = static_cast<LONGLONG>(SystemClock().Now());
    EXPECT_GT(span.tsExpiry.QuadPart, now);
    EXPECT_LT(span.tsExpiry.QuadPart, now + static_cast<LONGLONG>(48 * 3600 * kTicksPerSecond));
  } else {
    EXPECT_EQ(span.tsExpiry.QuadPart, std::numeric_limits<LONGLONG>::max());
  }
}

TEST_P(Query, ReasonIsForTheOperator) {
  EPA_SecPkgContext_Reason reason{};
  ASSERT_EQ(epa_QueryContextAttributesW(server(), EPA_SECPKG_ATTR_REASON, &reason), SEC_E_OK);
  EXPECT_STREQ(reason.sReason, "legacy_mode");
  EXPECT_STREQ(reason.sDetail, "");
  epa_FreeContextBuffer(reason.sReason);
  epa_FreeContextBuffer(reason.sDetail);
}

TEST_P(Query, TheExFormKnowsTheSize) {
  SecPkgContext_Sizes sizes{};
  EXPECT_EQ(epa_QueryContextAttributesExW(server(), SECPKG_ATTR_SIZES, &sizes, sizeof(sizes)),
            SEC_E_OK);
  EXPECT_GT(sizes.cbMaxToken, 0u);
  for (const ULONG attribute :
       {SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_LIFESPAN, SECPKG_ATTR_SESSION_KEY,
        SECPKG_ATTR_KEY_INFO, SECPKG_ATTR_PACKAGE_INFO, SECPKG_ATTR_NEGOTIATION_INFO,
        SECPKG_ATTR_FLAGS, SECPKG_ATTR_NATIVE_NAMES, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET}) {
    EXPECT_EQ(epa_QueryContextAttributesExW(server(), attribute, &sizes, 3), SEC_E_BUFFER_TOO_SMALL)
        << attribute;
    EXPECT_EQ(epa_QueryContextAttributesW(server(), attribute, nullptr), SEC_E_INVALID_PARAMETER);
  }
}

TEST_P(Query, WhatIsNotThereIsSaidSo) {
  std::array<uint8_t, 256> buffer{};
  for (const ULONG attribute :
       {SECPKG_ATTR_STREAM_SIZES, SECPKG_ATTR_DCE_INFO, SECPKG_ATTR_PASSWORD_EXPIRY,
        SECPKG_ATTR_ACCESS_TOKEN, SECPKG_ATTR_ENDPOINT_BINDINGS, SECPKG_ATTR_UNIQUE_BINDINGS,
        SECPKG_ATTR_TARGET_INFORMATION, 9999}) {
    EXPECT_EQ(epa_QueryContextAttributesW(server(), static_cast<ULONG>(attribute), buffer.data()),
              SEC_E_UNSUPPORTED_FUNCTION)
        << attribute;
  }
  void* token = nullptr;
  EXPECT_EQ(epa_QuerySecurityContextToken(server(), &token), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_ImpersonateSecurityContext(server()), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_RevertSecurityContext(server()), SEC_E_UNSUPPORTED_FUNCTION);
  SecBuffer packed{};
  EXPECT_EQ(epa_ExportSecurityContext(server(), 0, &packed, nullptr), SEC_E_UNSUPPORTED_FUNCTION);
  CtxtHandle handle{};
  EXPECT_EQ(epa_ImportSecurityContextW(nullptr, &packed, nullptr, &handle),
            SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_CompleteAuthToken(server(), nullptr), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_ApplyControlToken(server(), nullptr), SEC_E_UNSUPPORTED_FUNCTION);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Query, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

// The state between the messages, and after a refusal.
TEST(Negotiation, IsInProgressUntilItHasEnded) {
  const LoginKind kind = NtlmKinds().back();
  SideOptions server;
  server.bindings = SecBindings(1);
  Login login(kind, {}, server);
  ASSERT_GE(login.client.Step({}), 0);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  SecPkgContext_NegotiationInfoA info{};
  ASSERT_EQ(
      epa_QueryContextAttributesA(login.server.context(), SECPKG_ATTR_NEGOTIATION_INFO, &info),
      SEC_E_OK);
  EXPECT_EQ(info.NegotiationState, SECPKG_NEGOTIATION_IN_PROGRESS);
  EXPECT_STREQ(info.PackageInfo->Name, "Negotiate");
  epa_FreeContextBuffer(info.PackageInfo);
  ASSERT_GE(login.client.Step(login.server.reply), 0);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_E_BAD_BINDINGS);
  EXPECT_EQ(
      epa_QueryContextAttributesA(login.server.context(), SECPKG_ATTR_NEGOTIATION_INFO, &info),
      SEC_E_INVALID_HANDLE);
  EPA_SecPkgContext_Reason reason{};
  ASSERT_EQ(epa_QueryContextAttributesA(login.server.context(), EPA_SECPKG_ATTR_REASON, &reason),
            SEC_E_OK);
  EXPECT_STREQ(reason.sReason, "binding_explicitly_none");
  epa_FreeContextBuffer(reason.sReason);
  epa_FreeContextBuffer(reason.sDetail);
}

// [MS-NLMP] 2.2.2.1 MsvAvFlags 0x4, [MS-KILE] 0x8000: a name nobody vouches for is none.
class Targets : public ::testing::TestWithParam<LoginKind> {};

TEST_P(Targets, ThatAreUnverifiedOrMissingAreUnknown) {
  for (const bool named : {true, false}) {
    SideOptions client;
    client.request = named ? ISC_REQ_UNVERIFIED_TARGET_NAME : 0;
    EPA_AUTH_DATA data = ClientData(GetParam());
    data.SuppressExtendedProtection = named ? 0 : 3;
    Login login(GetParam(), client, {}, data, ServerData(GetParam()));
    ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
    if (!named && GetParam().carrier == "Kerberos") {
      continue;  // the ticket names the service all the same
    }
    SecPkgContext_ClientSpecifiedTarget target{};
    EXPECT_EQ(epa_QueryContextAttributesW(login.server.context(),
                                          SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target),
              SEC_E_TARGET_UNKNOWN);
    EXPECT_EQ(target.sTargetName, nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Targets, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

TEST(Packages, AreThreeInTheOrderOfWindows) {
  ULONG count = 0;
  PSecPkgInfoA infos = nullptr;
  ASSERT_EQ(epa_EnumerateSecurityPackagesA(&count, &infos), SEC_E_OK);
  ASSERT_EQ(count, 3u);
  EXPECT_STREQ(infos[0].Name, "Negotiate");
  EXPECT_STREQ(infos[1].Name, "Kerberos");
  EXPECT_STREQ(infos[2].Name, "NTLM");
  EXPECT_EQ(infos[0].wRPCID, 9);
  EXPECT_EQ(infos[1].wRPCID, 16);
  EXPECT_EQ(infos[2].wRPCID, 10);
  for (ULONG i = 0; i < count; ++i) {
    EXPECT_EQ(infos[i].wVersion, 1);
    EXPECT_GE(infos[i].cbMaxToken, 0xFFFFu);
    EXPECT_NE(infos[i].Comment[0], '\0');
    // As Windows' packages say of themselves.
    EXPECT_NE(infos[i].fCapabilities & SECPKG_FLAG_NEGOTIABLE, 0u);
    EXPECT_NE(infos[i].fCapabilities & SECPKG_FLAG_MULTI_REQUIRED, 0u);
    EXPECT_EQ(infos[i].fCapabilities & SECPKG_FLAG_DATAGRAM, 0u);
  }
  epa_FreeContextBuffer(infos);
}

TEST(Packages, AreFoundByNameInAnyCase) {
  std::string name = "nEgOtIaTe";
  PSecPkgInfoA ansi = nullptr;
  ASSERT_EQ(epa_QuerySecurityPackageInfoA(name.data(), &ansi), SEC_E_OK);
  EXPECT_STREQ(ansi->Name, "Negotiate");
  epa_FreeContextBuffer(ansi);
  PSecPkgInfoW wide = nullptr;
  ASSERT_EQ(epa_QuerySecurityPackageInfoW(Wide("ntlm").data(), &wide), SEC_E_OK);
  EXPECT_EQ(Narrow(wide->Name), "NTLM");
  epa_FreeContextBuffer(wide);
  EXPECT_EQ(epa_QuerySecurityPackageInfoW(Wide("Schannel").data(), &wide), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(epa_QuerySecurityPackageInfoW(nullptr, &wide), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_QuerySecurityPackageInfoW(Wide("NTLM").data(), nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_EnumerateSecurityPackagesW(nullptr, &wide), SEC_E_INVALID_PARAMETER);
}

TEST(FunctionTables, HoldEveryFunction) {
  const PSecurityFunctionTableW wide = epa_InitSecurityInterfaceW();
  const PSecurityFunctionTableA ansi = epa_InitSecurityInterfaceA();
  EXPECT_EQ(wide->dwVersion, ULONG{SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION});
  EXPECT_EQ(wide->AcquireCredentialsHandleW, &epa_AcquireCredentialsHandleW);
  EXPECT_EQ(ansi->AcquireCredentialsHandleA, &epa_AcquireCredentialsHandleA);
  // All but the version and the two empty ones are functions, each another one; two of the reserved
  // ones are EncryptMessage and DecryptMessage again.
  std::set<void*> functions;
  std::array<void*, sizeof(*wide) / sizeof(void*)> members{};
  std::memcpy(members.data(), wide, sizeof(*wide));
  for (size_t i = 1; i < members.size(); ++i) {
    if (members[i] != nullptr) {
      functions.insert(members[i]);
    }
  }
  EXPECT_EQ(functions.size(), members.size() - 1 - 4);
  EXPECT_EQ(wide->Reserved2, nullptr);
  EXPECT_EQ(wide->Reserved8, nullptr);
}

}  // namespace
}  // namespace epa::test
