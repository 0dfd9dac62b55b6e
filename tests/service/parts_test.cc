// What a service is made of, and settings that contradict each other or mean nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/service/service.h"
#include "tests/support/certificates.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::service {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CreateCertificate;
using ::epa::test::IsOk;
using ::epa::test::KeyType;
using ::epa::test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Parts = absl::StatusOr<std::shared_ptr<const ServiceParts>>;

// A keytab of one key (MIT's format, version 2) for HTTP/www.example.com@EXAMPLE.COM.
std::string Keytab() {
  std::string entry;
  const auto number = [&entry](uint64_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) {
      entry += static_cast<char>(value >> (8 * i) & 0xFF);
    }
  };
  const auto text = [&](std::string_view value) {
    number(value.size(), 2);
    entry += value;
  };
  number(2, 2);
  text("EXAMPLE.COM");
  text("HTTP");
  text("www.example.com");
  number(1, 4);   // name type
  number(0, 4);   // time
  number(1, 1);   // version
  number(18, 2);  // aes256-cts-hmac-sha1-96
  text(std::string(32, 'k'));
  const std::string body = std::exchange(entry, "");
  number(body.size(), 4);
  return "\x05\x02" + entry + body;
}

class PartsTest : public ::testing::Test {
 protected:
  PartsTest() {
    folder_.Write("accounts", "DEMO:alice:secret\n");
    folder_.Write("keytab", Keytab());
    folder_.Write("cert.pem", one_.certificate_pem);
    folder_.Write("key.pem", one_.key_pem);
    folder_.Write("ed.pem", edwards_.certificate_pem);
    folder_.Write("krb5.conf", "[libdefaults]\n default_realm = EXAMPLE.COM\n");
  }

  // Of a file's whole text.
  Parts Make(std::string_view text, ServiceName service = {Protocol::kHttp, ""},
             TlsEnd tls_end = TlsEnd::kElsewhere) {
    auto file = ConfigurationFile::Parse(text, folder_.File("epa.conf"));
    if (!file.ok()) {
      return file.status();
    }
    ConfiguredService found = file->Find(service).value();
    auto settings = ReadSettings(service.protocol, found.settings, found.front_end);
    return MakeParts(settings.value(), {.tls_end = tls_end});
  }
  // A service that is right but for these lines, which begin in line 5.
  Parts With(std::string_view lines) {
    return Make("[http]\naccounts = accounts\n\ncert = cert.pem\n" + std::string(lines));
  }
  void ExpectFault(const Parts& parts, const std::string& fault) {
    EXPECT_THAT(parts.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                         StartsWith(folder_.File("epa.conf") + fault)));
  }
  std::string Read(std::string_view name) {
    std::ifstream file(folder_.File(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static inline const Certificate one_ = CreateCertificate().value();
  static inline const Certificate edwards_ = CreateCertificate({.key = KeyType::kEd25519}).value();

  test::TemporaryFolder folder_;
};

// Whether alice is let in, bound to this channel or none.
bool LetsIn(const ServiceParts& parts, const Channel& client_channel) {
  ntlm::InitiatorOptions alice;
  alice.user = "alice";
  alice.domain = "DEMO";
  alice.password = SecretBytes::FromText("secret");
  const auto client = test::MakeClient(std::move(alice), client_channel, {});
  AcceptOptions options;
  options.credentials = parts.packages.ntlm;
  options.policy = parts.policy;
  options.channel = parts.ChannelNow().value();
  options.audit = parts.audit;
  const auto server = SecurityContext::Accept(std::move(options)).value();
  const StepResult challenge = test::StepOrDie(*server, test::StepOrDie(*client, {}).token);
  test::StepOrDie(*server, test::StepOrDie(*client, challenge.token).token);
  return server->established();
}

TEST_F(PartsTest, ALoginIsBoundToTheCertificateOnDisk) {
  ASSERT_OK_AND_ASSIGN(const auto parts, With("audit = a.json\naudit = b.json\n"));
  EXPECT_TRUE(LetsIn(*parts, parts->ChannelNow().value()));
  EXPECT_FALSE(LetsIn(*parts, Channel::Plain()));
  EXPECT_FALSE(LetsIn(*parts, Channel::Tls(test::Bindings(7))));
  const std::string events = Read("a.json");
  EXPECT_EQ(std::ranges::count(events, '\n'), 3);
  EXPECT_EQ(Read("b.json"), events);
}

TEST_F(PartsTest, EventsThatAnyOfSeveralSinksLosesAreCounted) {
  ASSERT_OK_AND_ASSIGN(const auto parts, With("audit = a.json\naudit = /dev/full\n"));
  EXPECT_FALSE(LetsIn(*parts, Channel::Plain()));
  EXPECT_EQ(parts->audit->lost_events(), 1U);
  EXPECT_EQ(std::ranges::count(Read("a.json"), '\n'), 1);
}

TEST_F(PartsTest, APolicyIsWhatWasSaid) {
  ASSERT_OK_AND_ASSIGN(const auto parts,
                       With("extended-protection = allow\nrequire-mic = yes\naudit-only = yes\n"
                            "audit = a.json\nflag = service-name-on-tls\n"
                            "spn = HTTP/www.example.com\nport-rule = ignore\n"));
  const ExtendedProtectionOptions& options = parts->policy->options();
  EXPECT_EQ(options.mode, ExtendedProtectionMode::kAllow);
  EXPECT_EQ(options.scenario, ProtectionScenario::kTransportSelected);
  EXPECT_TRUE(options.require_mic);
  EXPECT_TRUE(options.audit_only);
  EXPECT_TRUE(options.service_name_on_tls);
  EXPECT_THAT(options.accepted_names.names(), ElementsAre("HTTP/www.example.com"));
  EXPECT_EQ(options.accepted_names.port_rule(), PortRule::kIgnore);
}

TEST_F(PartsTest, DefaultsAreSafe) {
  ASSERT_OK_AND_ASSIGN(const auto parts, With(""));
  const ExtendedProtectionOptions& options = parts->policy->options();
  EXPECT_EQ(options.mode, ExtendedProtectionMode::kRequire);
  EXPECT_FALSE(options.audit_only || options.no_service_name_check || options.nothing_to_check ||
               options.proxy_cohosting || options.allow_guest || options.allow_anonymous);
  EXPECT_EQ(parts->undefined_hash, tls::UndefinedHashRule::kFail);
}

TEST_F(PartsTest, WithoutAccountsAndKeysThereIsNoService) {
  ExpectFault(Make("[http]\ncert = cert.pem\n"),
              ":1: [http]: accounts (NTLM) or keytab (Kerberos) is needed");
  ExpectFault(Make("[http]\ncert = cert.pem\naccounts = accounts\npackage = Kerberos\n"),
              ":4: package: keytab is needed for Kerberos");
  ExpectFault(Make("[http]\ncert = cert.pem\nkeytab = keytab\npackage = NTLM\n"),
              ":4: package: accounts is needed for NTLM");
}

TEST_F(PartsTest, PackagesAreThoseThatHaveCredentials) {
  ASSERT_OK_AND_ASSIGN(const auto both, With("keytab = keytab\nkrb5-config = krb5.conf\n"));
  EXPECT_NE(both->packages.negotiate, nullptr);
  EXPECT_NE(both->packages.ntlm, nullptr);
  EXPECT_NE(both->packages.kerberos, nullptr);
  ASSERT_OK_AND_ASSIGN(const auto ntlm, With("package = NTLM\n"));
  EXPECT_EQ(ntlm->packages.negotiate, nullptr);
  EXPECT_NE(ntlm->packages.ntlm, nullptr);
}

TEST_F(PartsTest, WhatHasNoUseIsRefusedUnlessInherited) {
  ExpectFault(With("exclusive-key = yes\n"), ":5: exclusive-key: of use with keytab only");
  ExpectFault(With("package = NTLM\nkeytab = keytab\n"), ":6: keytab: of use with package");
  ExpectFault(With("spn = HTTP/www.example.com\n"), ":5: spn: not compared with scenario tls");
  ExpectFault(With("flag = allow-dotless-spn\n"), ":5: flag: allow-dotless-spn is about spn");
  EXPECT_THAT(Make("[common]\nexclusive-key = yes\nspn = HTTP/www.example.com\n"
                   "flag = allow-dotless-spn\nkeytab = missing\n"
                   "[http]\naccounts = accounts\ncert = cert.pem\npackage = NTLM\n"),
              IsOk());
}

TEST_F(PartsTest, ABadNameIsShownInItsLine) {
  ExpectFault(With("scenario = proxy\nspn = HTTP/www.example.com\nspn = HTTP/www\n"), ":7: spn: ");
  EXPECT_THAT(With("scenario = proxy\nspn = HTTP/www\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("flag allow-dotless-spn")));
}

TEST_F(PartsTest, PoliciesThatProtectNothingAreRefused) {
  ExpectFault(With("scenario = clear\n"), ":5: scenario: clear is checked by service name alone");
  ExpectFault(With("scenario = proxy\n"),
              ":5: scenario: behind a proxy the service name decides: give spn");
  ExpectFault(With("flag = proxy-cohosting\n"), ":1: [http]: ");
  ExpectFault(With("audit-only = yes\n"), ":5: audit-only: refuses nothing");
}

TEST_F(PartsTest, FilesThatCannotBeUsedAreRefusedWithTheirLine) {
  ExpectFault(With("keytab = missing\nkrb5-config = krb5.conf\n"), ":5: keytab: ");
  ExpectFault(With("keytab = keytab\nkrb5-config = missing\n"), ":6: krb5-config: ");
  ExpectFault(With("registry = missing.reg\n"), ":5: registry: ");
  ExpectFault(With("audit = no/such/folder\n"), ":5: audit: ");
  ExpectFault(Make("[http]\naccounts = accounts\ncert = missing\n"), ":3: cert: ");
  ExpectFault(Make("[http]\naccounts = accounts\ncert = key.pem\n"), ":3: cert: ");
  ExpectFault(Make("[http]\ncert = cert.pem\naccounts = accounts\naccounts = missing\n"),
              ":4: accounts: ");
}

TEST_F(PartsTest, TheHashRuleFollowsTheModeUnlessItIsSaid) {
  const std::string head = "[http]\naccounts = accounts\ncert = ed.pem\n";
  ExpectFault(Make(head), ":3: cert: ");
  ASSERT_OK_AND_ASSIGN(const auto allow, Make(head + "extended-protection = 1\n"));
  EXPECT_FALSE(allow->ChannelNow().value().has_bindings());
  ASSERT_OK_AND_ASSIGN(const auto sha256, Make(head + "undefined-hash = sha256\n"));
  EXPECT_TRUE(sha256->ChannelNow().value().has_bindings());
}

TEST_F(PartsTest, WhereTlsEndsHereEveryCertificateHasAKey) {
  const ServiceName http = {Protocol::kHttp, ""};
  const std::string head = "[http]\naccounts = accounts\n";
  ASSERT_OK_AND_ASSIGN(const auto parts,
                       Make(head + "cert = cert.pem\nkey = key.pem\n", http, TlsEnd::kHere));
  ASSERT_EQ(parts->key_pairs.size(), 1U);
  EXPECT_EQ(parts->key_pairs[0].key, folder_.File("key.pem"));
  EXPECT_EQ(parts->certificates, nullptr);
  EXPECT_THAT(parts->ChannelNow().status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectFault(Make(head + "cert = cert.pem\n", http, TlsEnd::kHere), ":3: cert: every cert");
  ExpectFault(Make(head + "certificate-roll-over = 60\n", http, TlsEnd::kHere),
              ":3: certificate-roll-over: of use where another process");
  ExpectFault(Make(head + "key = key.pem\n", http, TlsEnd::kHere), ":3: key: every cert");
  ExpectFault(Make(head, http, TlsEnd::kHere), ":1: [http]: cert and key are needed");
  ExpectFault(Make(head + "scenario = clear\nextended-protection = 0\ncert = cert.pem\n", http,
                   TlsEnd::kHere),
              ":5: cert: scenario clear has no TLS");
}

TEST_F(PartsTest, AWebServerHasCertificatesAndSocketsOfItsOwn) {
  const std::string head = "[http]\naccounts = accounts\n";
  const ServiceName http = {Protocol::kHttp, ""};
  ASSERT_OK_AND_ASSIGN(const auto parts,
                       Make(head + "user-name = plain\n", http, TlsEnd::kWebServer));
  EXPECT_EQ(parts->settings.user_name, UserNameForm::kPlain);
  EXPECT_EQ(parts->certificates, nullptr);
  EXPECT_FALSE(parts->ChannelNow().ok());
  for (const char* line :
       {"cert = cert.pem", "key = key.pem", "listen = 127.0.0.1:1", "workers = 2",
        "max-connections = 9", "max-connections-per-address = 9", "login-time = 9"}) {
    const std::string name(line, std::string_view(line).find(' '));
    ExpectFault(Make(head + line + "\n", http, TlsEnd::kWebServer),
                ":3: " + name + ": the web server has such a setting of its own");
  }
  // What is said for all services is no error here.
  EXPECT_OK(Make("[common]\nlisten = 127.0.0.1:1\n" + head, http, TlsEnd::kWebServer));
}

TEST_F(PartsTest, WhatAWebServerTellsApplicationsIsItsOwn) {
  ExpectFault(With("user-name = plain\n"), ":5: user-name: of use in a web server only");
}

TEST_F(PartsTest, AKeytabIsReadOnceForServicesThatShareTheirs) {
  SharedAccounts shared;
  const auto credentials = [&](const std::string& more, SharedAccounts* accounts) {
    const std::string text = "[http]\nkeytab = keytab\nkrb5-config = krb5.conf\n" + more;
    const ServiceName http = {Protocol::kHttp, ""};
    const auto file = ConfigurationFile::Parse(text, folder_.File("epa.conf")).value();
    const ConfiguredService service = file.Find(http).value();
    auto settings = ReadSettings(http.protocol, service.settings, service.front_end).value();
    return MakeParts(std::move(settings), {.tls_end = TlsEnd::kWebServer, .accounts = accounts})
        .value()
        ->packages.kerberos;
  };
  const auto one = credentials("", &shared);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(credentials("extended-protection = 1\n", &shared), one);
  EXPECT_NE(credentials("", nullptr), one);
  // What changes whom it accepts makes another of it.
  for (const char* more :
       {"exclusive-key = yes\n", "require-pac = yes\n", "allow-weak-encryption = yes\n"}) {
    EXPECT_NE(credentials(more, &shared), one) << more;
  }
}

TEST_F(PartsTest, DelegatedTicketsLieWhereNobodyReplacesThem) {
  const ServiceName http = {Protocol::kHttp, ""};
  const auto with = [&](const std::string& folder, const std::string& keys) {
    return Make("[http]\naccounts = accounts\n" + keys + "delegated-credentials = " + folder + "\n",
                http, TlsEnd::kWebServer);
  };
  const std::string keys = "keytab = keytab\nkrb5-config = krb5.conf\n";
  ExpectFault(with(".", ""), ":3: delegated-credentials: of use with keytab only");
  ExpectFault(with("missing", keys),
              ":5: delegated-credentials: " + folder_.File("missing") + " is not a directory");
  ExpectFault(with("keytab", keys),
              ":5: delegated-credentials: " + folder_.File("keytab") + " is not a directory");
  const std::string open_to_all = folder_.File("open");
  std::filesystem::create_directory(open_to_all);
  std::filesystem::permissions(open_to_all, std::filesystem::perms::all);
  ExpectFault(with("open", keys), ":5: delegated-credentials: everybody may replace files");
  std::filesystem::permissions(open_to_all,
                               std::filesystem::perms::all | std::filesystem::perms::sticky_bit);
  ASSERT_OK_AND_ASSIGN(const auto parts, with("open", keys));
  EXPECT_EQ(parts->settings.delegated_credentials, open_to_all);
}

TEST_F(PartsTest, AFrontEndSpellsNamesItsOwnWay) {
  const Spelling loud = [](std::string_view name) { return "LOUD " + std::string(name); };
  auto settings = ReadSettings(Protocol::kHttp, {}, {"", "--", loud});
  EXPECT_THAT(MakeParts(settings.value(), {.tls_end = TlsEnd::kWebServer}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "LOUD accounts (NTLM) or LOUD keytab (Kerberos) is needed"));
}

TEST_F(PartsTest, WhereTlsEndsElsewhereACertificateIsNeeded) {
  ExpectFault(Make("[http]\naccounts = accounts\n"), ":1: [http]: cert is needed");
}

TEST_F(PartsTest, WhereTheProgramGivesItsBindingsNoCertificateIsNeeded) {
  ASSERT_OK_AND_ASSIGN(const auto parts, Make("[http]\naccounts = accounts\ngss = application\n"));
  EXPECT_EQ(parts->certificates, nullptr);
  EXPECT_THAT(parts->ChannelNow().status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectFault(Make("[http]\naccounts = accounts\ngss = certificate\n"),
              ":1: [http]: cert is needed");
}

TEST_F(PartsTest, WhatIsAboutOtherProgramsIsOfNoUseToAServerOfItsOwn) {
  const std::string head = "[http]\naccounts = accounts\ncert = cert.pem\nkey = key.pem\n";
  for (const char* line :
       {"gss = certificate", "executable = apache2", "acceptor = HTTP", "own-logins = yes"}) {
    ExpectFault(Make(head + line + "\n", {Protocol::kHttp, ""}, TlsEnd::kHere), ":5: ");
  }
}

TEST_F(PartsTest, TheRegistrySaysWhatTheServiceDoesNot) {
  folder_.Write("a.reg",
                "Windows Registry Editor Version 5.00\n\n"
                "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters]\n"
                "\"LdapEnforceChannelBinding\"=dword:00000001\n"
                "\"SuppressExtendedProtection\"=dword:00000001\n");
  const std::string text = "[ldap]\naccounts = accounts\ncert = cert.pem\nregistry = a.reg\n";
  ASSERT_OK_AND_ASSIGN(const auto parts, Make(text, {Protocol::kLdap, ""}));
  EXPECT_EQ(parts->policy->mode(), ExtendedProtectionMode::kAllow);
  EXPECT_EQ(parts->notes.size(), 1U);  // the other name is one of another key
  ASSERT_OK_AND_ASSIGN(const auto own,
                       Make(text + "extended-protection = 2\n", {Protocol::kLdap, ""}));
  EXPECT_EQ(own->policy->mode(), ExtendedProtectionMode::kRequire);
}

TEST_F(PartsTest, TelnetHasNtlmAloneAndNoTlsUnlessItIsSaid) {
  const ServiceName telnet = {Protocol::kTelnet, ""};
  ASSERT_OK_AND_ASSIGN(const auto parts, Make("[telnet]\naccounts = accounts\n"
                                              "spn = TELNET/host.example.com\n",
                                              telnet));
  EXPECT_EQ(parts->ChannelNow().value().kind(), ChannelKind::kPlain);
  EXPECT_EQ(parts->packages.kerberos, nullptr);
  ExpectFault(Make("[telnet]\nspn = TELNET/host.example.com\n", telnet),
              ":1: [telnet]: accounts is needed");
  ExpectFault(Make("[telnet]\naccounts = accounts\nspn = TELNET/host.example.com\n"
                   "package = Kerberos\n",
                   telnet),
              ":4: package: Kerberos: telnet has NTLM alone");
}

TEST_F(PartsTest, SmbHasItsNamesAndRules) {
  const ServiceName smb = {Protocol::kSmb, ""};
  const std::string head = "[smb]\naccounts = accounts\nspn = cifs/files.example.com\n";
  ASSERT_OK_AND_ASSIGN(const auto parts,
                       Make(head + "signing = optional\nencryption = off\ndialect = 3.1.1\n"
                                   "require-mic = yes\n",
                            smb));
  ASSERT_TRUE(parts->smb.has_value());
  EXPECT_THAT(parts->smb->names.configured_names, ElementsAre("files.example.com"));
  EXPECT_FALSE(parts->smb->require_signing);
  EXPECT_EQ(parts->smb->encryption, smb2::EncryptionPolicy::kOff);
  EXPECT_THAT(parts->smb->dialects, ElementsAre(smb2::Dialect::k311));
  EXPECT_EQ(parts->smb->credentials, parts->packages.negotiate);
  EXPECT_TRUE(parts->policy->options().require_mic);
  ExpectFault(Make(head + "map-to-guest = bad-user\n", smb),
              ":4: map-to-guest: bad-user needs ext");
  ExpectFault(Make(head + "map-to-guest = bad-user\nextended-protection = 1\n", smb),
              ":4: map-to-guest: bad-user needs signing optional");
  EXPECT_THAT(
      Make(head + "map-to-guest = bad-user\nextended-protection = 1\nsigning = optional\n", smb),
      IsOk());
}

}  // namespace
}  // namespace epa::service
