// A program that binds at run time, as FreeRDP, PuTTY and managed languages do.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/sspi/sspi_peer.h"
#include "tests/support/kerberos_exchange.h"

namespace epa::test {
namespace {

class Secur32 : public ::testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(SECUR32, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
  }
  void TearDown() override { dlclose(library_); }

  template <typename Function>
  Function Find(const char* name) {
    const auto function = reinterpret_cast<Function>(dlsym(library_, name));
    EXPECT_NE(function, nullptr) << name;
    return function;
  }

  void* library_ = nullptr;
};

// FreeRDP's /sspi-module takes the table and nothing else.
TEST_F(Secur32, LogsInThroughTheTable) {
  const PSecurityFunctionTableW table =
      Find<INIT_SECURITY_INTERFACE_W>(SECURITY_ENTRYPOINT_ANSIW)();
  ASSERT_NE(table, nullptr);
  std::u16string package = u"Negotiate", target = u"TERMSRV/host.example.com";
  EPA_AUTH_DATA client_data = ClientData(NtlmKinds().back());
  EPA_AUTH_DATA server_data = ServerData(NtlmKinds().back());
  CredHandle client_credentials{}, server_credentials{};
  ASSERT_EQ(table->AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr,
                                             &client_data, nullptr, nullptr, &client_credentials,
                                             nullptr),
            SEC_E_OK);
  ASSERT_EQ(table->AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_INBOUND, nullptr,
                                             &server_data, nullptr, nullptr, &server_credentials,
                                             nullptr),
            SEC_E_OK);
  CtxtHandle client{}, server{};
  Octets to_server(4096), to_client(4096);
  SecBuffer client_out = {0, SECBUFFER_TOKEN, to_server.data()};
  SecBuffer server_out = {0, SECBUFFER_TOKEN, to_client.data()};
  SecBufferDesc from_client = {SECBUFFER_VERSION, 1, &client_out};
  SecBufferDesc from_server = {SECBUFFER_VERSION, 1, &server_out};
  SECURITY_STATUS client_status = SEC_I_CONTINUE_NEEDED, server_status = SEC_I_CONTINUE_NEEDED;
  for (bool first = true; client_status == SEC_I_CONTINUE_NEEDED; first = false) {
    ULONG attributes = 0;
    client_out.cbBuffer = 4096;
    client_status = table->InitializeSecurityContextW(
        &client_credentials, first ? nullptr : &client, target.data(), 0, 0, SECURITY_NATIVE_DREP,
        first ? nullptr : &from_server, 0, &client, &from_client, &attributes, nullptr);
    ASSERT_GE(client_status, 0);
    if (client_out.cbBuffer == 0) {
      break;
    }
    server_out.cbBuffer = 4096;
    server_status = table->AcceptSecurityContext(&server_credentials, first ? nullptr : &server,
                                                 &from_client, 0, SECURITY_NATIVE_DREP, &server,
                                                 &from_server, &attributes, nullptr);
    ASSERT_GE(server_status, 0);
  }
  EXPECT_EQ(client_status, SEC_E_OK);
  EXPECT_EQ(server_status, SEC_E_OK);
  table->DeleteSecurityContext(&client);
  table->DeleteSecurityContext(&server);
  table->FreeCredentialsHandle(&client_credentials);
  table->FreeCredentialsHandle(&server_credentials);
}

// Either name leads to the one function and to the handles of the one process.
TEST_F(Secur32, SharesHandlesWithThePrefixedNames) {
  const auto acquire = Find<ACQUIRE_CREDENTIALS_HANDLE_FN_A>("AcquireCredentialsHandleA");
  const auto query = Find<QUERY_CREDENTIALS_ATTRIBUTES_FN_A>("QueryCredentialsAttributesA");
  std::string package = "NTLM";
  EPA_AUTH_DATA data = ClientData(NtlmKinds().front());
  CredHandle handle{};
  ASSERT_EQ(acquire(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, &data, nullptr, nullptr,
                    &handle, nullptr),
            SEC_E_OK);
  SecPkgCredentials_NamesA names{};
  ASSERT_EQ(query(&handle, SECPKG_CRED_ATTR_NAMES, &names), SEC_E_OK);
  EXPECT_STREQ(names.sUserName, "EXAMPLE\\alice");
  Find<FREE_CONTEXT_BUFFER_FN>("FreeContextBuffer")(names.sUserName);
  EXPECT_EQ(epa_FreeCredentialsHandle(&handle), SEC_E_OK);
}

}  // namespace
}  // namespace epa::test
