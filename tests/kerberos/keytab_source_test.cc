#include "providers/kerberos/keytab_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/kerberos/keytab_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa::kerberos {
namespace {

using test::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kSmallConfiguration[] = "[libdefaults]\n default_realm = A.EXAMPLE\n";

KeytabEntry Key(std::string host, uint32_t version = 1) {
  return {.realm = "A.EXAMPLE",
          .name = {"HTTP", std::move(host)},
          .version = version,
          .type = ENCTYPE_AES256_CTS_HMAC_SHA1_96,
          .key = std::vector<uint8_t>(32, static_cast<uint8_t>(version))};
}

std::string KeytabText(std::vector<KeytabEntry> entries) {
  const std::vector<uint8_t> octets = WriteKeytab(entries);
  return std::string(octets.begin(), octets.end());
}

class KeytabSourceTest : public testing::Test {
 protected:
  KeytabSourceTest() {
    auto pool = ContextPool::Create({.path = {}, .contents = kSmallConfiguration}, false, nullptr);
    EXPECT_OK(pool);
    pool_ = *std::move(pool);
  }

  absl::StatusOr<KeytabSource> Open() const {
    return KeytabSource::FromFile(pool_, {.paths = {path_}, .interval = {}});
  }
  std::string OpenError() const { return std::string(Open().status().message()); }

  // The principals for whom a workspace has keys, with their versions.
  std::vector<std::string> Keys(const KeytabSource& source) const {
    const auto lease = pool_->Acquire();
    EXPECT_OK(lease);
    EXPECT_OK(source.Refresh(lease->workspace()));
    krb5_context context = lease->context();
    krb5_keytab keytab = lease->workspace().keytab;
    std::vector<std::string> keys;
    krb5_kt_cursor cursor = nullptr;
    krb5_keytab_entry entry;
    EXPECT_EQ(krb5_kt_start_seq_get(context, keytab, &cursor), 0);
    while (krb5_kt_next_entry(context, keytab, &entry, &cursor) == 0) {
      OwnedText name(context);
      EXPECT_EQ(krb5_unparse_name(context, entry.principal, name.out()), 0);
      keys.push_back(std::string(name.get()) + " " + std::to_string(entry.vno));
      krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, keytab, &cursor);
    return keys;
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.File("keytab");
  std::shared_ptr<ContextPool> pool_;
};

TEST_F(KeytabSourceTest, HasTheKeysOfTheFile) {
  folder_.Write("keytab", KeytabText({Key("a"), Key("b", 3)}));
  const auto source = Open();
  ASSERT_OK(source);
  EXPECT_THAT(Keys(*source),
              testing::UnorderedElementsAre("HTTP/a@A.EXAMPLE 1", "HTTP/b@A.EXAMPLE 3"));
}

TEST_F(KeytabSourceTest, FollowsTheFileAndKeepsWhatItHadWhereThatIsNotWhole) {
  const std::string first = KeytabText({Key("a")});
  folder_.Write("keytab", first);
  const auto source = Open();
  ASSERT_OK(source);
  folder_.Replace("keytab", KeytabText({Key("b")}));
  EXPECT_THAT(Keys(*source), ElementsAre("HTTP/a@A.EXAMPLE 1")) << "a login looked at the file";
  EXPECT_OK(source->Check());
  EXPECT_THAT(Keys(*source), ElementsAre("HTTP/b@A.EXAMPLE 1"));
  std::filesystem::remove(path_);
  EXPECT_THAT(source->Check(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Keys(*source), ElementsAre("HTTP/b@A.EXAMPLE 1"));
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(source->Check(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Keys(*source), ElementsAre("HTTP/b@A.EXAMPLE 1"));
  folder_.Replace("keytab", first);
  EXPECT_OK(source->Check());
  EXPECT_THAT(Keys(*source), ElementsAre("HTTP/a@A.EXAMPLE 1"));
}

// libkrb5 reads such files as shorter ones.
TEST_F(KeytabSourceTest, CutOffIsDamagedAndNotShorter) {
  const std::string whole = KeytabText({Key("a"), Key("b")});
  const size_t first_ends = KeytabText({Key("a")}).size();
  for (size_t size = 0; size <= whole.size(); ++size) {
    folder_.Write("keytab", whole.substr(0, size));
    EXPECT_EQ(Open().ok(), size == first_ends || size == whole.size()) << size;
  }
}

TEST_F(KeytabSourceTest, HolesAndZerosAtTheEndAreWhole) {
  std::string text = KeytabText({Key("a")});
  text += std::string("\xFF\xFF\xFF\xFC", 4) + "hole";
  text += KeytabText({Key("b")}).substr(2);
  text += std::string(11, '\0');
  folder_.Write("keytab", text);
  const auto source = Open();
  ASSERT_OK(source);
  EXPECT_EQ(Keys(*source).size(), 2u);
  folder_.Write("keytab", text + "x");
  EXPECT_THAT(OpenError(), HasSubstr("cut off"));
}

TEST_F(KeytabSourceTest, WithoutAKeyOrOfAnotherKindIsAnErrorWithTheName) {
  for (const std::string& text : {std::string("\x05\x02", 2), std::string("\x05\x04\x01\x00", 4),
                                  std::string("-----BEGIN "), std::string()}) {
    folder_.Write("keytab", text);
    EXPECT_THAT(OpenError(), StartsWith("the keytab " + path_ + ": ")) << text;
  }
}

// Programs that become daemons close descriptors they do not know, and go on with their numbers.
TEST_F(KeytabSourceTest, KeepsNoDescriptorByItsNumber) {
  folder_.Write("keytab", KeytabText({Key("a")}));
  const SecretBytes octets = SecretBytes::FromText(KeytabText({Key("a")}));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    bool right = true;
    {
      auto pool =
          ContextPool::Create({.path = {}, .contents = kSmallConfiguration}, false, nullptr);
      auto source = KeytabSource::FromOctets(**pool, octets);
      closefrom(3);
      right = open("/dev/null", O_RDONLY) == 3;
      auto first = (*pool)->Acquire();
      auto second = (*pool)->Acquire();
      char* realm = nullptr;
      right = right && krb5_get_default_realm(second->context(), &realm) == 0 &&
              std::string(realm) == "A.EXAMPLE" && source->Refresh(second->workspace()).ok();
      krb5_free_default_realm(second->context(), realm);
    }
    _exit(right && fcntl(3, F_GETFD) >= 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace epa::kerberos
