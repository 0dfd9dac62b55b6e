// Programs that pass no pAuthData, or an identity for both roles.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "epa/sspi/secext.h"
#include "tests/sspi/sspi_peer.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/temporary_folder.h"

namespace epa::test {
namespace {

constexpr char kAccounts[] = "EXAMPLE:alice:secret-alice\n";

EPA_AUTH_DATA Data() {
  EPA_AUTH_DATA data{};
  data.Version = EPA_AUTH_DATA_VERSION;
  data.Length = sizeof(data);
  return data;
}

struct Identity {
  std::u16string user = u"alice", domain = u"EXAMPLE", password = u"secret-alice";
  SEC_WINNT_AUTH_IDENTITY_W identity{};

  void* get() {
    identity = {reinterpret_cast<unsigned short*>(user.data()),
                static_cast<ULONG>(user.size()),
                reinterpret_cast<unsigned short*>(domain.data()),
                static_cast<ULONG>(domain.size()),
                reinterpret_cast<unsigned short*>(password.data()),
                static_cast<ULONG>(password.size()),
                SEC_WINNT_AUTH_IDENTITY_UNICODE};
    return &identity;
  }
};

class Defaults : public ::testing::Test {
 protected:
  void SetUp() override {
    // No file of this machine.
    ASSERT_EQ(epa_SetDefaultAuthDataFile(path_.c_str(), nullptr, 0), SEC_E_OK);
  }
  void TearDown() override { epa_SetDefaultAuthData(SECPKG_CRED_BOTH, nullptr); }
  void Write(const std::string& text) { folder_.Write("sspi.conf", text); }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.File("sspi.conf");
};

using Both = Defaults;

// As libgit2 asks, which never accepts.
TEST_F(Both, AUsersIdentityIsEnoughForTheClientsHalf) {
  for (const LoginKind& kind : NtlmKinds()) {
    Identity identity;
    CredentialsHandle both(kind.package, SECPKG_CRED_BOTH, identity.get());
    EPA_AUTH_DATA data = ServerData(kind);
    CredentialsHandle inbound(kind.package, SECPKG_CRED_INBOUND, &data);
    Side client = Side::Client(both.get(), {});
    Side server = Side::Server(inbound.get(), {});
    EXPECT_TRUE(RunLogin(client, server).succeeded()) << kind.name;
  }
}

TEST_F(Both, TheOtherHalfFailsWhenItIsUsed) {
  Identity identity;
  CredentialsHandle client("NTLM", SECPKG_CRED_BOTH, identity.get());
  Side login = Side::Client(client.get(), {});
  ASSERT_EQ(login.Step({}), SEC_I_CONTINUE_NEEDED);
  Side server = Side::Server(client.get(), {});
  EXPECT_EQ(server.Step(login.reply), SEC_E_NO_CREDENTIALS);

  EPA_AUTH_DATA data = Data();
  data.Accounts = kAccounts;
  CredentialsHandle acceptor("NTLM", SECPKG_CRED_BOTH, &data);
  Side initiator = Side::Client(acceptor.get(), {});
  EXPECT_EQ(initiator.Step({}), SEC_E_NO_CREDENTIALS);
}

TEST_F(Both, NothingForEitherFailsAtOnce) {
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_BOTH, nullptr, &handle), SEC_E_NO_CREDENTIALS);
}

TEST_F(Both, WhatWasGivenAndIsWrongFailsAtOnce) {
  EPA_AUTH_DATA data = Data();
  data.User = "alice";
  data.Password = "secret-alice";
  const char* const sources[] = {"/nonexistent/accounts", nullptr};
  data.AccountSources = sources;
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_BOTH, &data, &handle), SEC_E_NO_CREDENTIALS);
}

TEST_F(Defaults, AreOfTheProcessOnceTheyAreSet) {
  EPA_AUTH_DATA server = Data();
  server.Accounts = kAccounts;
  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_INBOUND, &server), SEC_E_OK);
  EPA_AUTH_DATA client = Data();
  client.User = "EXAMPLE\\alice";
  client.Password = "secret-alice";
  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND, &client), SEC_E_OK);
  CredentialsHandle both("NTLM", SECPKG_CRED_BOTH, nullptr);
  Side initiator = Side::Client(both.get(), {});
  Side acceptor = Side::Server(both.get(), {});
  EXPECT_TRUE(RunLogin(initiator, acceptor).succeeded());
  EXPECT_EQ(acceptor.UserName(), "EXAMPLE\\alice");

  EPA_AUTH_DATA nobody = Data();
  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_BOTH | SECPKG_CRED_DEFAULT, &nobody), SEC_E_OK);
  CredentialsHandle still("NTLM", SECPKG_CRED_OUTBOUND, nullptr);

  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_BOTH, nullptr), SEC_E_OK);
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, nullptr, &handle),
            SEC_E_NO_CREDENTIALS);
}

TEST_F(Defaults, RefuseWhatAHandleWouldRefuse) {
  EPA_AUTH_DATA data = Data();
  std::array<char, 64> text{};
  data.FaultText = text.data();
  data.cbFaultText = text.size();
  data.Flags = 0x80000000;
  EXPECT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_BOTH, &data), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STREQ(text.data(), "Flags has an unknown bit");
  data.Length = 8;
  EXPECT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_BOTH, &data), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_EQ(epa_SetDefaultAuthData(0, nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_SetDefaultAuthData(4, nullptr), SEC_E_INVALID_PARAMETER);
}

TEST_F(Defaults, ComeFromTheFile) {
  const std::string accounts = folder_.Write("accounts", kAccounts);
  Write("# for a test\n\n[server]\r\naccounts = " + accounts +
        "\nnetbios_domain_name=EXAMPLE\n[client]\n  domain = EXAMPLE  \n");
  CredentialsHandle inbound("NTLM", SECPKG_CRED_INBOUND, nullptr);
  // The domain is the file's where the identity has none.
  Identity identity;
  identity.domain = u"";
  CredentialsHandle outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.get());
  Side client = Side::Client(outbound.get(), {});
  Side server = Side::Server(inbound.get(), {});
  EXPECT_TRUE(RunLogin(client, server).succeeded());
  EXPECT_EQ(server.UserName(), "EXAMPLE\\alice");
}

// Whoever logs in as a client does not depend on what a service of the machine is given.
TEST_F(Defaults, OfAServerThatCannotBeUsedLeaveTheClientsHalf) {
  for (const char* text : {"[server]\nkeytab = /nonexistent/keytab\n",
                           "[server]\naccounts = /nonexistent/accounts\n"}) {
    Write(text);
    Identity identity;
    CredentialsHandle both("NTLM", SECPKG_CRED_BOTH, identity.get());
    Side client = Side::Client(both.get(), {});
    EXPECT_EQ(client.Step({}), SEC_I_CONTINUE_NEEDED) << text;
    CredHandle handle{};
    EXPECT_LT(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, nullptr, &handle), 0) << text;
  }
}

TEST_F(Defaults, AFileThatCannotBeUnderstoodIsNotHalfUsed) {
  for (const char* text :
       {"[server]\naccounts\n", "accounts = /x\n", "[server]\naccounts =\n", "[cellar]\na = b\n",
        "[client]\ndelegate = maybe\n", "[server]\nuser = alice\n", "[client]\nuser = \xff\n"}) {
    Write(text);
    CredHandle handle{};
    EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, nullptr, &handle),
              SEC_E_UNKNOWN_CREDENTIALS)
        << text;
    std::array<char, 200> fault{};
    EXPECT_EQ(epa_SetDefaultAuthDataFile(path_.c_str(), fault.data(), fault.size()),
              SEC_E_UNKNOWN_CREDENTIALS);
    EXPECT_NE(std::string(fault.data()).find(path_), std::string::npos) << fault.data();
  }
  std::array<char, 200> fault{};
  EXPECT_EQ(epa_SetDefaultAuthDataFile("/", fault.data(), fault.size()), SEC_E_UNKNOWN_CREDENTIALS);
}

// kinit, and a program that asks for whoever is logged in.
class DefaultCache : public Defaults {
 protected:
  void SetUp() override {
    Defaults::SetUp();
    const auto cache = TestRealm().Login("alice");
    ASSERT_TRUE(cache.ok()) << cache.status();
    configuration_ = TestRealm().configuration() +
                     "\n[libdefaults]\n  default_ccache_name = " + *cache + "%{null}\n";
    EPA_AUTH_DATA client = Data();
    client.Krb5ConfText = configuration_.c_str();
    ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND, &client), SEC_E_OK);
  }

  std::string configuration_;
};

TEST_F(DefaultCache, IsAClientsLogonSession) {
  for (const LoginKind& kind : KerberosKinds()) {
    EPA_AUTH_DATA server_data = ServerData(kind);
    CredentialsHandle inbound(kind.package, SECPKG_CRED_INBOUND, &server_data);
    CredentialsHandle outbound(kind.package, SECPKG_CRED_OUTBOUND, nullptr);
    SideOptions options;
    options.target = kind.target;
    options.bindings = SecBindings(1);
    Side client = Side::Client(outbound.get(), options);
    SideOptions strict;
    strict.bindings = SecBindings(1);
    Side server = Side::Server(inbound.get(), strict);
    ASSERT_TRUE(RunLogin(client, server).succeeded()) << kind.name;
    EXPECT_EQ(server.UserName(), "TEST.EXAMPLE\\alice");
    // The client knows who it is, though nobody typed it.
    EXPECT_EQ(client.UserName(), "TEST.EXAMPLE\\alice");
    SecPkgContext_NativeNamesA names{};
    ASSERT_EQ(epa_QueryContextAttributesA(client.context(), SECPKG_ATTR_NATIVE_NAMES, &names),
              SEC_E_OK);
    EXPECT_STREQ(names.sClientName, "alice@TEST.EXAMPLE");
    epa_FreeContextBuffer(names.sClientName);
    epa_FreeContextBuffer(names.sServerName);
    SecPkgCredentials_NamesA credentials{};
    ASSERT_EQ(epa_QueryCredentialsAttributesA(outbound.get(), SECPKG_CRED_ATTR_NAMES, &credentials),
              SEC_E_OK);
    EXPECT_STREQ(credentials.sUserName, "TEST.EXAMPLE\\alice");
    epa_FreeContextBuffer(credentials.sUserName);
  }
}

TEST_F(DefaultCache, NamesTheUserPrincipal) {
  std::array<char, 64> name{};
  ULONG size = name.size();
  ASSERT_TRUE(epa_GetUserNameExA(NameUserPrincipal, name.data(), &size));
  EXPECT_STREQ(name.data(), "alice@TEST.EXAMPLE");
  EXPECT_EQ(size, 18u);
  size = 18;
  EXPECT_FALSE(epa_GetUserNameExA(NameUserPrincipal, name.data(), &size));
  EXPECT_EQ(errno, ERROR_MORE_DATA);
  EXPECT_EQ(size, 19u);
}

TEST_F(Defaults, ACacheThatIsNotThereHasNoNameAndNoTicket) {
  EPA_AUTH_DATA client = Data();
  const std::string configuration = TestRealm().configuration() +
                                    "\n[libdefaults]\n  default_ccache_name = FILE:" + path_ +
                                    ".nothing\n";
  client.Krb5ConfText = configuration.c_str();
  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND, &client), SEC_E_OK);
  CredentialsHandle outbound("Kerberos", SECPKG_CRED_OUTBOUND, nullptr);
  SecPkgCredentials_NamesA names{};
  EXPECT_EQ(epa_QueryCredentialsAttributesA(outbound.get(), SECPKG_CRED_ATTR_NAMES, &names),
            SEC_E_NO_CREDENTIALS);
  SideOptions options;
  options.target = std::string(kKerberosTarget);
  Side login = Side::Client(outbound.get(), options);
  EXPECT_EQ(login.Step({}), SEC_E_NO_CREDENTIALS);
}

TEST_F(Defaults, ACacheNameWithAnUnknownParameterIsAnError) {
  EPA_AUTH_DATA client = Data();
  const std::string configuration =
      TestRealm().configuration() + "\n[libdefaults]\n  default_ccache_name = FILE:%{BINDIR}/x\n";
  client.Krb5ConfText = configuration.c_str();
  ASSERT_EQ(epa_SetDefaultAuthData(SECPKG_CRED_OUTBOUND, &client), SEC_E_OK);
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "Kerberos", SECPKG_CRED_OUTBOUND, nullptr, &handle),
            SEC_E_UNKNOWN_CREDENTIALS);
}

TEST(UserNames, AreThoseOfTheProcess) {
  std::array<char16_t, 256> name{};
  ULONG size = name.size();
  ASSERT_TRUE(epa_GetUserNameExW(NameSamCompatible, name.data(), &size));
  EXPECT_NE(Narrow(name.data()).find('\\'), std::string::npos);
  size = 0;
  EXPECT_FALSE(epa_GetUserNameExW(NameSamCompatible, nullptr, &size));
  EXPECT_EQ(errno, ERROR_MORE_DATA);
  EXPECT_FALSE(epa_GetUserNameExA(NameUnknown, nullptr, &size));
  EXPECT_EQ(errno, ERROR_NO_SUCH_USER);
  EXPECT_FALSE(epa_GetUserNameExA(NameCanonical, nullptr, &size));
  EXPECT_EQ(errno, ERROR_NONE_MAPPED);
  EXPECT_FALSE(epa_GetUserNameExA(NameSamCompatible, nullptr, nullptr));
  EXPECT_EQ(errno, ERROR_INVALID_PARAMETER);
  EXPECT_FALSE(epa_GetComputerObjectNameA(NameDisplay, nullptr, &size));
  EXPECT_EQ(errno, ERROR_NONE_MAPPED);
}

}  // namespace
}  // namespace epa::test
