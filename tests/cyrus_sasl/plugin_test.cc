// The plug-in as libsasl2 loads it, client and server in one process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/cyrus_sasl/sasl_login.h"
#include "tests/support/certificates.h"
#include "tests/support/private_kdc.h"
#include "tests/support/temporary_folder.h"

namespace epa::test {
namespace {

using ::testing::HasSubstr;

constexpr sasl_ssf_t kTls = 256;
constexpr sasl_ssf_t kAny = 0x7FFFFFFF;
constexpr char kAbsent[] = "absent";
constexpr char kNone[] = "explicit_none";
constexpr char kMatched[] = "matched";
constexpr char kMismatched[] = "mismatched";

std::string Sha256(const std::vector<uint8_t>& octets) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(octets.data(), octets.size(), hash.data());
  return {hash.begin(), hash.end()};
}

std::string EndPoint(char seed) { return "tls-server-end-point:" + std::string(32, seed); }

// One realm for all; its files are the process's environment, as they are a program's.
class PluginTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    KdcOptions options = TestKdcOptions();
    options.services = {"ldap/server.test.example", "smtp/server.test.example"};
    auto realm = PrivateKdc::Start(std::move(options));
    ASSERT_TRUE(realm.ok()) << realm.status();
    realm_ = std::move(*realm).release();
    const auto cache = realm_->Login("alice");
    ASSERT_TRUE(cache.ok()) << cache.status();
    tickets_ = *cache;
    setenv("KRB5_CONFIG", realm_->configuration_path().c_str(), 1);
    setenv("EPA_CONF", "/nonexistent/epa.conf", 1);
    unsetenv("EPA_SERVICE");
  }
  static void TearDownTestSuite() {
    delete realm_;
    realm_ = nullptr;
  }

  PluginTest() { WithTickets(true); }

  static void WithTickets(bool there) {
    setenv("KRB5CCNAME", there ? tickets_.c_str() : "FILE:/nonexistent/tickets", 1);
  }

  // A server of alice's, whose audit is in the folder.
  SaslPrograms Programs(const std::string& mode) {
    folder_.Write("accounts", "EXAMPLE:alice:secret-alice\n");
    SaslPrograms programs;
    programs.options = {{"epa_accounts", folder_.File("accounts")},
                        {"epa_package", "Negotiate NTLM Kerberos"},
                        {"epa_keytab", realm_->keytab_path()},
                        {"epa_krb5_config", realm_->configuration_path()},
                        {"epa_extended_protection", mode},
                        {"epa_gss", "application"},
                        {"epa_audit", folder_.File("audit")}};
    programs.user = "EXAMPLE\\alice";
    programs.password = "secret-alice";
    return programs;
  }

  // All events since the last time.
  std::vector<nlohmann::json> Events() {
    std::ifstream file(folder_.File("audit"));
    std::vector<nlohmann::json> events;
    size_t count = 0;
    for (std::string line; std::getline(file, line);) {
      if (++count > seen_) {
        events.push_back(nlohmann::json::parse(line));
      }
    }
    seen_ = count;
    return events;
  }

  const TemporaryFolder folder_;

 private:
  static inline PrivateKdc* realm_ = nullptr;
  static inline std::string tickets_;
  size_t seen_ = 0;
};

struct Way {
  std::string mechanism;
  bool tickets;
};

const std::vector<Way>& Ways() {
  static const auto& ways = *new std::vector<Way>{
      {"GSSAPI", true}, {"GSS-SPNEGO", true}, {"GSS-SPNEGO", false}, {"NTLM", false}};
  return ways;
}

SaslEnd ClientThatSends(const std::string& binding) {
  SaslEnd client;
  client.external = binding == kNone ? 0 : kTls;
  if (binding == kMatched || binding == kMismatched) {
    client.binding = EndPoint(binding == kMatched ? 'a' : 'b');
  }
  return client;
}

SaslEnd TlsServer() {
  SaslEnd server;
  server.external = kTls;
  server.binding = EndPoint('a');
  return server;
}

bool IsLetIn(const std::string& mode, const std::string& binding) {
  return mode == "0" || binding == kMatched || (mode == "1" && binding == kAbsent);
}

TEST_F(PluginTest, EveryMechanismGoesByModeAndBinding) {
  for (const std::string mode : {"0", "1", "2"}) {
    Sasl sasl(Programs(mode));
    for (const Way& way : Ways()) {
      for (const std::string binding : {kAbsent, kNone, kMatched, kMismatched}) {
        SCOPED_TRACE(testing::Message() << "mode " << mode << " " << way.mechanism << " "
                                        << way.tickets << " " << binding);
        WithTickets(way.tickets);
        const SaslResult result =
            sasl.Login(way.mechanism, "ldap", ClientThatSends(binding), TlsServer());
        const bool let_in = IsLetIn(mode, binding);
        EXPECT_EQ(result.accepted(), let_in) << result.client << result.server << result.error;
        EXPECT_EQ(result.server, let_in ? SASL_OK : SASL_BADAUTH);
        const auto events = Events();
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0]["outcome"], let_in ? "accepted" : "refused") << events[0];
        EXPECT_EQ(events[0]["binding"], binding) << events[0];
        EXPECT_EQ(events[0]["connection"], "192.0.2.2:50432") << events[0];
      }
    }
  }
}

TEST_F(PluginTest, CertificateStandsInForAProgramThatTellsNothing) {
  const auto certificate = CreateCertificate();
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  const std::string right = "tls-server-end-point:" + Sha256(certificate->der);
  SaslPrograms programs = Programs("2");
  programs.options.erase("epa_gss");
  programs.options["epa_cert"] = folder_.Write("cert.pem", certificate->certificate_pem);
  Sasl sasl(std::move(programs));
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    for (const bool match : {true, false}) {
      SaslEnd client;
      client.binding = match ? right : EndPoint('b');
      // Postfix tells neither of TLS nor of a binding.
      const SaslResult result = sasl.Login(way.mechanism, "smtp", client, SaslEnd());
      EXPECT_EQ(result.accepted(), match) << way.mechanism << result.error;
      EXPECT_EQ(Events().back()["binding"], match ? kMatched : kMismatched);
    }
    EXPECT_FALSE(sasl.Login(way.mechanism, "smtp", SaslEnd(), SaslEnd()).accepted());
  }
}

TEST_F(PluginTest, ApplicationRuleLetsClearLoginsBeAndNoTlsWithoutBinding) {
  Sasl sasl(Programs("2"));
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    EXPECT_TRUE(sasl.Login(way.mechanism, "ldap", SaslEnd(), SaslEnd()).accepted());
    SaslEnd untold;
    untold.external = kTls;
    for (const char* const binding : {kAbsent, kMatched}) {
      EXPECT_FALSE(sasl.Login(way.mechanism, "ldap", ClientThatSends(binding), untold).accepted())
          << way.mechanism << binding;
    }
  }
}

TEST_F(PluginTest, TellsLibsasl2ThatTheBindingWasUsed) {
  Sasl sasl(Programs("0"));
  SaslEnd server = TlsServer();
  server.critical_binding = true;
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    EXPECT_TRUE(sasl.Login(way.mechanism, "ldap", ClientThatSends(kMatched), server).accepted());
    EXPECT_EQ(sasl.Login(way.mechanism, "ldap", ClientThatSends(kAbsent), server).server,
              SASL_BADBINDING);
  }
}

TEST_F(PluginTest, NamesAreUserAndDomain) {
  Sasl sasl(Programs("2"));
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    const SaslResult result =
        sasl.Login(way.mechanism, "ldap", ClientThatSends(kMatched), TlsServer());
    EXPECT_EQ(result.user, way.tickets ? "alice@TEST.EXAMPLE" : "alice@EXAMPLE");
    EXPECT_EQ(result.authid, result.user);
  }
}

struct LayerCase {
  sasl_ssf_t client_least, client_most, server_least, server_most;
  // What comes of it with AES-256 and with NTLM; no value: no login.
  std::optional<sasl_ssf_t> kerberos, ntlm;
};

TEST_F(PluginTest, LayersAreAsStrongAsBothProgramsAsk) {
  const std::vector<LayerCase> cases = {
      {0, 0, 0, kAny, 0, 0},
      {0, kAny, 0, kAny, 256, 128},
      {0, 1, 0, kAny, 1, 1},
      {1, 1, 1, 1, 1, 1},
      {0, kAny, 1, kAny, 256, 128},
      {0, 0, 1, kAny, std::nullopt, std::nullopt},
      {0, 1, 2, kAny, std::nullopt, std::nullopt},
      {200, kAny, 0, kAny, 256, std::nullopt},
      {0, kAny, 200, kAny, 256, std::nullopt},
  };
  Sasl sasl(Programs("2"));
  const std::string text(300'000, 'x');
  for (const LayerCase& one : cases) {
    for (const Way& way : Ways()) {
      SCOPED_TRACE(testing::Message()
                   << way.mechanism << way.tickets << " " << one.client_least << "-"
                   << one.client_most << " " << one.server_least << "-" << one.server_most);
      WithTickets(way.tickets);
      SaslEnd client;
      client.least = one.client_least;
      client.most = one.client_most;
      SaslEnd server;
      server.least = one.server_least;
      server.most = one.server_most;
      const SaslResult result = sasl.Login(way.mechanism, "ldap", client, server);
      const std::optional<sasl_ssf_t> strength = way.tickets ? one.kerberos : one.ntlm;
      ASSERT_EQ(result.accepted(), strength.has_value()) << result.error << sasl.log();
      if (strength.value_or(0) > 0) {
        EXPECT_EQ(result.client_strength, *strength);
        EXPECT_EQ(result.server_strength, *strength);
        EXPECT_EQ(sasl.ToServer("abc", 1), "abc");
        EXPECT_EQ(sasl.ToClient("defg", 7), "defg");
        EXPECT_EQ(sasl.ToServer(text, 1000), text);
        EXPECT_EQ(sasl.ToClient(text, 65536), text);
      }
    }
  }
}

TEST_F(PluginTest, ServerThatTakesNoLayerHasNone) {
  Sasl sasl(Programs("0"));
  SaslEnd client;
  client.most = kAny;
  // GSSAPI agrees on none; the others' flags would be a layer to the client alone.
  EXPECT_TRUE(sasl.Login("GSSAPI", "ldap", client, SaslEnd()).accepted());
  EXPECT_EQ(sasl.Login("GSS-SPNEGO", "ldap", client, SaslEnd()).server, SASL_TOOWEAK);
  EXPECT_EQ(Events().back()["reason"], "security_layer_forbidden");
  WithTickets(false);
  EXPECT_EQ(sasl.Login("NTLM", "ldap", client, SaslEnd()).server, SASL_TOOWEAK);
  // Mail has none, whatever is asked.
  const SaslResult mail = sasl.Login("NTLM", "smtp", client, client);
  EXPECT_TRUE(mail.accepted());
  EXPECT_EQ(mail.client_strength, 0U);
  EXPECT_EQ(mail.server_strength, 0U);
}

TEST_F(PluginTest, NoLayerInsideTlsUnlessMoreIsAsked) {
  Sasl sasl(Programs("2"));
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    SaslEnd client = ClientThatSends(kMatched);
    client.most = kAny;
    SaslEnd server = TlsServer();
    server.most = kAny;
    const SaslResult result = sasl.Login(way.mechanism, "ldap", client, server);
    EXPECT_TRUE(result.accepted());
    EXPECT_EQ(result.client_strength, 0U);
    EXPECT_EQ(result.server_strength, 0U);
    client.least = kTls + 1;
    server.least = kTls + 1;
    EXPECT_EQ(sasl.Login(way.mechanism, "ldap", client, server).client_strength,
              way.tickets ? 256U : 128U);
  }
}

TEST_F(PluginTest, SmallBufferIsNoLayer) {
  Sasl sasl(Programs("2"));
  SaslEnd client;
  client.most = kAny;
  client.max_buffer = 4095;
  SaslEnd server;
  server.most = kAny;
  EXPECT_EQ(sasl.Login("GSSAPI", "ldap", client, server).client_strength, 0U);
  client.least = 1;
  EXPECT_FALSE(sasl.Login("GSSAPI", "ldap", client, server).accepted());
}

TEST_F(PluginTest, DamagedAndRepeatedMessagesEndTheLayer) {
  Sasl sasl(Programs("2"));
  SaslEnd end;
  end.most = kAny;
  for (const Way& way : Ways()) {
    WithTickets(way.tickets);
    ASSERT_TRUE(sasl.Login(way.mechanism, "ldap", end, end).accepted());
    const std::string first = sasl.Encode("one");
    EXPECT_EQ(sasl.DecodeAtServer(first), SASL_OK);
    EXPECT_NE(sasl.DecodeAtServer(first), SASL_OK);
    EXPECT_NE(sasl.DecodeAtServer(sasl.Encode("two")), SASL_OK);
    ASSERT_TRUE(sasl.Login(way.mechanism, "ldap", end, end).accepted());
    std::string damaged = sasl.Encode("one");
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    EXPECT_NE(sasl.DecodeAtServer(damaged), SASL_OK);
    ASSERT_TRUE(sasl.Login(way.mechanism, "ldap", end, end).accepted());
    EXPECT_NE(sasl.DecodeAtServer(std::string(4, '\0')), SASL_OK);
  }
}

TEST_F(PluginTest, ActsAsWhomTheProgramSays) {
  struct Case {
    const char* wanted;
    const char* proxy;
    int code;
    const char* user;
  };
  const std::vector<Case> cases = {{"alice@TEST.EXAMPLE", "", SASL_OK, "alice@TEST.EXAMPLE"},
                                   {"alice", "", SASL_OK, "alice@TEST.EXAMPLE"},
                                   {"bob", "", SASL_NOAUTHZ, ""},
                                   {"bob", "bob", SASL_OK, "bob"},
                                   {"carol", "bob", SASL_NOAUTHZ, ""}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.wanted);
    SaslPrograms programs = Programs("2");
    programs.authorization = one.wanted;
    programs.proxy = one.proxy;
    Sasl sasl(std::move(programs));
    const SaslResult result = sasl.Login("GSSAPI", "ldap", ClientThatSends(kMatched), TlsServer());
    EXPECT_EQ(result.server, one.code) << result.error << sasl.log();
    EXPECT_EQ(result.user, one.user);
    EXPECT_EQ(result.authid, one.code == SASL_OK ? "alice@TEST.EXAMPLE" : "");
    const auto events = Events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0]["outcome"], one.code == SASL_OK ? "accepted" : "refused");
  }
}

TEST_F(PluginTest, WrongPasswordReadsLikeAWrongBinding) {
  SaslPrograms programs = Programs("2");
  programs.password = "wrong";
  Sasl sasl(std::move(programs));
  WithTickets(false);
  for (const char* const mechanism : {"NTLM", "GSS-SPNEGO"}) {
    const SaslResult result = sasl.Login(mechanism, "ldap", ClientThatSends(kMatched), TlsServer());
    EXPECT_EQ(result.server, SASL_BADAUTH);
    EXPECT_EQ(Events().back()["reason"], "wrong_password");
    EXPECT_THAT(sasl.log(), HasSubstr(std::string(mechanism) +
                                      " login from 192.0.2.2:50432 refused: wrong_password"));
  }
}

TEST_F(PluginTest, AsksForNameAndPasswordWhereThereAreNoTickets) {
  SaslPrograms programs = Programs("2");
  programs.by_prompts = true;
  Sasl sasl(std::move(programs));
  WithTickets(false);
  for (const char* const mechanism : {"NTLM", "GSS-SPNEGO"}) {
    EXPECT_EQ(sasl.Login(mechanism, "ldap", ClientThatSends(kMatched), TlsServer()).user,
              "alice@EXAMPLE");
  }
  WithTickets(true);
  EXPECT_EQ(sasl.Login("GSS-SPNEGO", "ldap", ClientThatSends(kMatched), TlsServer()).user,
            "alice@TEST.EXAMPLE");
}

TEST_F(PluginTest, ClientWithNothingSaysWhatIsMissing) {
  SaslPrograms programs = Programs("2");
  programs.user = "";
  Sasl sasl(std::move(programs));
  WithTickets(false);
  for (const Way& way : Ways()) {
    const SaslResult result =
        sasl.Login(way.mechanism, "ldap", ClientThatSends(kMatched), TlsServer());
    EXPECT_EQ(result.client, SASL_FAIL) << way.mechanism;
    EXPECT_THAT(result.error, HasSubstr(way.mechanism + ": "));
  }
}

TEST_F(PluginTest, ListsWhatThereAreCredentialsFor) {
  EXPECT_EQ(Sasl(Programs("2")).Listed("ldap", TlsServer()),
            "GSS-SPNEGO-PLUS GSS-SPNEGO GSSAPI-PLUS GSSAPI NTLM-PLUS NTLM");
  SaslPrograms programs = Programs("2");
  programs.options["epa_package"] = "NTLM";
  programs.options.erase("epa_keytab");
  programs.options.erase("epa_krb5_config");
  Sasl sasl(std::move(programs));
  EXPECT_EQ(sasl.Listed("ldap", TlsServer()), "NTLM-PLUS NTLM");
  EXPECT_FALSE(sasl.Login("GSSAPI", "ldap", ClientThatSends(kMatched), TlsServer()).accepted());
}

TEST_F(PluginTest, LeavesProgramsAloneThatNothingIsConfiguredFor) {
  Sasl sasl(SaslPrograms{});
  EXPECT_EQ(sasl.Listed("ldap", TlsServer()), "");
}

TEST_F(PluginTest, RefusesAllWhereTheConfigurationHasAFault) {
  SaslPrograms programs = Programs("2");
  programs.options["epa_extended_protection"] = "3";
  Sasl sasl(std::move(programs));
  for (const Way& way : Ways()) {
    EXPECT_FALSE(
        sasl.Login(way.mechanism, "ldap", ClientThatSends(kMatched), TlsServer()).accepted());
  }
  EXPECT_THAT(sasl.log(), HasSubstr("epa_extended_protection '3'"));
  EXPECT_TRUE(Events().empty());
}

TEST_F(PluginTest, SectionsOfTheConfigurationAreTheProgramsByItsService) {
  const std::string common = "[common]\naccounts = accounts\naudit = audit\ngss = application\n";
  const std::string executable = "executable = cyrus_sasl_plugin_test\n";
  Programs("2");
  setenv("EPA_CONF",
         folder_
             .Write("epa.conf", common + "[ldap]\n" + executable +
                                    "extended-protection = 2\n[imap]\n" + executable +
                                    "extended-protection = 0\n[smtp]\nexecutable = other\n")
             .c_str(),
         1);
  SaslPrograms programs;
  programs.user = "EXAMPLE\\alice";
  programs.password = "secret-alice";
  WithTickets(false);
  {
    Sasl sasl(programs);
    const SaslEnd absent = ClientThatSends(kAbsent);
    EXPECT_FALSE(sasl.Login("GSS-SPNEGO", "ldap", absent, TlsServer()).accepted());
    EXPECT_TRUE(sasl.Login("GSS-SPNEGO", "imap", absent, TlsServer()).accepted());
    EXPECT_EQ(Events().size(), 2U);
    EXPECT_FALSE(sasl.Login("GSS-SPNEGO", "smtp", absent, TlsServer()).accepted());
    EXPECT_THAT(sasl.log(), HasSubstr("this program's for the service smtp"));
    EXPECT_TRUE(Events().empty());
  }
  // Options of SASL's own configuration win, and may name the section.
  programs.options = {{"epa_service", "imap"}, {"epa_extended_protection", "2"}};
  Sasl sasl(programs);
  EXPECT_FALSE(sasl.Login("GSS-SPNEGO", "ldap", ClientThatSends(kAbsent), TlsServer()).accepted());
  EXPECT_TRUE(sasl.Login("GSS-SPNEGO", "ldap", ClientThatSends(kMatched), TlsServer()).accepted());
  setenv("EPA_CONF", "/nonexistent/epa.conf", 1);
}

TEST_F(PluginTest, MutualAuthenticationIsKerberos) {
  Sasl sasl(Programs("2"));
  SaslEnd client = ClientThatSends(kMatched);
  client.flags = SASL_SEC_MUTUAL_AUTH;
  EXPECT_TRUE(sasl.Login("GSSAPI", "ldap", client, TlsServer()).accepted());
  EXPECT_TRUE(sasl.Login("GSS-SPNEGO", "ldap", client, TlsServer()).accepted());
  WithTickets(false);
  EXPECT_EQ(sasl.Login("GSS-SPNEGO", "ldap", client, TlsServer()).client, SASL_BADSERV);
  EXPECT_NE(sasl.Login("NTLM", "ldap", client, TlsServer()).client, SASL_OK);
}

}  // namespace
}  // namespace epa::test
