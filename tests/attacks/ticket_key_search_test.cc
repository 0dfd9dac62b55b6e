// Work before a proof: a ticket under a name that no key has is looked at with every key, and
// decrypted with those alone that can have sealed it. Work is counted, not timed.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <krb5/krb5.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "providers/kerberos/key_sieve.h"
#include "providers/kerberos/krb5_handles.h"
#include "tests/kerberos/keytab_writer.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/ticket_forge.h"

namespace {

int g_decryptions = 0;

}  // namespace

// In the place of libk5crypto's, for libkrb5 too.
extern "C" __attribute__((visibility("default"))) krb5_error_code krb5_c_decrypt(
    krb5_context context, const krb5_keyblock* key, krb5_keyusage usage,
    const krb5_data* cipher_state, const krb5_enc_data* input, krb5_data* output) {
  static const auto original =
      reinterpret_cast<decltype(&krb5_c_decrypt)>(dlsym(RTLD_NEXT, "krb5_c_decrypt"));
  ++g_decryptions;
  return original(context, key, usage, cipher_state, input, output);
}

namespace epa::kerberos {
namespace {

constexpr size_t kKeys = 100;
constexpr krb5_keyusage kTicketUsage = 2;

std::vector<uint8_t> KeyOctets(size_t number, size_t size) {
  std::vector<uint8_t> octets(size);
  for (size_t i = 0; i < size; ++i) {
    octets[i] = static_cast<uint8_t>(number * 31 + i * 7 + 1);
  }
  return octets;
}

size_t KeySize(krb5_enctype type) {
  return type == ENCTYPE_AES256_CTS_HMAC_SHA1_96 || type == ENCTYPE_AES256_CTS_HMAC_SHA384_192 ||
                 type == ENCTYPE_CAMELLIA256_CTS_CMAC
             ? 32
             : 16;
}

// --- The sieve ---

class KeySieveTest : public testing::TestWithParam<krb5_enctype> {
 protected:
  KeySieveTest() {
    for (size_t i = 0; i < kKeys; ++i) {
      octets_.push_back(KeyOctets(i, KeySize(GetParam())));
      krb5_keytab_entry entry = {};
      entry.vno = static_cast<krb5_kvno>(i);
      entry.key.enctype = GetParam();
      entry.key.length = static_cast<unsigned int>(octets_.back().size());
      entry.key.contents = octets_.back().data();
      entries_.push_back(entry);
    }
  }

  // The versions of the keys that can have sealed `plain` with key `number`.
  std::vector<krb5_kvno> Find(size_t number, std::span<const uint8_t> plain,
                              krb5_enctype type = GetParam()) {
    size_t size = 0;
    EXPECT_EQ(krb5_c_encrypt_length(nullptr, GetParam(), plain.size(), &size), 0);
    std::vector<uint8_t> cipher(size);
    const krb5_data input = ViewOf(plain);
    krb5_enc_data output = {};
    output.ciphertext = ViewOf(cipher);
    EXPECT_EQ(
        krb5_c_encrypt(nullptr, &entries_[number].key, kTicketUsage, nullptr, &input, &output), 0);
    std::vector<krb5_kvno> found;
    for (const krb5_keytab_entry& entry : KeySieve(entries_).KeysFor({type, cipher})) {
      found.push_back(entry.vno);
    }
    return found;
  }

  static std::vector<uint8_t> Plain(std::vector<uint8_t> header, size_t size) {
    header.resize(size, 0x55);
    return header;
  }

  std::vector<std::vector<uint8_t>> octets_;
  std::vector<krb5_keytab_entry> entries_;
};

// Lengths as DER writes them and with more octets than that takes; not a number of whole blocks.
TEST_P(KeySieveTest, FindsTheKeyByTheTicketsBeginning) {
  const std::vector<std::vector<uint8_t>> tickets = {
      Plain({0x63, 0x5E, 0x30, 0x5C}, 0x60),
      Plain({0x63, 0x81, 0x97, 0x30, 0x81, 0x94}, 0x9A),
      Plain({0x63, 0x82, 0xB7, 0x94, 0x30, 0x82, 0xB7, 0x90}, 0xB798),
      Plain({0x63, 0x84, 0x00, 0x00, 0xB7, 0x94, 0x30, 0x82, 0xB7, 0x90}, 0xB79A),
  };
  for (size_t i = 0; i < tickets.size(); ++i) {
    const size_t number = 17 * i + 3;
    EXPECT_EQ(Find(number, tickets[i]), std::vector<krb5_kvno>{static_cast<krb5_kvno>(number)})
        << i;
  }
}

TEST_P(KeySieveTest, FindsTheKeyOfAPaddedTicket) {
  EXPECT_EQ(Find(0, Plain({0x63, 0x5E, 0x30, 0x5C}, 0x68)), std::vector<krb5_kvno>{0});
  EXPECT_EQ(Find(0, Plain({0x63, 0x5E, 0x30, 0x5C}, 0x69)), std::vector<krb5_kvno>());
}

TEST_P(KeySieveTest, PassesNoKeyForWhatIsNoTicket) {
  EXPECT_EQ(Find(0, Plain({0x62, 0x5E, 0x30, 0x5C}, 0x60)), std::vector<krb5_kvno>());
  EXPECT_EQ(Find(0, Plain({0x63, 0x01, 0x30, 0x5C}, 0x60)), std::vector<krb5_kvno>());
  EXPECT_EQ(Find(0, Plain({0x63, 0x5E, 0x31, 0x5C}, 0x60)), std::vector<krb5_kvno>());
  // Longer than the text, and a sequence that is not all there is.
  EXPECT_EQ(Find(0, Plain({0x63, 0x5F, 0x30, 0x5D}, 0x60)), std::vector<krb5_kvno>());
  EXPECT_EQ(Find(0, Plain({0x63, 0x5E, 0x30, 0x5B}, 0x60)), std::vector<krb5_kvno>());
  EXPECT_EQ(Find(0, Plain({}, 0x60)), std::vector<krb5_kvno>());
}

TEST_P(KeySieveTest, PassesNoKeyOfAnotherType) {
  EXPECT_EQ(Find(0, Plain({0x63, 0x5E, 0x30, 0x5C}, 0x60), ENCTYPE_DES3_CBC_SHA1),
            std::vector<krb5_kvno>());
}

INSTANTIATE_TEST_SUITE_P(Types, KeySieveTest,
                         testing::Values(ENCTYPE_AES128_CTS_HMAC_SHA1_96,
                                         ENCTYPE_AES256_CTS_HMAC_SHA1_96,
                                         ENCTYPE_AES128_CTS_HMAC_SHA256_128,
                                         ENCTYPE_AES256_CTS_HMAC_SHA384_192, ENCTYPE_ARCFOUR_HMAC));

TEST(KeySieveOfOtherTypesTest, PassesAll) {
  std::vector<uint8_t> octets(32, 1);
  krb5_keytab_entry entry = {};
  entry.key.enctype = ENCTYPE_CAMELLIA256_CTS_CMAC;
  entry.key.length = 32;
  entry.key.contents = octets.data();
  const std::array<krb5_keytab_entry, 2> entries = {entry, entry};
  const std::vector<uint8_t> cipher(200, 7);
  EXPECT_EQ(KeySieve(entries).KeysFor({ENCTYPE_CAMELLIA256_CTS_CMAC, cipher}).size(), 2u);
}

// --- A server with many keys ---

class TicketKeySearch : public testing::Test {
 protected:
  // A keytab of many other services' keys.
  static std::vector<uint8_t> ForeignKeys() {
    std::vector<KeytabEntry> entries;
    for (size_t i = 0; i < kKeys; ++i) {
      entries.push_back({.realm = test::TicketForge::kRealm,
                         .name = {"HTTP", "host" + std::to_string(i)},
                         .type = ENCTYPE_AES256_CTS_HMAC_SHA1_96,
                         .key = KeyOctets(i, 32)});
    }
    return WriteKeytab(entries);
  }

  // The decryptions, of tickets and of all else, that one login cost.
  int Decryptions(std::span<const uint8_t> keytab, StepState expected) {
    AcceptorOptions options;
    options.keytab = SecretBytes(keytab);
    options.configuration.contents = "[libdefaults]\n default_realm = NOWHERE\n";
    options.replay_cache = ReplayCache::kNone;
    test::KerberosSetup setup;
    setup.acceptor = test::MakeAcceptor(std::move(options));
    setup.policy.mode = ExtendedProtectionMode::kLegacy;
    const auto server = test::MakeKerberosServer(setup);
    const std::vector<uint8_t> request = forge_.Request({});
    g_decryptions = 0;
    EXPECT_EQ(test::KerberosStep(*server, request).state, expected) << server->reason_detail();
    EXPECT_EQ(server->reason() == Reason::kKeyNotFound, expected == StepState::kRejected)
        << ReasonName(server->reason());
    return g_decryptions;
  }

  test::TicketForge forge_;
};

TEST_F(TicketKeySearch, ForAnUnknownNameDecryptsNothing) {
  EXPECT_EQ(Decryptions(ForeignKeys(), StepState::kRejected), 0);
}

// The ticket and the authenticator; the one key has another name.
TEST_F(TicketKeySearch, ForAnAliasDecryptsOnce) {
  const SecretBytes own = forge_.Keytab();
  // libkrb5 looks at the first one last.
  std::vector<uint8_t> keytab(own.Expose().begin(), own.Expose().end());
  const std::vector<uint8_t> foreign = ForeignKeys();
  keytab.insert(keytab.end(), foreign.begin() + 2, foreign.end());  // without the version
  const std::string name = "web.corp", alias = "www.corp";
  const auto found = std::search(keytab.begin(), keytab.end(), name.begin(), name.end());
  ASSERT_NE(found, keytab.end());
  std::ranges::copy(alias, found);
  EXPECT_EQ(Decryptions(keytab, StepState::kEstablished), 2);
}

}  // namespace
}  // namespace epa::kerberos
