// Windows' table for AcceptSecurityContext, cell by cell, through the C interface alone.
#include <gtest/gtest.h>

#include <tuple>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

// What the client says about its channel.
enum class Said { kAbsent, kExplicitNone, kMatching, kOther };
// What the server passes.
enum class Passed { kNothing, kNothingAllow, kBindings, kBindingsAllow, kProxy, kProxyAllow };

constexpr ULONG kSupport = SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT;
constexpr ULONG kNoBinding = SEC_CHANNEL_BINDINGS_RESULT_ABSENT;
constexpr ULONG kMismatch = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;
constexpr ULONG kMissing = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
constexpr ULONG kMatched = SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
constexpr ULONG kValidProxy = SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY;
constexpr ULONG kValidMissing = SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING;

struct Cell {
  Passed passed;
  Said said;
  SECURITY_STATUS status;
  ULONG result;
};

const std::vector<Cell>& Table() {
  static const auto& table = *new std::vector<Cell>{
      {Passed::kNothing, Said::kAbsent, SEC_E_OK, kNoBinding},
      {Passed::kNothing, Said::kExplicitNone, SEC_E_OK, kSupport | kNoBinding},
      {Passed::kNothing, Said::kMatching, SEC_E_OK, kSupport},
      {Passed::kNothing, Said::kOther, SEC_E_OK, kSupport},
      {Passed::kNothingAllow, Said::kAbsent, SEC_E_OK, kNoBinding},
      {Passed::kNothingAllow, Said::kExplicitNone, SEC_E_OK, kSupport | kNoBinding},
      {Passed::kNothingAllow, Said::kMatching, SEC_E_OK, kSupport},
      {Passed::kNothingAllow, Said::kOther, SEC_E_OK, kSupport},
      {Passed::kBindings, Said::kAbsent, SEC_E_BAD_BINDINGS, kNoBinding | kMissing},
      {Passed::kBindings, Said::kExplicitNone, SEC_E_BAD_BINDINGS,
       kSupport | kNoBinding | kMissing},
      {Passed::kBindings, Said::kMatching, SEC_E_OK, kSupport | kMatched},
      {Passed::kBindings, Said::kOther, SEC_E_BAD_BINDINGS, kSupport | kMismatch},
      {Passed::kBindingsAllow, Said::kAbsent, SEC_E_OK, kNoBinding | kValidMissing},
      {Passed::kBindingsAllow, Said::kExplicitNone, SEC_E_BAD_BINDINGS,
       kSupport | kNoBinding | kMissing},
      {Passed::kBindingsAllow, Said::kMatching, SEC_E_OK, kSupport | kMatched},
      {Passed::kBindingsAllow, Said::kOther, SEC_E_BAD_BINDINGS, kSupport | kMismatch},
      {Passed::kProxy, Said::kAbsent, SEC_E_BAD_BINDINGS, kNoBinding | kMissing},
      {Passed::kProxy, Said::kExplicitNone, SEC_E_BAD_BINDINGS, kSupport | kNoBinding | kMissing},
      {Passed::kProxy, Said::kMatching, SEC_E_OK, kSupport | kValidProxy},
      {Passed::kProxy, Said::kOther, SEC_E_OK, kSupport | kValidProxy},
      {Passed::kProxyAllow, Said::kAbsent, SEC_E_OK, kNoBinding | kValidMissing},
      {Passed::kProxyAllow, Said::kExplicitNone, SEC_E_BAD_BINDINGS,
       kSupport | kNoBinding | kMissing},
      {Passed::kProxyAllow, Said::kMatching, SEC_E_OK, kSupport | kValidProxy},
      {Passed::kProxyAllow, Said::kOther, SEC_E_OK, kSupport | kValidProxy},
  };
  return table;
}

std::vector<size_t> CellsWithBindings() {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < Table().size(); ++i) {
    if (Table()[i].passed == Passed::kBindings || Table()[i].passed == Passed::kBindingsAllow) {
      indexes.push_back(i);
    }
  }
  return indexes;
}

SideOptions ServerOptions(Passed passed) {
  SideOptions options;
  switch (passed) {
    case Passed::kNothing:
      break;
    case Passed::kNothingAllow:
      options.request = ASC_REQ_ALLOW_MISSING_BINDINGS;
      break;
    case Passed::kBindings:
      options.bindings = SecBindings(1);
      break;
    case Passed::kBindingsAllow:
      options.bindings = SecBindings(1);
      options.request = ASC_REQ_ALLOW_MISSING_BINDINGS;
      break;
    case Passed::kProxy:
      options.request = ASC_REQ_PROXY_BINDINGS;
      break;
    case Passed::kProxyAllow:
      options.request = ASC_REQ_PROXY_BINDINGS | ASC_REQ_ALLOW_MISSING_BINDINGS;
      break;
  }
  return options;
}

SideOptions ClientOptions(Said said) {
  SideOptions options;
  if (said == Said::kMatching || said == Said::kOther) {
    options.bindings = SecBindings(said == Said::kMatching ? 1 : 2);
  }
  return options;
}

EPA_AUTH_DATA ClientDataFor(const LoginKind& kind, Said said) {
  EPA_AUTH_DATA data = ClientData(kind);
  data.SuppressExtendedProtection = said == Said::kAbsent ? 3 : 0;
  return data;
}

class Matrix : public ::testing::TestWithParam<std::tuple<LoginKind, size_t>> {
 protected:
  const LoginKind& kind() const { return std::get<0>(GetParam()); }
  const Cell& cell() const { return Table()[std::get<1>(GetParam())]; }

  Login MakeLogin(SideOptions server) {
    return Login(kind(), ClientOptions(cell().said), std::move(server),
                 ClientDataFor(kind(), cell().said), ServerData(kind()));
  }
};

TEST_P(Matrix, DecidesAndReportsAsWindows) {
  Login login = MakeLogin(ServerOptions(cell().passed));
  const Outcome outcome = RunLogin(login.client, login.server);
  EXPECT_EQ(outcome.server, cell().status);
  ASSERT_TRUE(login.server.result.has_value());
  EXPECT_EQ(*login.server.result, cell().result);
  if (cell().status != SEC_E_OK) {
    EXPECT_EQ(login.server.Carrier(), "") << "a refused login answers questions";
  }
}

// SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS: the same findings, and nobody is refused. For the cells with
// a structure that can carry the flag.
class AuditMatrix : public Matrix {};

TEST_P(AuditMatrix, ReportsAndServes) {
  SideOptions server = ServerOptions(cell().passed);
  server.bindings = SecBindingsEx(1, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
  Login login = MakeLogin(std::move(server));
  EXPECT_EQ(RunLogin(login.client, login.server).server, SEC_E_OK);
  EXPECT_EQ(login.server.result, cell().result);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<LoginKind, size_t>>& info) {
  static constexpr const char* kPassed[] = {"Nothing",       "NothingAllow", "Bindings",
                                            "BindingsAllow", "Proxy",        "ProxyAllow"};
  static constexpr const char* kSaid[] = {"Absent", "ExplicitNone", "Matching", "Other"};
  const Cell& cell = Table()[std::get<1>(info.param)];
  return std::get<0>(info.param).name + kPassed[static_cast<int>(cell.passed)] +
         kSaid[static_cast<int>(cell.said)];
}

INSTANTIATE_TEST_SUITE_P(Table, Matrix,
                         ::testing::Combine(::testing::ValuesIn(AllKinds()),
                                            ::testing::Range(size_t{0}, Table().size())),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Table, AuditMatrix,
                         ::testing::Combine(::testing::ValuesIn(AllKinds()),
                                            ::testing::ValuesIn(CellsWithBindings())),
                         NameOf);

class Rules : public ::testing::TestWithParam<LoginKind> {};

// Nobody has written down which of the two rules would hold.
TEST_P(Rules, BindingsAndProxyTogetherAreRefused) {
  SideOptions server = ServerOptions(Passed::kBindings);
  server.request = ASC_REQ_PROXY_BINDINGS;
  Login login(GetParam(), ClientOptions(Said::kMatching), server);
  ASSERT_GE(login.client.Step({}), 0);
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_INVALID_PARAMETER);
}

TEST_P(Rules, ExtendedStructureWithoutTheFlagIsAsThePlainOne) {
  SideOptions server;
  server.bindings = SecBindingsEx(1, 0);
  Login login(GetParam(), ClientOptions(Said::kOther), server);
  EXPECT_EQ(RunLogin(login.client, login.server).server, SEC_E_BAD_BINDINGS);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Rules, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

class NullSessions : public ::testing::TestWithParam<LoginKind> {};

TEST_P(NullSessions, NobodyIsServedOnlyWhereAskedFor) {
  EPA_AUTH_DATA nobody = ClientData(GetParam());
  nobody.User = nobody.Domain = nobody.Password = nullptr;
  nobody.Flags = EPA_AUTH_ANONYMOUS;
  for (const bool allowed : {false, true}) {
    SideOptions server;
    server.request = allowed ? ASC_REQ_ALLOW_NULL_SESSION : 0;
    Login login(GetParam(), {}, server, nobody, ServerData(GetParam()));
    EXPECT_EQ(RunLogin(login.client, login.server).server, allowed ? SEC_E_OK : SEC_E_LOGON_DENIED);
    EXPECT_EQ((login.server.attributes & ASC_RET_NULL_SESSION) != 0, allowed);
  }
}

INSTANTIATE_TEST_SUITE_P(Ntlm, NullSessions, ::testing::ValuesIn(NtlmKinds()),
                         ::testing::PrintToStringParamName());

// The first call settles what is compared; a later one cannot be told more than that.
class LaterCalls : public ::testing::TestWithParam<LoginKind> {
 protected:
  // The status of the server's second call.
  SECURITY_STATUS SecondCall(const SideOptions& first, const SideOptions& second) {
    Login login(GetParam(), ClientOptions(Said::kMatching), first);
    EXPECT_GE(login.client.Step({}), 0);
    EXPECT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
    EXPECT_GE(login.client.Step(login.server.reply), 0);
    login.server.options = second;
    return login.server.Step(login.client.reply);
  }
};

TEST_P(LaterCalls, BindingsThatComeLateAreNotOverlooked) {
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kNothing), ServerOptions(Passed::kBindings)),
            SEC_E_BAD_BINDINGS);
}

TEST_P(LaterCalls, OtherBindingsAreNotOverlooked) {
  SideOptions other;
  other.bindings = SecBindings(2);
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindings), other), SEC_E_BAD_BINDINGS);
}

TEST_P(LaterCalls, StricterFlagsAreNotOverlooked) {
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kNothing), ServerOptions(Passed::kProxy)),
            SEC_E_BAD_BINDINGS);
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindingsAllow), ServerOptions(Passed::kBindings)),
            SEC_E_BAD_BINDINGS);
}

TEST_P(LaterCalls, TheSameBindingsMayBeSpeltOtherwise) {
  SideOptions extended;
  extended.bindings = SecBindingsEx(1, 0);
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindings), extended), SEC_E_OK);
  EXPECT_EQ(SecondCall(extended, ServerOptions(Passed::kBindings)), SEC_E_OK);
}

TEST_P(LaterCalls, AnAuditThatBecomesACheckIsNotOverlooked) {
  SideOptions audit;
  audit.bindings = SecBindingsEx(1, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
  EXPECT_EQ(SecondCall(audit, ServerOptions(Passed::kBindings)), SEC_E_BAD_BINDINGS);
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindings), audit), SEC_E_OK);
}

TEST_P(LaterCalls, CutOffBindingsAreNotOverlooked) {
  SideOptions cut;
  cut.bindings = SecBindings(1);
  cut.bindings.pop_back();
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindings), cut), SEC_E_INVALID_TOKEN);
}

TEST_P(LaterCalls, TheFirstCallHoldsForOneThatSaysNothing) {
  EXPECT_EQ(SecondCall(ServerOptions(Passed::kBindings), {}), SEC_E_OK);
  Login login(GetParam(), ClientOptions(Said::kOther), ServerOptions(Passed::kBindings));
  ASSERT_GE(login.client.Step({}), 0);
  ASSERT_EQ(login.server.Step(login.client.reply), SEC_I_CONTINUE_NEEDED);
  ASSERT_GE(login.client.Step(login.server.reply), 0);
  login.server.options = {};
  EXPECT_EQ(login.server.Step(login.client.reply), SEC_E_BAD_BINDINGS);
}

INSTANTIATE_TEST_SUITE_P(Ntlm, LaterCalls, ::testing::ValuesIn(NtlmKinds()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace epa::test
