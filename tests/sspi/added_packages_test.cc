// Plug-ins that a program reaches through AcquireCredentialsHandle.
#include <gtest/gtest.h>

#include <set>

#include "epa/sspi/plugin.h"
#include "tests/sspi/sspi_peer.h"
#include "tests/support/temporary_folder.h"

namespace epa::test {
namespace {

std::set<std::string> PackageNames() {
  ULONG count = 0;
  PSecPkgInfoA infos = nullptr;
  EXPECT_EQ(epa_EnumerateSecurityPackagesA(&count, &infos), SEC_E_OK);
  std::set<std::string> names;
  for (ULONG i = 0; i < count; ++i) {
    names.insert(infos[i].Name);
  }
  epa_FreeContextBuffer(infos);
  return names;
}

SECURITY_STATUS Add(std::string path, PSECURITY_PACKAGE_OPTIONS options = nullptr) {
  return epa_AddSecurityPackageA(path.data(), options);
}

// Acme takes its account as an ANSI identity, on either side.
struct Account {
  std::string user = "alice", password = "secret";
  SEC_WINNT_AUTH_IDENTITY_A identity{};

  void* get() {
    identity.User = reinterpret_cast<UCHAR*>(user.data());
    identity.UserLength = static_cast<ULONG>(user.size());
    identity.Password = reinterpret_cast<UCHAR*>(password.data());
    identity.PasswordLength = static_cast<ULONG>(password.size());
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    return &identity;
  }
};

SECURITY_STATUS LogIn(uint8_t client_channel, uint8_t server_channel) {
  Account account;
  CredentialsHandle both("Acme", SECPKG_CRED_BOTH, account.get());
  SideOptions client_options, server_options;
  client_options.target = "HTTP/www.example.com";
  client_options.bindings = SecBindings(client_channel);
  server_options.bindings = SecBindings(server_channel);
  Side client = Side::Client(both.get(), client_options);
  Side server = Side::Server(both.get(), server_options);
  const Outcome outcome = RunLogin(client, server);
  if (outcome.server == SEC_E_OK) {
    EXPECT_EQ(server.UserName(), "alice");
    EXPECT_EQ(server.Carrier(), "Acme");
  }
  return outcome.server;
}

TEST(AddedPackages, AreKnownUntilTheyAreDeleted) {
  const std::set<std::string> ours = {"Negotiate", "Kerberos", "NTLM"};
  EXPECT_EQ(PackageNames(), ours);
  for (std::string path : {ACME, ACME_PLAIN}) {
    ASSERT_EQ(Add(path), SEC_E_OK) << path;
    EXPECT_EQ(Add(path), SEC_E_OK);
    EXPECT_EQ(PackageNames().size(), 5u);
    EXPECT_EQ(LogIn(1, 1), SEC_E_OK);
    // The policy decides about it as about ours.
    EXPECT_EQ(LogIn(1, 2), SEC_E_BAD_BINDINGS);
    EXPECT_EQ(epa_DeleteSecurityPackageA(path.data()), SEC_E_OK);
    EXPECT_EQ(epa_DeleteSecurityPackageA(path.data()), SEC_E_SECPKG_NOT_FOUND);
    EXPECT_EQ(PackageNames(), ours);
  }
}

TEST(AddedPackages, CredentialsOutliveThem) {
  std::u16string path = Wide(ACME);
  ASSERT_EQ(epa_AddSecurityPackageW(path.data(), nullptr), SEC_E_OK);
  Account account;
  CredentialsHandle both("acme", SECPKG_CRED_BOTH, account.get());
  ASSERT_EQ(epa_DeleteSecurityPackageW(path.data()), SEC_E_OK);
  Side client = Side::Client(both.get(), {});
  Side server = Side::Server(both.get(), {});
  EXPECT_TRUE(RunLogin(client, server).succeeded());
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kA, "Acme", SECPKG_CRED_OUTBOUND, account.get(), &handle),
            SEC_E_SECPKG_NOT_FOUND);
}

TEST(AddedPackages, WhatIsNoneIsRefused) {
  EXPECT_EQ(Add("./no-such-plugin.so"), SEC_E_CANNOT_INSTALL);
  EXPECT_EQ(Add("libc.so.6"), SEC_E_CANNOT_INSTALL);
  EXPECT_EQ(Add(""), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_AddSecurityPackageA(nullptr, nullptr), SEC_E_INVALID_PARAMETER);
  SECURITY_PACKAGE_OPTIONS options{};
  options.Size = sizeof(options);
  options.Flags = SECPKG_OPTIONS_PERMANENT;
  EXPECT_EQ(Add(ACME, &options), SEC_E_INVALID_PARAMETER);
  // Our own name is taken.
  ASSERT_EQ(Add(ACME), SEC_E_OK);
  EXPECT_EQ(Add(ACME_PLAIN), SEC_E_CANNOT_INSTALL);
  std::string path = ACME;
  EXPECT_EQ(epa_DeleteSecurityPackageA(path.data()), SEC_E_OK);
}

TEST(AddedPackages, TheConfigurationFileNamesThem) {
  const test::TemporaryFolder folder;
  const std::string file =
      folder.Write("sspi.conf", "[packages]\nplugin = " ACME "\nplugin = /no/such/plugin.so\n");
  ASSERT_EQ(epa_SetDefaultAuthDataFile(file.c_str(), nullptr, 0), SEC_E_OK);
  EXPECT_EQ(LogIn(1, 1), SEC_E_OK);
  std::string path = ACME;
  EXPECT_EQ(epa_DeleteSecurityPackageA(path.data()), SEC_E_SECPKG_NOT_FOUND);
  epa_SetDefaultAuthDataFile(nullptr, nullptr, 0);
}

// Its own symbol, not one of a library it depends on: libepa-sspi has the second name too.
TEST(PluginLoad, TakesEitherNameOfTheEntryPoint) {
  EXPECT_TRUE(sspi::Plugin::Load(ACME).ok());
  EXPECT_TRUE(sspi::Plugin::Load(ACME_PLAIN).ok());
  EXPECT_FALSE(sspi::Plugin::Load(ACME, "InitSecurityInterfaceX").ok());
}

}  // namespace
}  // namespace epa::test
