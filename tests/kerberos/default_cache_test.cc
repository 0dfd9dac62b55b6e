// The parameters of krb5.conf's default_ccache_name.
#include "providers/kerberos/default_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

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

}  // namespace
}  // namespace epa::kerberos
