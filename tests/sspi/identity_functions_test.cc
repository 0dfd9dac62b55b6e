// Identities that programs build, take apart, compare and store.
#include <gtest/gtest.h>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

using Opaque = PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

Opaque Make(PCWSTR user, PCWSTR domain, PCWSTR password) {
  Opaque identity = nullptr;
  EXPECT_EQ(epa_SspiEncodeStringsAsAuthIdentity(user, domain, password, &identity), SEC_E_OK);
  return identity;
}

// "(null)" for what is not there.
std::string Parts(Opaque identity) {
  PCWSTR user = nullptr, domain = nullptr, password = nullptr;
  EXPECT_EQ(epa_SspiEncodeAuthIdentityAsStrings(identity, &user, &domain, &password), SEC_E_OK);
  std::string parts;
  for (const PCWSTR part : {user, domain, password}) {
    parts += (part == nullptr ? "(null)" : Narrow(part)) + "|";
    epa_SspiLocalFree(const_cast<SEC_WCHAR*>(part));
  }
  return parts;
}

TEST(IdentityFunctions, StringsComeBack) {
  Opaque all = Make(u"alice", u"CORP", u"secret");
  EXPECT_EQ(Parts(all), "alice|CORP|secret|");
  epa_SspiFreeAuthIdentity(all);
  Opaque some = Make(u"alice", nullptr, u"secret");
  EXPECT_EQ(Parts(some), "alice|(null)|secret|");
  epa_SspiFreeAuthIdentity(some);
  Opaque name = Make(u"alice", nullptr, nullptr);
  EXPECT_EQ(Parts(name), "alice|(null)|(null)|");
  EXPECT_EQ(epa_SspiEncodeAuthIdentityAsStrings(name, nullptr, nullptr, nullptr), SEC_E_OK);
  epa_SspiFreeAuthIdentity(name);
  EXPECT_EQ(epa_SspiEncodeAuthIdentityAsStrings(nullptr, nullptr, nullptr, nullptr),
            SEC_E_INVALID_TOKEN);
}

TEST(IdentityFunctions, NothingIsNoIdentity) {
  Opaque identity = nullptr;
  EXPECT_EQ(epa_SspiEncodeStringsAsAuthIdentity(nullptr, nullptr, nullptr, &identity),
            SEC_E_INVALID_TOKEN);
  EXPECT_EQ(epa_SspiEncodeStringsAsAuthIdentity(u"a", nullptr, nullptr, nullptr),
            SEC_E_INVALID_TOKEN);
  EXPECT_EQ(identity, nullptr);
}

TEST(IdentityFunctions, AnyFormIsCopied) {
  std::string user = "alice", password = "secret";
  SEC_WINNT_AUTH_IDENTITY_A narrow{};
  narrow.User = reinterpret_cast<UCHAR*>(user.data());
  narrow.UserLength = 5;
  narrow.Password = reinterpret_cast<UCHAR*>(password.data());
  narrow.PasswordLength = 6;
  narrow.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
  EXPECT_EQ(epa_SspiValidateAuthIdentity(&narrow), SEC_E_OK);
  Opaque copy = nullptr;
  ASSERT_EQ(epa_SspiCopyAuthIdentity(&narrow, &copy), SEC_E_OK);
  EXPECT_EQ(Parts(copy), "alice|(null)|secret|");
  epa_SspiFreeAuthIdentity(copy);
  EXPECT_EQ(epa_SspiCopyAuthIdentity(&narrow, nullptr), SEC_E_INVALID_TOKEN);
  narrow.Flags = 0;
  EXPECT_EQ(epa_SspiValidateAuthIdentity(&narrow), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_EQ(epa_SspiCopyAuthIdentity(&narrow, &copy), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_EQ(epa_SspiValidateAuthIdentity(nullptr), SEC_E_INVALID_TOKEN);
}

TEST(IdentityFunctions, OctetsGoOutAndComeIn) {
  Opaque identity = Make(u"alice", u"CORP", u"secret");
  ULONG length = 0;
  char* octets = nullptr;
  ASSERT_EQ(epa_SspiMarshalAuthIdentity(identity, &length, &octets), SEC_E_OK);
  Octets stored(octets, octets + length);
  epa_SspiLocalFree(octets);
  Opaque back = nullptr;
  for (ULONG cut = 0; cut < length; ++cut) {
    Octets shorter(stored.begin(), stored.begin() + cut);
    EXPECT_NE(epa_SspiUnmarshalAuthIdentity(cut, reinterpret_cast<char*>(shorter.data()), &back),
              SEC_E_OK)
        << cut;
  }
  ASSERT_EQ(epa_SspiUnmarshalAuthIdentity(length, reinterpret_cast<char*>(stored.data()), &back),
            SEC_E_OK);
  EXPECT_EQ(Parts(back), "alice|CORP|secret|");
  epa_SspiFreeAuthIdentity(back);
  epa_SspiFreeAuthIdentity(identity);
  EXPECT_EQ(epa_SspiMarshalAuthIdentity(nullptr, &length, &octets), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(epa_SspiUnmarshalAuthIdentity(0, nullptr, &back), SEC_E_INVALID_TOKEN);
}

TEST(IdentityFunctions, Compare) {
  const struct {
    PCWSTR user, domain, password;
    bool same_user, same_identity;
  } others[] = {{u"alice", u"CORP", u"secret", true, true},
                {u"ALICE", u"corp", u"secret", true, true},
                {u"CORP\\alice", nullptr, u"secret", true, true},
                {u"alice", u"CORP", u"other", true, false},
                {u"alice", u"CORP", nullptr, true, false},
                {u"alice", nullptr, u"secret", false, false},
                {u"bob", u"CORP", u"secret", false, false}};
  Opaque identity = Make(u"alice", u"CORP", u"secret");
  for (const auto& [user, domain, password, same_user, same_identity] : others) {
    Opaque other = Make(user, domain, password);
    BOOLEAN users = 7, identities = 7;
    ASSERT_EQ(epa_SspiCompareAuthIdentities(identity, other, &users, &identities), SEC_E_OK);
    EXPECT_EQ(users, same_user ? 1 : 0) << Narrow(user);
    EXPECT_EQ(identities, same_identity ? 1 : 0) << Narrow(user);
    EXPECT_EQ(epa_SspiCompareAuthIdentities(identity, other, nullptr, nullptr), SEC_E_OK);
    epa_SspiFreeAuthIdentity(other);
  }
  BOOLEAN same = 7;
  EXPECT_EQ(epa_SspiCompareAuthIdentities(identity, nullptr, &same, nullptr), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(same, 7);
  epa_SspiFreeAuthIdentity(identity);
}

TEST(IdentityFunctions, APackageIsExcluded) {
  const LoginKind kind = NtlmKinds().back();
  Opaque identity = Make(u"alice", u"EXAMPLE", u"secret-alice");
  Opaque without = nullptr;
  ASSERT_EQ(epa_SspiExcludePackage(identity, u"NTLM", &without), SEC_E_OK);
  CredHandle handle{};
  ASSERT_EQ(Acquire(Form::kW, kind.package, SECPKG_CRED_OUTBOUND, identity, &handle), SEC_E_OK);
  epa_FreeCredentialsHandle(&handle);
  EXPECT_EQ(Acquire(Form::kW, kind.package, SECPKG_CRED_OUTBOUND, without, &handle),
            SEC_E_NO_CREDENTIALS);
  epa_SspiFreeAuthIdentity(without);
  EXPECT_EQ(epa_SspiExcludePackage(identity, nullptr, &without), SEC_E_INVALID_TOKEN);
  epa_SspiFreeAuthIdentity(identity);
}

TEST(IdentityFunctions, HostOfATarget) {
  for (const auto& [target, host] :
       {std::pair(u"HTTP/www.example.com:80", "www.example.com"),
        std::pair(u"cifs/server.example.com@EXAMPLE.COM", "server.example.com")}) {
    PWSTR name = nullptr;
    ASSERT_EQ(epa_SspiGetTargetHostName(target, &name), SEC_E_OK);
    EXPECT_EQ(Narrow(name), host);
    epa_SspiLocalFree(name);
  }
  PWSTR name = nullptr;
  EXPECT_EQ(epa_SspiGetTargetHostName(u"no slash", &name), SEC_E_TARGET_UNKNOWN);
  EXPECT_EQ(epa_SspiGetTargetHostName(nullptr, &name), SEC_E_INVALID_TOKEN);
}

TEST(IdentityFunctions, AnotherPasswordMayHelp) {
  EXPECT_TRUE(epa_SspiIsPromptingNeeded(static_cast<ULONG>(SEC_E_LOGON_DENIED)));
  EXPECT_TRUE(epa_SspiIsPromptingNeeded(0xC000006D));
  EXPECT_FALSE(epa_SspiIsPromptingNeeded(static_cast<ULONG>(SEC_E_BAD_BINDINGS)));
  EXPECT_FALSE(epa_SspiIsPromptingNeeded(0));
}

TEST(IdentityFunctions, WhatAManagerOfCredentialsStores) {
  Opaque identity = Make(u"alice", u"CORP", u"pw");
  for (const PCWSTR target : {PCWSTR(nullptr), PCWSTR(u"web")}) {
    ULONG type = 0, size = 0;
    PCWSTR name = nullptr, user = nullptr;
    PUCHAR blob = nullptr;
    ASSERT_EQ(epa_SspiPrepareForCredWrite(identity, target, &type, &name, &user, &blob, &size),
              SEC_E_OK);
    EXPECT_EQ(type, 2u);
    EXPECT_EQ(Narrow(name), target == nullptr ? "CORP\\alice" : "web");
    EXPECT_EQ(Narrow(user), "CORP\\alice");
    EXPECT_EQ(Octets(blob, blob + size), Octets({'p', 0, 'w', 0}));
    epa_SspiLocalFree(const_cast<SEC_WCHAR*>(name));
    epa_SspiLocalFree(const_cast<SEC_WCHAR*>(user));
    epa_SspiLocalFree(blob);
  }
  EXPECT_EQ(
      epa_SspiPrepareForCredWrite(identity, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr),
      SEC_E_INVALID_TOKEN);
  epa_SspiFreeAuthIdentity(identity);
}

TEST(IdentityFunctions, WhatLinuxHasNotIsSaidSo) {
  Opaque identity = Make(u"alice", nullptr, u"secret");
  EXPECT_EQ(epa_SspiEncryptAuthIdentity(identity), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_SspiDecryptAuthIdentityEx(0, identity), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_SspiPrepareForCredRead(identity, nullptr, nullptr, nullptr),
            SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(Parts(identity), "alice|(null)|secret|");
  epa_SspiFreeAuthIdentity(identity);
  ULONG count = 0;
  EXPECT_EQ(epa_SaslEnumerateProfilesW(nullptr, &count), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(epa_SaslSetContextOption(nullptr, 0, nullptr, 0), SEC_E_INVALID_HANDLE);
}

}  // namespace
}  // namespace epa::test
