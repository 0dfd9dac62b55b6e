#include "lib/winbind/account_sources.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::winbind {
namespace {

using test::ExchangeSetup;
using test::TemporaryFolder;

// How a client with this password fares, with accounts from these sources.
Reason LogIn(const std::vector<std::string>& sources, const std::string& user,
             const std::string& password) {
  ExchangeSetup setup;
  setup.acceptor.authority = CreateAuthorityOf(sources).value();
  setup.initiator.user = user;
  setup.initiator.domain = "CORP";
  setup.initiator.password = SecretBytes::FromText(password);
  return RunExchange(std::move(setup)).server->reason();
}

TEST(AccountSources, AreAskedInTheirOrderUntilOneKnowsTheUser) {
  const TemporaryFolder folder;
  const std::vector<std::string> sources = {
      folder.Write("first", "CORP:bob:secret-bob\n"),
      "file:" + folder.Write("second", "CORP:alice:secret-alice\nCORP:bob:other\n")};
  EXPECT_EQ(LogIn(sources, "bob", "secret-bob"), Reason::kBindingMatched);
  EXPECT_EQ(LogIn(sources, "bob", "other"), Reason::kWrongPassword);
  EXPECT_EQ(LogIn(sources, "alice", "secret-alice"), Reason::kBindingMatched);
  EXPECT_EQ(LogIn(sources, "carol", "x"), Reason::kUnknownUser);
}

TEST(AccountSources, OneThatIsNotThereIsAnError) {
  const TemporaryFolder folder;
  const std::string good = folder.Write("good", "CORP:bob:secret-bob\n");
  EXPECT_FALSE(CreateAuthorityOf(std::vector<std::string>{good, folder.File("absent")}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(CreateAuthorityOf({}).status()));
}

TEST(AccountSources, OnlyWinbindNamesADomain) {
  EXPECT_TRUE(NamesDomain("winbind:"));
  EXPECT_TRUE(NamesDomain("winbind:CORP"));
  EXPECT_FALSE(NamesDomain("winbind"));
  EXPECT_FALSE(NamesDomain("file:winbind:"));
  EXPECT_FALSE(NamesDomain("/etc/winbind:"));
}

}  // namespace
}  // namespace epa::winbind
