#include "providers/kerberos/configuration_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <krb5/krb5.h>
#include <profile.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::kerberos {
namespace {

using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kText[] =
    "[libdefaults]\n"
    "  default_realm = A.EXAMPLE\n"
    "  rdns = true\n"
    "[realms]\n"
    "  A.EXAMPLE = {\n"
    "    kdc = one.example\n"
    "    kdc = two.example\n"
    "    auth_to_local_names = {\n"
    "      alice = al\n"
    "    }\n"
    "  }\n"
    "  B.EXAMPLE = {\n"
    "    kdc = three.example\n"
    "  }\n"
    "[domain_realm]\n"
    "  .a.example = A.EXAMPLE\n";

// What libkrb5 sees.
class Profile {
 public:
  explicit Profile(const Configuration& configuration) {
    auto tree = ConfigurationTree::Read(configuration);
    EXPECT_OK(tree);
    profile_ = std::make_unique<ProfileOwner>(ConfigurationTree::MakeProfile(*std::move(tree)));
  }

  profile_t get() const { return profile_->get(); }
  std::vector<std::string> Values(std::vector<const char*> path) const {
    return List(profile_get_values, std::move(path));
  }
  std::vector<std::string> Sections(std::vector<const char*> path) const {
    return List(profile_get_subsection_names, std::move(path));
  }
  std::vector<std::string> Relations(std::vector<const char*> path) const {
    return List(profile_get_relation_names, std::move(path));
  }

 private:
  template <typename Get>
  std::vector<std::string> List(Get getter, std::vector<const char*> path) const {
    path.push_back(nullptr);
    char** found = nullptr;
    std::vector<std::string> list;
    if (getter(profile_->get(), path.data(), &found) == 0) {
      for (char** text = found; *text != nullptr; ++text) {
        list.emplace_back(*text);
      }
      profile_free_list(found);
    }
    return list;
  }

  std::unique_ptr<ProfileOwner> profile_;
};

TEST(ConfigurationTreeTest, SaysWhatTheTextSays) {
  const Profile profile({.path = {}, .contents = kText});
  EXPECT_THAT(profile.Values({"libdefaults", "default_realm"}), ElementsAre("A.EXAMPLE"));
  EXPECT_THAT(profile.Values({"realms", "A.EXAMPLE", "kdc"}),
              ElementsAre("one.example", "two.example"));
  EXPECT_THAT(profile.Values({"realms", "A.EXAMPLE", "auth_to_local_names", "alice"}),
              ElementsAre("al"));
  EXPECT_THAT(profile.Sections({"realms"}), UnorderedElementsAre("A.EXAMPLE", "B.EXAMPLE"));
  EXPECT_THAT(profile.Sections({"realms", "A.EXAMPLE"}), ElementsAre("auth_to_local_names"));
  EXPECT_THAT(profile.Relations({"realms", "A.EXAMPLE"}), ElementsAre("kdc"));
}

TEST(ConfigurationTreeTest, SaysNothingOfWhatIsNotThere) {
  const Profile profile({.path = {}, .contents = kText});
  EXPECT_THAT(profile.Values({"libdefaults", "nothing"}), IsEmpty());
  EXPECT_THAT(profile.Values({"nothing", "at_all"}), IsEmpty());
  EXPECT_THAT(profile.Sections({"nothing"}), IsEmpty());
  EXPECT_THAT(profile.Relations({"realms", "C.EXAMPLE"}), IsEmpty());
  char* text = nullptr;
  ASSERT_EQ(profile_get_string(profile.get(), "libdefaults", "nothing", nullptr, "default", &text),
            0);
  EXPECT_STREQ(text, "default");
  profile_release_string(text);
}

// CVE-2026-20929: DNS does not choose the service.
TEST(ConfigurationTreeTest, OurSettingsComeFirst) {
  const Profile profile({.path = {}, .contents = kText});
  EXPECT_THAT(profile.Values({"libdefaults", "rdns"}), ElementsAre("false", "true"));
  for (const char* const setting :
       {"rdns", "dns_canonicalize_hostname", "client_aware_channel_bindings"}) {
    int value = -1;
    ASSERT_EQ(profile_get_boolean(profile.get(), "libdefaults", setting, nullptr, 1, &value), 0);
    EXPECT_EQ(value, 0) << setting;
  }
}

TEST(ConfigurationTreeTest, ServesSeveralContextsAndOutlivesWhatItWasMadeOf) {
  krb5_context first = nullptr;
  krb5_context second = nullptr;
  {
    const Profile profile({.path = {}, .contents = kText});
    ASSERT_EQ(krb5_init_context_profile(profile.get(), KRB5_INIT_CONTEXT_SECURE, &first), 0);
    ASSERT_EQ(krb5_init_context_profile(profile.get(), KRB5_INIT_CONTEXT_SECURE, &second), 0);
  }
  krb5_free_context(first);
  char* realm = nullptr;
  ASSERT_EQ(krb5_get_default_realm(second, &realm), 0);
  EXPECT_STREQ(realm, "A.EXAMPLE");
  krb5_free_default_realm(second, realm);
  krb5_free_context(second);
}

TEST(ConfigurationTreeTest, OfSeveralFilesIsOneAndTheMissingOnesCountForNothing) {
  const test::TemporaryFolder folder;
  const std::string first = folder.Write("first", "[realms]\nA = {\nkdc = one\n}\n");
  const std::string second =
      folder.Write("second", "[realms]\nA = {\nkdc = two\n}\nB = {\nkdc = three\n}\n");
  const Profile profile(
      {.path = first + ":" + folder.File("missing") + ":" + second, .contents = {}});
  EXPECT_THAT(profile.Values({"realms", "A", "kdc"}), ElementsAre("one", "two"));
  EXPECT_THAT(profile.Sections({"realms"}), UnorderedElementsAre("A", "B"));
}

// profile_iterator_create without PROFILE_ITER_LIST_SECTION: the one that is named.
TEST(ConfigurationTreeTest, IteratesOverWhatIsNamed) {
  const Profile profile({.path = {}, .contents = kText});
  const auto items = [&profile](std::vector<const char*> path, int flags) {
    path.push_back(nullptr);
    void* iterator = nullptr;
    EXPECT_EQ(profile_iterator_create(profile.get(), path.data(), flags, &iterator), 0);
    std::vector<std::string> list;
    char* name = nullptr;
    char* value = nullptr;
    while (profile_iterator(&iterator, &name, &value) == 0 && name != nullptr) {
      list.push_back(std::string(name) + (value == nullptr ? "" : std::string("=") + value));
      profile_release_string(name);
      profile_release_string(value);
    }
    profile_iterator_free(&iterator);
    return list;
  };
  const std::vector<const char*> relation = {"realms", "A.EXAMPLE", "kdc"};
  const std::vector<const char*> section = {"realms", "A.EXAMPLE"};
  EXPECT_THAT(items(relation, 0), ElementsAre("kdc=one.example", "kdc=two.example"));
  EXPECT_THAT(items(relation, PROFILE_ITER_RELATIONS_ONLY),
              ElementsAre("kdc=one.example", "kdc=two.example"));
  EXPECT_THAT(items(relation, PROFILE_ITER_SECTIONS_ONLY), IsEmpty());
  EXPECT_THAT(items(section, 0), ElementsAre("A.EXAMPLE"));
  EXPECT_THAT(items(section, PROFILE_ITER_SECTIONS_ONLY), ElementsAre("A.EXAMPLE"));
  EXPECT_THAT(items(section, PROFILE_ITER_RELATIONS_ONLY), IsEmpty());
  EXPECT_THAT(items({"realms", "C.EXAMPLE"}, 0), IsEmpty());
}

TEST(ConfigurationTreeTest, FollowsIncludes) {
  const test::TemporaryFolder folder;
  const std::string included = folder.Write("included", "[libdefaults]\ndefault_realm = A\n");
  const Profile profile(
      {.path = folder.Write("krb5.conf", "include " + included + "\n"), .contents = {}});
  EXPECT_THAT(profile.Values({"libdefaults", "default_realm"}), ElementsAre("A"));
}

TEST(ConfigurationTreeTest, ThatCannotBeReadIsAnErrorWithItsName) {
  const test::TemporaryFolder folder;
  const std::string missing = folder.File("missing");
  const std::string pipe = folder.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string damaged = folder.Write("damaged", "[libdefaults]\n}\n");
  for (const std::string& path : {missing, pipe, damaged, folder.path().string()}) {
    EXPECT_THAT(ConfigurationTree::Read({.path = path, .contents = {}}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("Kerberos configuration"), HasSubstr(path))));
  }
  EXPECT_THAT(ConfigurationTree::Read({.path = missing, .contents = kText}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not both")));
}

}  // namespace
}  // namespace epa::kerberos
