// The parameters of krb5.conf's default_ccache_name.
#include "providers/kerberos/default_cache.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "providers/kerberos/context_pool.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

TEST(DefaultCacheName, ItsParametersAreReplaced) {
  const std::string user = std::to_string(geteuid());
  const std::string temporary = "FILE:/tmp";
  struct Row {
    std::string_view text;
    std::string expanded;
  };
  const Row rows[] = {
      {"", ""},
      {"FILE:/cache", "FILE:/cache"},
      {"FILE:/run/krb5cc_%{uid}", "FILE:/run/krb5cc_" + user},
      {"%{euid}-%{USERID}", user + "-" + user},
      {"FILE:%{TEMP}/%{null}x", temporary + "/x"},
      {"100% sure}", "100% sure}"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ExpandParameters(row.text).value(), row.expanded) << row.text;
  }
}

TEST(DefaultCacheName, ParametersThatAreNoneAreRefused) {
  for (const std::string_view text : {"%{LIBDIR}/x", "%{uid", "%{}", "%{uid}%{Uid}"}) {
    EXPECT_THAT(ExpandParameters(text), test::StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(DefaultCacheName, AUserWithoutANameHasNone) {
  const passwd* const user = getpwuid(geteuid());
  if (user != nullptr) {
    EXPECT_EQ(ExpandParameters("FILE:/home/%{username}/x").value(),
              "FILE:/home/" + std::string(user->pw_name) + "/x");
  } else {
    EXPECT_THAT(ExpandParameters("%{username}"),
                test::StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(DefaultCacheName, IsThatOfTheConfigurationOrOfKerberos) {
  const std::string user = std::to_string(geteuid());
  const std::string temporary = "FILE:/tmp";
  const std::pair<std::string, std::string> rows[] = {
      {"[libdefaults]\n default_ccache_name = FILE:/run/%{uid}/krb5cc\n",
       "FILE:/run/" + user + "/krb5cc"},
      {"[libdefaults]\n default_realm = CORP\n", temporary + "/krb5cc_" + user},
  };
  for (const auto& [configuration, name] : rows) {
    const auto pool = ContextPool::Create({.path = {}, .contents = configuration},
                                          /*allow_weak_encryption=*/false, nullptr);
    EXPECT_OK(pool);
    const auto lease = (*pool)->Acquire();
    EXPECT_OK(lease);
    EXPECT_EQ(DefaultCacheName(lease->context()).value(), name) << configuration;
  }
}

}  // namespace
}  // namespace epa::kerberos
