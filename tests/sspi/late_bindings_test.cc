// Clients that learn their channel only with the server's challenge, as curl and FreeTDS do.
#include <gtest/gtest.h>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

SideOptions Requiring() {
  SideOptions server;
  server.bindings = SecBindings(1);
  return server;
}

class Late : public ::testing::TestWithParam<LoginKind> {
 protected:
  // The server's answer to the message that `bindings` came with.
  SECURITY_STATUS LogIn(const Octets& bindings, std::optional<ULONG>& result) {
    Login login(GetParam(), {}, Requiring());
    EXPECT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
    SECURITY_STATUS server = login.server.Step(login.client.reply);
    EXPECT_EQ(server, SEC_I_CONTINUE_NEEDED);
    login.client.options.bindings = bindings;
    EXPECT_GE(login.client.Step(login.server.reply), 0);
    server = login.server.Step(login.client.reply);
    result = login.server.result;
    return server;
  }
};

TEST_P(Late, BindingsThatComeWithTheChallengeAreSent) {
  std::optional<ULONG> result;
  EXPECT_GE(LogIn(SecBindings(1), result), 0);
  EXPECT_EQ(result, ULONG{SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
                          SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED});
  EXPECT_GE(LogIn(SecBindingsEx(1, 0), result), 0);
}

TEST_P(Late, BindingsOfAnotherChannelAreRefusedAsEver) {
  std::optional<ULONG> result;
  EXPECT_EQ(LogIn(SecBindings(2), result), SEC_E_BAD_BINDINGS);
  EXPECT_EQ(result, ULONG{SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
                          SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH});
  EXPECT_EQ(LogIn({}, result), SEC_E_BAD_BINDINGS);
}

TEST_P(Late, TheFirstOnesStay) {
  SideOptions client;
  client.bindings = SecBindings(1);
  Login login(GetParam(), client, Requiring());
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  login.client.options.bindings = SecBindings(2);
  EXPECT_EQ(login.client.Step(login.server.reply), SEC_E_BAD_BINDINGS);
}

TEST_P(Late, AnAnswerThatDidNotFitKeepsThem) {
  Login login(GetParam(), {}, Requiring());
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  const Octets challenge = login.server.reply;
  login.client.options.bindings = SecBindings(1);
  login.client.options.room = 8;
  ASSERT_EQ(login.client.Step(challenge), SEC_E_BUFFER_TOO_SMALL);
  login.client.options.room = 4096;
  ASSERT_GE(login.client.Step(challenge), 0);
  EXPECT_GE(login.server.Step(login.client.reply), 0);
}

// A server says what it demands before the first message, or a client could be let in by less.
TEST_P(Late, AServersAreNot) {
  Login login(GetParam(), {}, {});
  ASSERT_EQ(login.client.Step({}), SEC_I_CONTINUE_NEEDED);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  ASSERT_GE(login.client.Step(login.server.reply), 0);
  login.server.options.bindings = SecBindings(1);
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_BAD_BINDINGS);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Late, ::testing::ValuesIn(NtlmKinds()),
                         ::testing::PrintToStringParamName());

class TooLate : public ::testing::TestWithParam<LoginKind> {};

// The AP-REQ has left: the bindings are overlooked, and the server judges what it has.
TEST_P(TooLate, KerberosHasSentItsWord) {
  Login strict(GetParam(), {}, Requiring());
  ASSERT_EQ(strict.client.Step({}), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(strict.server.Step(strict.client.reply), SEC_E_BAD_BINDINGS);

  Login open(GetParam(), {}, {});
  ASSERT_EQ(open.client.Step({}), SEC_I_CONTINUE_NEEDED);
  ASSERT_GE(open.server.Step(open.client.reply), 0);
  open.client.options.bindings = SecBindings(1);
  EXPECT_GE(open.client.Step(open.server.reply), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TooLate, ::testing::ValuesIn(KerberosKinds()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace epa::test
