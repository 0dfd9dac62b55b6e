// What the engine says of Kerberos tokens in a process that epa.conf names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "modules/gss/engine.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/temporary_folder.h"

extern "C" const epa::gss::Engine* epa_gss_engine_1();

namespace epa::gss {
namespace {

// Bindings that the program gives: those of a client that does everything right.
class KerberosEngineTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static test::TemporaryFolder folder;
    folder.Write("krb5.conf", test::TestRealm().configuration());
    setenv("EPA_CONF",
           folder
               .Write("epa.conf", "[http]\ngss = application\nkrb5-config = krb5.conf\nkeytab = " +
                                      test::TestRealm().keytab_path() + "\naudit = audit.jsonl\n")
               .c_str(),
           1);
    setenv("EPA_SERVICE", "http", 1);
  }

  KerberosEngineTest() {
    const auto octets = bindings_.application_data();
    given_.application_data = {octets.size(), const_cast<uint8_t*>(octets.data())};
  }

  static KerberosVerdict Inspect(std::vector<uint8_t> token, gss_channel_bindings_t given) {
    const gss_buffer_desc buffer = {token.size(), token.data()};
    return epa_gss_engine_1()->inspect(&buffer, given);
  }
  static std::vector<uint8_t> Request() {
    return test::KerberosStep(*test::MakeKerberosClient({}), {}).token;
  }

  const ChannelBindings bindings_ = test::KerberosBindings(1);
  gss_channel_bindings_struct given_ = {};
};

TEST_F(KerberosEngineTest, GivesKerberosTheBindingThatMatched) {
  ASSERT_TRUE(epa_gss_engine_1()->configured());
  const KerberosVerdict verdict = Inspect(Request(), &given_);
  ASSERT_EQ(verdict.major, GSS_S_COMPLETE);
  ASSERT_NE(verdict.bindings, nullptr);
  EXPECT_EQ(verdict.bindings->application_data.length, given_.application_data.length);
  EXPECT_STREQ(verdict.client, "alice@TEST.EXAMPLE");
  epa_gss_engine_1()->conclude(verdict.login, GSS_S_COMPLETE);
}

TEST_F(KerberosEngineTest, RefusesOtherBindings) {
  const ChannelBindings other = test::KerberosBindings(2);
  const auto octets = other.application_data();
  gss_channel_bindings_struct given = {};
  given.application_data = {octets.size(), const_cast<uint8_t*>(octets.data())};
  const KerberosVerdict verdict = Inspect(Request(), &given);
  EXPECT_EQ(verdict.major, GSS_S_BAD_BINDINGS);
  EXPECT_EQ(verdict.login, nullptr);
}

TEST_F(KerberosEngineTest, RefusesWhatIsNoToken) {
  std::vector<uint8_t> cut = Request();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{20}, cut.size() - 1}) {
    const KerberosVerdict verdict = Inspect(
        std::vector<uint8_t>(cut.begin(), cut.begin() + static_cast<ptrdiff_t>(size)), &given_);
    EXPECT_NE(verdict.major, GSS_S_COMPLETE);
    EXPECT_EQ(verdict.login, nullptr);
  }
}

TEST_F(KerberosEngineTest, InspectsOnSeveralThreads) {
  const std::vector<uint8_t> request = Request();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, &request] {
      for (int round = 0; round < 20; ++round) {
        const KerberosVerdict verdict = Inspect(request, &given_);
        EXPECT_EQ(verdict.major, GSS_S_COMPLETE);
        epa_gss_engine_1()->conclude(verdict.login, GSS_S_COMPLETE);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace epa::gss
