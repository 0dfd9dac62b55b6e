// Names of principals as text: libkrb5 is the oracle where there is no NUL to stop it.
#include "providers/kerberos/principal_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace epa::kerberos {
namespace {

using namespace std::string_view_literals;

class Principal {
 public:
  Principal(std::vector<std::string_view> components, std::string_view realm) {
    for (const std::string_view component : components) {
      components_.push_back(ViewOfText(component));
    }
    principal_.realm = ViewOfText(realm);
    principal_.data = components_.data();
    principal_.length = static_cast<krb5_int32>(components_.size());
  }
  const krb5_principal_data& operator*() const { return principal_; }

 private:
  std::vector<krb5_data> components_;
  krb5_principal_data principal_ = {};
};

struct Case {
  std::vector<std::string_view> components;
  std::string_view text;
  std::string_view realm = "REALM"sv;
  std::string_view text_of_realm = "REALM"sv;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {{"alice"}, "alice"},
      {{"HTTP", "web.example"}, "HTTP/web.example"},
      {{"HTTP/web.example"}, "HTTP\\/web.example"},
      {{"x", "admin"}, "x/admin"},
      {{"x/admin"}, "x\\/admin"},
      {{"alice@OTHER"}, "alice\\@OTHER"},
      {{"CORP\\alice"}, "CORP\\\\alice"},
      {{"a\tb\nc\bd"}, "a\\tb\\nc\\bd"},
      {{""}, ""},
      {{"HTTP", "", "web"}, "HTTP//web"},
      {{"alice"}, "alice", "A@B/C", "A\\@B\\/C"},
  };
  return cases;
}

TEST(PrincipalTextTest, WritesWhatLibkrb5Writes) {
  krb5_context context = nullptr;
  ASSERT_EQ(krb5_init_context(&context), 0);
  for (const Case& entry : Cases()) {
    const Principal principal(entry.components, entry.realm);
    OwnedText text(context);
    ASSERT_EQ(krb5_unparse_name(context, &*principal, text.out()), 0);
    EXPECT_EQ(PrincipalTextWithRealm(*principal), text.get());
  }
  krb5_free_context(context);
}

TEST(PrincipalTextTest, QuotesWhatWouldPassForSomethingElse) {
  for (const Case& entry : Cases()) {
    const Principal principal(entry.components, entry.realm);
    EXPECT_EQ(PrincipalText(entry.components), entry.text);
    EXPECT_EQ(PrincipalText(*principal), entry.text);
    EXPECT_EQ(PrincipalTextWithRealm(*principal),
              std::string(entry.text) + "@" + std::string(entry.text_of_realm));
    EXPECT_FALSE(HasNul(*principal));
  }
}

TEST(PrincipalTextTest, ANulDoesNotEndAName) {
  const Principal in_component({"root\0evil"sv}, "REALM");
  EXPECT_TRUE(HasNul(*in_component));
  EXPECT_EQ(PrincipalText(*in_component), "root\\0evil");
  const Principal in_second({"root"sv, "\0"sv}, "REALM");
  EXPECT_TRUE(HasNul(*in_second));
  const Principal in_realm({"root"sv}, "REALM\0"sv);
  EXPECT_TRUE(HasNul(*in_realm));
  EXPECT_EQ(PrincipalTextWithRealm(*in_realm), "root@REALM\\0");
}

}  // namespace
}  // namespace epa::kerberos
