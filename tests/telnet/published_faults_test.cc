// Faults published of other Telnet implementations, each by its number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "epa/telnet/login_name.h"
#include "tests/support/status_matchers.h"
#include "tests/telnet/telnet_test_support.h"

namespace epa::telnet {
namespace {

using ::testing::IsEmpty;

std::string Repeated(std::string_view hex, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) {
    text += hex;
  }
  return text;
}

// After `octets` a login still goes through, and nothing of them reached the application.
void ExpectHarmless(const std::string& octets) {
  TestServer server;
  const ServerOutput output = server.Receive(octets);
  EXPECT_FALSE(output.close);
  EXPECT_THAT(output.data, IsEmpty());
  EXPECT_THAT(output.suboptions, IsEmpty());
  server.Receive(std::string(kWill) + Negotiate() + Authenticate());
  EXPECT_EQ(server.User(), "alice");
  EXPECT_THAT(server.Receive(octets).suboptions, IsEmpty());
  EXPECT_EQ(server.User(), "alice");
}

TEST(PublishedFaults, Cve20114862EncryptionKeyIdentifiersOfAnyLengthAreNotLookedAt) {
  // ENCRYPT is refused, and ENC_KEYID (7), DEC_KEYID (8) with 64 octets were enough there.
  TestServer server;
  EXPECT_EQ(server.Answer("fffb26fffd26"), "fffe26fffc26");
  for (const size_t length : {64u, 65u, 4096u, 100000u}) {
    ExpectHarmless("fffa2607" + Repeated("41", length) + "fff0");
    ExpectHarmless("fffa2608" + Repeated("41", length) + "fff0");
  }
}

TEST(PublishedFaults, Cve202010188SuboptionsAreBoundedWhateverIsInThem) {
  // NEW-ENVIRON IS with VAR, VALUE, ESC and USERVAR, and commands between.
  for (const std::string_view pattern : {"00", "01", "02", "03", "ffff", "0055534552014141"}) {
    ExpectHarmless("fffa2700" + Repeated(pattern, 50000) + "fff0");
  }
  // Urgent data's mark, and commands in a row that had no end there.
  ExpectHarmless(Repeated("fff2", 50000) + Repeated("fffd06", 1000));
}

TEST(PublishedFaults, Cve202010188AnswersAreNoLongerThanQuestions) {
  TestServer server;
  const std::string questions = Repeated("fffd06fffb27fffd26", 20000);
  EXPECT_EQ(server.Answer(questions).size(), questions.size());
}

TEST(PublishedFaults, Cve202624061TheUserVariableOfNewEnvironIsNotTakenFromAnybody) {
  // NEW-ENVIRON VAR "USER" VALUE "-f root", before the login and after.
  const std::string injection = "fffb27fffa27000055534552012d6620726f6f74fff0";
  TestServer server;
  EXPECT_EQ(server.Answer(injection), "fffe27");
  server.Receive(std::string(kWill) + Negotiate() + Authenticate());
  const ServerOutput output = server.Receive(injection);
  EXPECT_EQ(ToHex(output.send), "fffe27");
  EXPECT_THAT(output.suboptions, IsEmpty());
  EXPECT_EQ(server.User(), "alice");
  EXPECT_EQ(LoginNameOf(*server.connection->context(), {.domain = "LAB"}).value(), "alice");
}

TEST(PublishedFaults, Cve202624061AnApplicationCannotEvenAskForIt) {
  for (const Option option : {kEnvironment, kNewEnvironment}) {
    ServerOptions options = FakeServerOptions();
    options.options.remote = {option};
    EXPECT_FALSE(ServerConfig::Create(std::move(options)).ok());
  }
}

TEST(PublishedFaults, Cve20070882ANameThatIsAnOptionReachesNoLoginProgram) {
  // Solaris' in.telnetd gave USER=-fbin to login(1). Here even an authenticated user so named.
  for (const std::string user : {"-fbin", "-froot", "-f root", "--"}) {
    TestServer server;
    server.Receive(std::string(kWill) + Negotiate() + Authenticate("login " + user));
    ASSERT_EQ(server.User(), user);
    EXPECT_FALSE(LoginNameOf(*server.connection->context(), {.domain = "LAB"}).ok()) << user;
  }
}

TEST(PublishedFaults, Cve20070956TheNameSentBesideTheLoginIsNotTheUser) {
  // MIT's telnetd: a NAME (RFC 2941) or USER of the client's own choosing.
  TestServer server;
  server.Receive(std::string(kWill) + "fffa25032d65fff0" + Negotiate() + "fffa2503726f6f74fff0" +
                 Authenticate());
  EXPECT_EQ(server.User(), "alice");
  server.Receive("fffa2503726f6f74fff0");
  EXPECT_EQ(LoginNameOf(*server.connection->context(), {.domain = "LAB"}).value(), "alice");
}

TEST(PublishedFaults, Cve202025717ANameOfAnotherDomainIsNotTheLocalUserSoNamed) {
  TestServer server;
  server.Receive(std::string(kWill) + Negotiate() + Authenticate("login root"));
  EXPECT_FALSE(LoginNameOf(*server.connection->context(), {.domain = "HOST"}).ok());
}

TEST(PublishedFaults, Cve20000834AClientShowsNothingToAServerItWasNotToldToTrust) {
  ClientOptions options = FakeClientOptions();
  options.host = "rogue.example.net";
  TestClient client(std::move(options));
  EXPECT_EQ(client.Answer(kDo), kWont);
  // Asking all the same, in any order, gets no token either.
  for (const std::string& message :
       {std::string(kSend), std::string(kDo), Challenge(), std::string(kDo) + std::string(kSend)}) {
    const std::string answer = client.Answer(message);
    EXPECT_TRUE(answer.empty() || answer == kWont) << answer;
  }
  EXPECT_EQ(client.connection->context(), nullptr);
  EXPECT_EQ(client.RefusalReason(), Reason::kClientPolicyForbids);
}

}  // namespace
}  // namespace epa::telnet
