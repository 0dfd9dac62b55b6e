// AcquireCredentialsHandle: every structure it takes, and what it makes of others.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>

#include "tests/sspi/sspi_peer.h"
#include "tests/support/temporary_folder.h"

namespace epa::test {
namespace {

const LoginKind& Ntlm() {
  static const auto& kind = *new LoginKind(NtlmKinds().front());
  return kind;
}

// The server's last word to a client with this identity.
SECURITY_STATUS LogIn(void* identity, const LoginKind& kind = Ntlm()) {
  EPA_AUTH_DATA server_data = ServerData(kind);
  CredHandle client_handle;
  const SECURITY_STATUS acquired =
      Acquire(Form::kW, kind.package, SECPKG_CRED_OUTBOUND, identity, &client_handle);
  if (acquired != SEC_E_OK) {
    return acquired;
  }
  CredentialsHandle server_handle(kind.package, SECPKG_CRED_INBOUND, &server_data);
  SideOptions options;
  options.target = kind.target;
  Side client = Side::Client(&client_handle, options);
  Side server = Side::Server(server_handle.get(), {});
  const Outcome outcome = RunLogin(client, server);
  epa_FreeCredentialsHandle(&client_handle);
  return outcome.client < 0 ? outcome.client : outcome.server;
}

struct WideIdentity {
  std::u16string user = u"alice", domain = u"EXAMPLE", password = u"secret-alice";

  SEC_WINNT_AUTH_IDENTITY_W Plain() {
    SEC_WINNT_AUTH_IDENTITY_W identity{};
    identity.User = reinterpret_cast<unsigned short*>(user.data());
    identity.UserLength = static_cast<ULONG>(user.size());
    identity.Domain = reinterpret_cast<unsigned short*>(domain.data());
    identity.DomainLength = static_cast<ULONG>(domain.size());
    identity.Password = reinterpret_cast<unsigned short*>(password.data());
    identity.PasswordLength = static_cast<ULONG>(password.size());
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    return identity;
  }

  SEC_WINNT_AUTH_IDENTITY_EXW Extended(std::u16string& packages) {
    const SEC_WINNT_AUTH_IDENTITY_W plain = Plain();
    SEC_WINNT_AUTH_IDENTITY_EXW identity{};
    identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    identity.Length = sizeof(identity);
    identity.User = plain.User;
    identity.UserLength = plain.UserLength;
    identity.Domain = plain.Domain;
    identity.DomainLength = plain.DomainLength;
    identity.Password = plain.Password;
    identity.PasswordLength = plain.PasswordLength;
    identity.Flags = plain.Flags;
    identity.PackageList = reinterpret_cast<unsigned short*>(packages.data());
    identity.PackageListLength = static_cast<ULONG>(packages.size());
    return identity;
  }
};

TEST(Identities, WideAndNarrow) {
  WideIdentity texts;
  SEC_WINNT_AUTH_IDENTITY_W wide = texts.Plain();
  EXPECT_EQ(LogIn(&wide), SEC_E_OK);
  std::string user = "alice", domain = "EXAMPLE", password = "secret-alice";
  SEC_WINNT_AUTH_IDENTITY_A narrow = {reinterpret_cast<UCHAR*>(user.data()),
                                      5,
                                      reinterpret_cast<UCHAR*>(domain.data()),
                                      7,
                                      reinterpret_cast<UCHAR*>(password.data()),
                                      12,
                                      SEC_WINNT_AUTH_IDENTITY_ANSI};
  EXPECT_EQ(LogIn(&narrow), SEC_E_OK);
  narrow.PasswordLength = 11;
  EXPECT_EQ(LogIn(&narrow), SEC_E_LOGON_DENIED);
}

TEST(Identities, TheUserMayCarryTheDomain) {
  WideIdentity texts;
  texts.user = u"EXAMPLE\\alice";
  texts.domain = u"";
  SEC_WINNT_AUTH_IDENTITY_W identity = texts.Plain();
  EXPECT_EQ(LogIn(&identity), SEC_E_OK);
}

TEST(Identities, ExtendedOnesNamePackages) {
  WideIdentity texts;
  const LoginKind negotiate = NtlmKinds().back();
  for (const auto& [packages, status] :
       {std::pair(u"NTLM", SEC_E_OK), std::pair(u"!Kerberos", SEC_E_OK),
        std::pair(u" ntlm , Kerberos", SEC_E_OK), std::pair(u"", SEC_E_OK),
        std::pair(u"!NTLM", SEC_E_NO_CREDENTIALS), std::pair(u"Kerberos", SEC_E_NO_CREDENTIALS),
        std::pair(u"NTLM,!NTLM", SEC_E_NO_CREDENTIALS)}) {
    std::u16string list = packages;
    SEC_WINNT_AUTH_IDENTITY_EXW identity = texts.Extended(list);
    EXPECT_EQ(LogIn(&identity, negotiate), status) << Narrow(packages);
  }
}

TEST(Identities, OpaqueOnesAreMadeFromStrings) {
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
  ASSERT_EQ(epa_SspiEncodeStringsAsAuthIdentity(u"alice", u"EXAMPLE", u"secret-alice", &identity),
            SEC_E_OK);
  SEC_WINNT_AUTH_IDENTITY_EX2 header;
  std::memcpy(&header, identity, sizeof(header));
  EXPECT_EQ(header.Version, SEC_WINNT_AUTH_IDENTITY_VERSION_2);
  EXPECT_EQ(LogIn(identity), SEC_E_OK);
  epa_SspiZeroAuthIdentity(identity);
  const auto* octets = static_cast<const uint8_t*>(identity);
  EXPECT_EQ(Octets(octets + sizeof(header), octets + header.cbStructureLength),
            Octets(header.cbStructureLength - sizeof(header), 0));
  EXPECT_LT(LogIn(identity), 0);
  epa_SspiFreeAuthIdentity(identity);
  epa_SspiFreeAuthIdentity(nullptr);
  epa_SspiZeroAuthIdentity(nullptr);
}

TEST(Identities, ZeroingTakesNamesAndPassword) {
  WideIdentity texts;
  SEC_WINNT_AUTH_IDENTITY_W identity = texts.Plain();
  epa_SspiZeroAuthIdentity(&identity);
  EXPECT_EQ(texts.password, std::u16string(12, u'\0'));
  EXPECT_EQ(texts.user, std::u16string(5, u'\0'));
  WideIdentity others;
  std::u16string packages = u"NTLM";
  SEC_WINNT_AUTH_IDENTITY_EXW extended = others.Extended(packages);
  epa_SspiZeroAuthIdentity(&extended);
  EXPECT_EQ(others.password, std::u16string(12, u'\0'));
}

TEST(Identities, CutOffOpaqueOnesAreRefused) {
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
  ASSERT_EQ(epa_SspiEncodeStringsAsAuthIdentity(u"alice", u"EXAMPLE", u"secret-alice", &identity),
            SEC_E_OK);
  SEC_WINNT_AUTH_IDENTITY_EX2 header;
  std::memcpy(&header, identity, sizeof(header));
  for (ULONG size = 0; size < header.cbStructureLength; ++size) {
    SEC_WINNT_AUTH_IDENTITY_EX2 cut = header;
    cut.cbStructureLength = size;
    std::memcpy(identity, &cut, sizeof(cut));
    ASSERT_EQ(LogIn(identity), SEC_E_UNKNOWN_CREDENTIALS) << size;
  }
  std::memcpy(identity, &header, sizeof(header));
  epa_SspiFreeAuthIdentity(identity);
}

TEST(Identities, ThatAreNoneAreUnknown) {
  WideIdentity texts;
  SEC_WINNT_AUTH_IDENTITY_W identity = texts.Plain();
  identity.Flags = 0;
  EXPECT_EQ(LogIn(&identity), SEC_E_UNKNOWN_CREDENTIALS);
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_ANSI;
  EXPECT_EQ(LogIn(&identity), SEC_E_UNKNOWN_CREDENTIALS);
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_MARSHALLED;
  EXPECT_EQ(LogIn(&identity), SEC_E_UNKNOWN_CREDENTIALS);
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
  identity.UserLength = 0x7FFFFFFF;
  EXPECT_EQ(LogIn(&identity), SEC_E_UNKNOWN_CREDENTIALS);
  identity = texts.Plain();
  texts.user[0] = 0xD800;  // half a character
  EXPECT_EQ(LogIn(&identity), SEC_E_UNKNOWN_CREDENTIALS);
  SEC_WINNT_AUTH_IDENTITY_W nothing{};
  nothing.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
  EXPECT_EQ(LogIn(&nothing), SEC_E_NO_CREDENTIALS);
}

// Empty strings, as opposed to none, are a null session.
TEST(Identities, EmptyStringsAreNobody) {
  WideIdentity texts;
  texts.user = texts.domain = texts.password = u"";
  SEC_WINNT_AUTH_IDENTITY_W identity = texts.Plain();
  EXPECT_EQ(LogIn(&identity), SEC_E_LOGON_DENIED);
}

TEST(Acquiring, ChecksItsArguments) {
  EPA_AUTH_DATA data = ClientData(Ntlm());
  CredHandle handle{};
  int logon_id = 0;
  std::string package = "NTLM";
  EXPECT_EQ(Acquire(Form::kA, "Digest", SECPKG_CRED_OUTBOUND, &data, &handle),
            SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(Acquire(Form::kW, "", SECPKG_CRED_OUTBOUND, &data, &handle), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(Acquire(Form::kA, "\xff", SECPKG_CRED_OUTBOUND, &data, &handle),
            SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(Acquire(Form::kW, "NTLM", 0, &data, &handle), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(Acquire(Form::kW, "NTLM", 0x80000002, &data, &handle), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, &data, nullptr),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_AcquireCredentialsHandleA(nullptr, nullptr, SECPKG_CRED_OUTBOUND, nullptr, &data,
                                          nullptr, nullptr, &handle, nullptr),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_AcquireCredentialsHandleA(nullptr, package.data(), SECPKG_CRED_OUTBOUND, &logon_id,
                                          &data, nullptr, nullptr, &handle, nullptr),
            SEC_E_NOT_OWNER);
  EXPECT_EQ(epa_AcquireCredentialsHandleA(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr,
                                          &data, nullptr, &logon_id, &handle, nullptr),
            SEC_E_UNSUPPORTED_FUNCTION);
}

TEST(Acquiring, WithoutDataThereIsNothingToLogInWith) {
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, nullptr, &handle),
            SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, nullptr, &handle), SEC_E_NO_CREDENTIALS);
}

TEST(Acquiring, BothRolesAtOnce) {
  EPA_AUTH_DATA data = ServerData(Ntlm());
  data.User = "alice";
  data.Domain = "EXAMPLE";
  data.Password = "secret-alice";
  CredentialsHandle both("NTLM", SECPKG_CRED_BOTH, &data);
  Side client = Side::Client(both.get(), {});
  Side server = Side::Server(both.get(), {});
  EXPECT_TRUE(RunLogin(client, server).succeeded());
}

TEST(Acquiring, ExpiryIsNever) {
  EPA_AUTH_DATA data = ClientData(Ntlm());
  CredHandle handle{};
  TimeStamp expiry{};
  ASSERT_EQ(Acquire(Form::kA, "NTLM", SECPKG_CRED_OUTBOUND, &data, &handle, &expiry), SEC_E_OK);
  EXPECT_EQ(expiry.QuadPart, std::numeric_limits<LONGLONG>::max());
  epa_FreeCredentialsHandle(&handle);
}

TEST(Acquiring, CredentialsTellTheirName) {
  EPA_AUTH_DATA data = ClientData(Ntlm());
  CredentialsHandle client("NTLM", SECPKG_CRED_OUTBOUND, &data);
  SecPkgCredentials_NamesA narrow{};
  ASSERT_EQ(epa_QueryCredentialsAttributesA(client.get(), SECPKG_CRED_ATTR_NAMES, &narrow),
            SEC_E_OK);
  EXPECT_STREQ(narrow.sUserName, "EXAMPLE\\alice");
  epa_FreeContextBuffer(narrow.sUserName);
  SecPkgCredentials_NamesW wide{};
  ASSERT_EQ(
      epa_QueryCredentialsAttributesExW(client.get(), SECPKG_CRED_ATTR_NAMES, &wide, sizeof(wide)),
      SEC_E_OK);
  EXPECT_EQ(Narrow(wide.sUserName), "EXAMPLE\\alice");
  epa_FreeContextBuffer(wide.sUserName);
  EXPECT_EQ(epa_QueryCredentialsAttributesExW(client.get(), SECPKG_CRED_ATTR_NAMES, &wide, 1),
            SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(epa_QueryCredentialsAttributesW(client.get(), SECPKG_CRED_ATTR_NAMES, nullptr),
            SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(epa_QueryCredentialsAttributesW(client.get(), SECPKG_CRED_ATTR_CERT, &wide),
            SEC_E_UNSUPPORTED_FUNCTION);
  EPA_AUTH_DATA server_data = ServerData(Ntlm());
  CredentialsHandle server("NTLM", SECPKG_CRED_INBOUND, &server_data);
  EXPECT_EQ(epa_QueryCredentialsAttributesW(server.get(), SECPKG_CRED_ATTR_NAMES, &wide),
            SEC_E_NO_CREDENTIALS);
}

TEST(EpaAuthData, UnknownVersionsBitsAndLengthsAreRefused) {
  CredHandle handle{};
  const auto acquire = [&](EPA_AUTH_DATA data) {
    return Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, &data, &handle);
  };
  EPA_AUTH_DATA data = ClientData(Ntlm());
  data.Length -= 8;
  EXPECT_EQ(acquire(data), SEC_E_UNKNOWN_CREDENTIALS);
  data = ClientData(Ntlm());
  data.Flags = 0x80000000;
  EXPECT_EQ(acquire(data), SEC_E_UNKNOWN_CREDENTIALS);
  data = ClientData(Ntlm());
  data.User = "\xff";
  EXPECT_EQ(acquire(data), SEC_E_UNKNOWN_CREDENTIALS);
  data = ClientData(Ntlm());
  data.SuppressExtendedProtection = 2;
  EXPECT_EQ(acquire(data), SEC_E_UNKNOWN_CREDENTIALS);
}

TEST(Targets, ThatNameNoServiceAreUnknown) {
  for (const LoginKind& kind : KerberosKinds()) {
    for (const char* target : {"", "nohost", "a/b/c/d"}) {
      EPA_AUTH_DATA data = ClientData(kind);
      data.PackageList = "Kerberos";
      CredentialsHandle credentials(kind.package, SECPKG_CRED_OUTBOUND, &data);
      SideOptions options;
      options.target = target;
      Side client = Side::Client(credentials.get(), options);
      EXPECT_EQ(client.Step({}), SEC_E_TARGET_UNKNOWN) << kind.name << " " << target;
    }
  }
}

TEST(EpaAuthData, EveryDocumentedFlagIsTaken) {
  for (const ULONG flag : {ULONG{EPA_AUTH_EXCLUSIVE_KEY}, ULONG{EPA_AUTH_REQUIRE_PAC}}) {
    const LoginKind kind = KerberosKinds().front();
    EPA_AUTH_DATA data = ServerData(kind);
    data.Flags |= flag;
    CredHandle handle{};
    EXPECT_EQ(Acquire(Form::kW, kind.package, SECPKG_CRED_INBOUND, &data, &handle), SEC_E_OK)
        << flag;
    epa_FreeCredentialsHandle(&handle);
  }
}

TEST(EpaAuthData, SaysWhyItFailed) {
  std::array<char, 256> text{};
  text.fill('x');
  EPA_AUTH_DATA data = ServerData(Ntlm());
  data.Accounts = nullptr;
  const char* const sources[] = {"/nonexistent/accounts", nullptr};
  data.AccountSources = sources;
  data.FaultText = text.data();
  data.cbFaultText = text.size();
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, &data, &handle), SEC_E_NO_CREDENTIALS);
  EXPECT_NE(std::string(text.data()).find("/nonexistent/accounts"), std::string::npos);
  data.cbFaultText = 4;
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, &data, &handle), SEC_E_NO_CREDENTIALS);
  EXPECT_EQ(std::strlen(text.data()), 3u);
  data = ClientData(Ntlm());
  data.FaultText = text.data();
  data.cbFaultText = text.size();
  CredentialsHandle good("NTLM", SECPKG_CRED_OUTBOUND, &data);
  EXPECT_EQ(text[0], '\0');
}

TEST(EpaAuthData, SourcesOfAccountsAreAskedInTheirOrder) {
  const TemporaryFolder folder;
  const std::string first = folder.Write("first", "EXAMPLE:bob:secret-bob\nEXAMPLE:carol:wrong\n");
  const std::string second =
      "file:" + folder.Write("second", "EXAMPLE:alice:secret-alice\nEXAMPLE:carol:secret-carol\n");
  const char* const sources[] = {first.c_str(), second.c_str(), nullptr};
  EPA_AUTH_DATA server_data = ServerData(Ntlm());
  server_data.Accounts = nullptr;
  server_data.AccountSources = sources;
  CredentialsHandle inbound("NTLM", SECPKG_CRED_INBOUND, &server_data);
  for (const auto& [user, password, admitted] :
       {std::tuple("bob", "secret-bob", true), std::tuple("alice", "secret-alice", true),
        std::tuple("carol", "secret-carol", false)}) {  // the first one knows her
    EPA_AUTH_DATA client_data = ClientData(Ntlm());
    client_data.User = user;
    client_data.Password = password;
    CredentialsHandle outbound("NTLM", SECPKG_CRED_OUTBOUND, &client_data);
    Side client = Side::Client(outbound.get(), {});
    Side server = Side::Server(inbound.get(), {});
    EXPECT_EQ(RunLogin(client, server).succeeded(), admitted) << user;
  }
}

// Where winbindd runs the machine may be in a domain.
TEST(EpaAuthData, ADomainThatIsNotThereIsNamed) {
  const bool there = access("/run/samba/winbindd/pipe", F_OK) == 0;
  std::array<char, 256> text{};
  const char* const sources[] = {"winbind:", nullptr};
  EPA_AUTH_DATA data = ServerData(Ntlm());
  data.Accounts = nullptr;
  data.AccountSources = sources;
  data.FaultText = text.data();
  data.cbFaultText = text.size();
  CredHandle handle{};
  const SECURITY_STATUS status = Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, &data, &handle);
  EXPECT_TRUE(there || status == SEC_E_NO_CREDENTIALS) << status;
  EXPECT_TRUE(status == SEC_E_OK || std::string(text.data()).find("winbind") != std::string::npos)
      << text.data();
  if (status == SEC_E_OK) {
    epa_FreeCredentialsHandle(&handle);
  }
}

TEST(EpaAuthData, TwoSourcesOfAccountsAreOneTooMany) {
  EPA_AUTH_DATA data = ServerData(Ntlm());
  const char* const sources[] = {"/etc/passwd", nullptr};
  data.AccountSources = sources;
  CredHandle handle{};
  EXPECT_EQ(Acquire(Form::kW, "NTLM", SECPKG_CRED_INBOUND, &data, &handle),
            SEC_E_UNKNOWN_CREDENTIALS);
}

}  // namespace
}  // namespace epa::test
