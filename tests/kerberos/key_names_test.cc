// Under which names a keytab has a key.
#include "providers/kerberos/key_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace epa::kerberos {
namespace {

using testing::ElementsAre;
using testing::Pointee;

// Principals of one component, which is all that matters here.
class Entries {
 public:
  void Add(std::string_view name, uint8_t key, std::string_view realm = "REALM") {
    keys_.push_back(std::vector<uint8_t>(32, key));
    components_.push_back(ViewOfText(name));
    krb5_principal_data principal = {};
    principal.realm = ViewOfText(realm);
    principal.data = &components_.back();
    principal.length = 1;
    principals_.push_back(principal);
    krb5_keytab_entry entry = {};
    entry.principal = &principals_.back();
    entry.key.length = 32;
    entry.key.contents = keys_.back().data();
    entries_.push_back(entry);
  }

  KeyNames::List NamesOf(std::string_view name, std::string_view realm = "REALM") {
    Entries wanted;
    wanted.Add(name, 0, realm);
    return KeyNames(entries_).Of(*wanted.entries_.front().principal);
  }

 private:
  // References into a deque stay.
  std::deque<std::vector<uint8_t>> keys_;
  std::deque<krb5_data> components_;
  std::deque<krb5_principal_data> principals_;
  std::vector<krb5_keytab_entry> entries_;
};

TEST(KeyNamesTest, AreThoseOfEveryEntryWithTheKey) {
  Entries entries;
  entries.Add("http", 1);
  entries.Add("alone", 2);
  entries.Add("cifs", 1);
  EXPECT_THAT(entries.NamesOf("http"), Pointee(ElementsAre("cifs", "http")));
  EXPECT_THAT(entries.NamesOf("cifs"), Pointee(ElementsAre("cifs", "http")));
  EXPECT_THAT(entries.NamesOf("alone"), Pointee(ElementsAre("alone")));
  EXPECT_EQ(entries.NamesOf("nobody"), nullptr);
  EXPECT_EQ(KeyNames().Of(krb5_principal_data{}), nullptr);
}

// Which of a principal's keys opened a ticket is not asked: all must be good.
TEST(KeyNamesTest, AnyKeyOfThePrincipalCounts) {
  Entries entries;
  entries.Add("http", 1);
  entries.Add("http", 2);
  entries.Add("old", 1);
  entries.Add("new", 2);
  EXPECT_THAT(entries.NamesOf("http"), Pointee(ElementsAre("http", "new", "old")));
  EXPECT_THAT(entries.NamesOf("old"), Pointee(ElementsAre("http", "old")));
}

TEST(KeyNamesTest, TheSameNameOfAnotherRealmIsAnotherPrincipal) {
  Entries entries;
  entries.Add("http", 1);
  entries.Add("http", 2, "OTHER");
  entries.Add("cifs", 2);
  EXPECT_THAT(entries.NamesOf("http"), Pointee(ElementsAre("http")));
  EXPECT_THAT(entries.NamesOf("http", "OTHER"), Pointee(ElementsAre("cifs", "http")));
}

}  // namespace
}  // namespace epa::kerberos
