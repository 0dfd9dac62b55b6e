// As what a login name is asked for, and in which order.
#include "providers/kerberos/principal_forms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace epa::kerberos {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Described(std::string_view name) {
  std::vector<std::string> described;
  for (const PrincipalForm& form : PrincipalForms(name)) {
    described.push_back(form.name + (form.enterprise ? " enterprise" : "") +
                        (form.default_realm ? " default" : ""));
  }
  return described;
}

TEST(PrincipalForms, NameWithoutARealmIsThatOfTheDefaultRealm) {
  EXPECT_THAT(Described("alice"), ElementsAre("alice"));
  EXPECT_THAT(Described("HTTP/www.example.com"), ElementsAre("HTTP/www.example.com"));
}

TEST(PrincipalForms, PrincipalComesBeforeUserPrincipalName) {
  EXPECT_THAT(Described("alice@CORP.EXAMPLE"),
              ElementsAre("alice@CORP.EXAMPLE", "alice@CORP.EXAMPLE@CORP.EXAMPLE enterprise",
                          "alice@CORP.EXAMPLE enterprise default"));
}

TEST(PrincipalForms, RealmIsTriedInCapitals) {
  EXPECT_THAT(Described("First.Last@corp.example"),
              ElementsAre("First.Last@corp.example", "First.Last@CORP.EXAMPLE",
                          "First.Last@corp.example@CORP.EXAMPLE enterprise",
                          "First.Last@corp.example enterprise default"));
}

TEST(PrincipalForms, UserPrincipalNameWithARealmIsThatAlone) {
  EXPECT_THAT(Described("First.Last@corp.example@AD.EXAMPLE"),
              ElementsAre("First.Last@corp.example@AD.EXAMPLE enterprise"));
}

TEST(PrincipalForms, EscapedNameIsAsItIs) {
  EXPECT_THAT(Described("First.Last\\@corp.example@AD.EXAMPLE"),
              ElementsAre("First.Last\\@corp.example@AD.EXAMPLE"));
}

}  // namespace
}  // namespace epa::kerberos
