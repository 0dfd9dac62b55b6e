// Handles that are stale, foreign, of the other kind or not there: a code, never a crash.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <vector>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

const LoginKind& Ntlm() {
  static const auto& kind = *new LoginKind(NtlmKinds().front());
  return kind;
}

// Every function that takes a context handle and could do something with a valid one.
struct ContextCall {
  const char* name;
  std::function<SECURITY_STATUS(PCtxtHandle)> call;
};

const std::vector<ContextCall>& ContextCalls() {
  static const auto& calls = *new std::vector<ContextCall>{
      {"AcceptSecurityContext",
       [](PCtxtHandle handle) {
         std::array<uint8_t, 4> octets{};
         SecBuffer token = {sizeof(octets), SECBUFFER_TOKEN, octets.data()};
         SecBufferDesc input = {SECBUFFER_VERSION, 1, &token};
         ULONG attributes = 0;
         return epa_AcceptSecurityContext(nullptr, handle, &input, 0, 0, nullptr, nullptr,
                                          &attributes, nullptr);
       }},
      {"InitializeSecurityContextW",
       [](PCtxtHandle handle) {
         std::array<uint8_t, 4> octets{};
         SecBuffer token = {sizeof(octets), SECBUFFER_TOKEN, octets.data()};
         SecBufferDesc input = {SECBUFFER_VERSION, 1, &token};
         return epa_InitializeSecurityContextW(nullptr, handle, nullptr, 0, 0, 0, &input, 0,
                                               nullptr, nullptr, nullptr, nullptr);
       }},
      {"QueryContextAttributesW",
       [](PCtxtHandle handle) {
         SecPkgContext_Sizes sizes{};
         return epa_QueryContextAttributesW(handle, SECPKG_ATTR_SIZES, &sizes);
       }},
      {"QueryContextAttributesExA",
       [](PCtxtHandle handle) {
         SecPkgContext_Sizes sizes{};
         return epa_QueryContextAttributesExA(handle, SECPKG_ATTR_SIZES, &sizes, sizeof(sizes));
       }},
      {"MakeSignature",
       [](PCtxtHandle handle) { return epa_MakeSignature(handle, 0, nullptr, 0); }},
      {"VerifySignature",
       [](PCtxtHandle handle) { return epa_VerifySignature(handle, nullptr, 0, nullptr); }},
      {"EncryptMessage",
       [](PCtxtHandle handle) { return epa_EncryptMessage(handle, 0, nullptr, 0); }},
      {"DecryptMessage",
       [](PCtxtHandle handle) { return epa_DecryptMessage(handle, nullptr, 0, nullptr); }},
      {"CompleteAuthToken",
       [](PCtxtHandle handle) { return epa_CompleteAuthToken(handle, nullptr); }},
      {"ApplyControlToken",
       [](PCtxtHandle handle) { return epa_ApplyControlToken(handle, nullptr); }},
      {"SetContextAttributesW",
       [](PCtxtHandle handle) { return epa_SetContextAttributesW(handle, 0, nullptr, 0); }},
      {"ImpersonateSecurityContext", &epa_ImpersonateSecurityContext},
      {"RevertSecurityContext", &epa_RevertSecurityContext},
      {"QuerySecurityContextToken",
       [](PCtxtHandle handle) { return epa_QuerySecurityContextToken(handle, nullptr); }},
      {"ExportSecurityContext",
       [](PCtxtHandle handle) { return epa_ExportSecurityContext(handle, 0, nullptr, nullptr); }},
      {"DeleteSecurityContext", &epa_DeleteSecurityContext},
  };
  return calls;
}

void ExpectInvalid(PCtxtHandle handle, const char* what) {
  for (const ContextCall& call : ContextCalls()) {
    const bool begins = handle == nullptr && (std::string_view(call.name).starts_with("Accept") ||
                                              std::string_view(call.name).starts_with("Init"));
    EXPECT_EQ(call.call(handle), SEC_E_INVALID_HANDLE)
        << call.name << " with a handle that is " << what << (begins ? ", credentials too" : "");
  }
}

TEST(ContextHandles, ThatLeadNowhereAreRefusedByEveryFunction) {
  ExpectInvalid(nullptr, "null");
  CtxtHandle zero = {0, 0};
  ExpectInvalid(&zero, "zero");
  CtxtHandle invalidated;
  SecInvalidateHandle(&invalidated);
  EXPECT_FALSE(SecIsValidHandle(&invalidated));
  ExpectInvalid(&invalidated, "invalidated");
  int foreign = 0;
  CtxtHandle pointer = {reinterpret_cast<ULONG_PTR>(&foreign), reinterpret_cast<ULONG_PTR>(&zero)};
  ExpectInvalid(&pointer, "another library's");
}

TEST(ContextHandles, StaleOnesAreRefusedThoughTheirPlaceIsTakenAgain) {
  Login login(Ntlm(), {}, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  CtxtHandle stale = login.server.handle;
  ASSERT_EQ(epa_DeleteSecurityContext(&login.server.handle), SEC_E_OK);
  login.server.has_context = false;
  std::vector<std::unique_ptr<Login>> others;
  bool place_taken = false;
  for (int i = 0; i < 40; ++i) {
    others.push_back(std::make_unique<Login>(Ntlm(), SideOptions(), SideOptions()));
    ASSERT_GE(others.back()->client.Step({}), 0);
    place_taken = place_taken || others.back()->client.handle.dwLower == stale.dwLower;
  }
  EXPECT_TRUE(place_taken);
  ExpectInvalid(&stale, "stale");
}

TEST(ContextHandles, CredentialsAreNoContextAndContextsNoCredentials) {
  Login login(Ntlm(), {}, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  CtxtHandle credentials = *login.client_credentials.get();
  ExpectInvalid(&credentials, "of credentials");
  CredHandle context = login.client.handle;
  SecPkgCredentials_NamesW names{};
  EXPECT_EQ(epa_QueryCredentialsAttributesW(&context, SECPKG_CRED_ATTR_NAMES, &names),
            SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_FreeCredentialsHandle(&context), SEC_E_INVALID_HANDLE);
}

// CVE-2014-9423: a handle that tells where something lies in memory.
TEST(ContextHandles, HoldNoAddresses) {
  Login login(Ntlm(), {}, {});
  ASSERT_GE(login.client.Step({}), 0);
  constexpr ULONG_PTR kPlaces = 0x10000;
  EXPECT_LT(login.client.handle.dwLower, kPlaces);
  EXPECT_LT(login.client_credentials.get()->dwLower, kPlaces);
  Login other(Ntlm(), {}, {});
  ASSERT_GE(other.client.Step({}), 0);
  EXPECT_LT(other.client.handle.dwUpper - login.client.handle.dwUpper, kPlaces);
}

TEST(ContextHandles, SidesAreNotMixedUp) {
  Login login(Ntlm(), {}, {});
  ASSERT_GE(login.client.Step({}), 0);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  std::swap(login.client.handle, login.server.handle);
  EXPECT_EQ(login.client.Step(login.server.reply), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_INVALID_HANDLE);
}

// CVE-2015-2695, CVE-2015-2696, CVE-2015-2698: calls on contexts that are not established.
TEST(ContextHandles, UnfinishedAndRefusedContextsAnswerNothing) {
  SideOptions server;
  server.bindings = SecBindings(1);
  Login login(Ntlm(), {}, server);
  ASSERT_GE(login.client.Step({}), 0);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  SecPkgContext_Sizes sizes{};
  SecPkgContext_SessionKey key{};
  const auto expect_silence = [&] {
    for (const ULONG attribute : {SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_FLAGS}) {
      EXPECT_EQ(epa_QueryContextAttributesW(login.server.context(), attribute, &sizes),
                SEC_E_INVALID_HANDLE);
    }
    EXPECT_EQ(epa_QueryContextAttributesW(login.server.context(), SECPKG_ATTR_SESSION_KEY, &key),
              SEC_E_INVALID_HANDLE);
    EXPECT_EQ(epa_EncryptMessage(login.server.context(), 0, nullptr, 0), SEC_E_INVALID_HANDLE);
  };
  expect_silence();
  ASSERT_GE(login.client.Step(login.server.reply), 0);
  const Octets authenticate = login.client.reply;
  ASSERT_EQ(login.server.Step(authenticate), SEC_E_BAD_BINDINGS);
  expect_silence();
  EXPECT_EQ(login.server.Step(authenticate), SEC_E_OUT_OF_SEQUENCE);
}

TEST(ContextHandles, AFinishedLoginTakesNoMoreMessages) {
  Login login(Ntlm(), {}, {});
  ASSERT_TRUE(RunLogin(login.client, login.server).succeeded());
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(login.client.Step(login.client.reply), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(login.server.UserName(), "EXAMPLE\\alice");
}

TEST(ContextHandles, AFirstCallNeedsAPlaceForTheHandle) {
  Login login(Ntlm(), {}, {});
  std::array<uint8_t, 1024> octets{};
  SecBuffer token = {sizeof(octets), SECBUFFER_TOKEN, octets.data()};
  SecBufferDesc buffers = {SECBUFFER_VERSION, 1, &token};
  EXPECT_EQ(epa_InitializeSecurityContextW(login.client_credentials.get(), nullptr, nullptr, 0, 0,
                                           0, nullptr, 0, nullptr, &buffers, nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_AcceptSecurityContext(login.server_credentials.get(), nullptr, &buffers, 0, 0,
                                      nullptr, &buffers, nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
}

TEST(CredentialHandles, OfTheOtherRoleAreRefused) {
  Login login(Ntlm(), {}, {});
  Side client = Side::Client(login.server_credentials.get(), {});
  EXPECT_EQ(client.Step({}), SEC_E_NO_CREDENTIALS);
  ASSERT_GE(login.client.Step({}), 0);
  Side server = Side::Server(login.client_credentials.get(), {});
  EXPECT_EQ(server.Step(login.client.reply), SEC_E_NO_CREDENTIALS);
}

TEST(CredentialHandles, MustNotChangeWithinALogin) {
  Login login(Ntlm(), {}, {});
  Login other(Ntlm(), {}, {});
  ASSERT_GE(login.client.Step({}), 0);
  ASSERT_GE(login.server.Step(login.client.reply), 0);
  std::array<uint8_t, 1024> room{};
  SecBuffer in = {static_cast<ULONG>(login.server.reply.size()), SECBUFFER_TOKEN,
                  login.server.reply.data()};
  SecBuffer out = {sizeof(room), SECBUFFER_TOKEN, room.data()};
  SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
  SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
  const auto step = [&](PCredHandle credentials) {
    return epa_InitializeSecurityContextW(credentials, login.client.context(), nullptr, 0, 0, 0,
                                          &input, 0, nullptr, &output, nullptr, nullptr);
  };
  EXPECT_EQ(step(other.client_credentials.get()), SEC_E_WRONG_CREDENTIAL_HANDLE);
  CredHandle zero = {0, 0};
  EXPECT_EQ(step(&zero), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(step(nullptr), SEC_E_OK);
}

TEST(CredentialHandles, ReleasedTwiceAndUsedAfterwards) {
  EPA_AUTH_DATA data = ClientData(Ntlm());
  CredHandle handle;
  ASSERT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, &data, &handle), SEC_E_OK);
  EXPECT_EQ(epa_FreeCredentialsHandle(&handle), SEC_E_OK);
  EXPECT_EQ(epa_FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_FreeCredentialsHandle(nullptr), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(Side::Client(&handle, {}).Step({}), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_SetCredentialsAttributesW(&handle, 0, nullptr, 0), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(epa_AddCredentialsA(&handle, nullptr, nullptr, 0, nullptr, nullptr, nullptr, nullptr),
            SEC_E_INVALID_HANDLE);
}

TEST(CredentialHandles, ContextsOutliveThem) {
  EPA_AUTH_DATA data = ClientData(Ntlm());
  EPA_AUTH_DATA server_data = ServerData(Ntlm());
  CredHandle client_handle, server_handle;
  ASSERT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, &data, &client_handle), SEC_E_OK);
  ASSERT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, &server_data, &server_handle), SEC_E_OK);
  Side client = Side::Client(&client_handle, {});
  Side server = Side::Server(&server_handle, {});
  ASSERT_TRUE(RunLogin(client, server).succeeded());
  ASSERT_EQ(epa_FreeCredentialsHandle(&client_handle), SEC_E_OK);
  ASSERT_EQ(epa_FreeCredentialsHandle(&server_handle), SEC_E_OK);
  EXPECT_EQ(server.UserName(), "EXAMPLE\\alice");
  EXPECT_EQ(client.UserName(), "EXAMPLE\\alice");
}

}  // namespace
}  // namespace epa::test
