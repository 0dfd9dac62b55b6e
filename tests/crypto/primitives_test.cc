#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "lib/crypto/digest.h"
#include "lib/crypto/openssl_library.h"
#include "lib/crypto/rc4.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::crypto {
namespace {

using test::FromHex;
using test::ToHex;

TEST(Primitives, PublishedVectors) {
  const auto vectors = test::ReadTestJson("crypto/primitives.json");
  size_t checked = 0;
  for (const auto& entry : vectors["entries"]) {
    const std::string algorithm = entry["algorithm"];
    const auto data = FromHex(entry["inputs"]["data"].get<std::string>());
    std::vector<uint8_t> key;
    if (entry["inputs"].contains("key")) {
      key = FromHex(entry["inputs"]["key"].get<std::string>());
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    if (algorithm == "md4") {
      EXPECT_EQ(ToHex(Md4({data}).Expose()), entry["expected"]["digest"].get<std::string>());
    } else if (algorithm == "hmac-md5") {
      EXPECT_EQ(ToHex(HmacMd5(key, {data}).Expose()), entry["expected"]["mac"].get<std::string>());
    } else {
      ASSERT_EQ(algorithm, "rc4");
      std::vector<uint8_t> octets = data;
      Rc4(key).Apply(octets);
      EXPECT_EQ(ToHex(octets), entry["expected"]["output"].get<std::string>());
    }
    ++checked;
  }
  EXPECT_EQ(checked, vectors["count"].get<size_t>());
  EXPECT_EQ(checked, 22u);
}

TEST(Primitives, PartsAreConcatenated) {
  const std::vector<uint8_t> whole = test::OctetsOf("one two three");
  const std::vector<uint8_t> key = test::OctetsOf("key");
  const auto all = std::span(whole);
  EXPECT_TRUE(HmacMd5(key, {all.first(4), {}, all.subspan(4)}) == HmacMd5(key, {all}));
  EXPECT_EQ(Md5({all.first(4), all.subspan(4)}), Md5({all}));
  EXPECT_EQ(ToHex(Md5({})), "d41d8cd98f00b204e9800998ecf8427e");  // RFC 1321 A.5
}

TEST(Rc4, ContinuesItsStream) {
  const std::vector<uint8_t> key = test::OctetsOf("0123456789abcdef");
  std::vector<uint8_t> whole(100, 0);
  Rc4(key).Apply(whole);
  std::vector<uint8_t> parts(100, 0);
  Rc4 cipher(key);
  cipher.Apply(std::span(parts).first(33));
  cipher.Apply(std::span(parts).subspan(33));
  EXPECT_EQ(parts, whole);
}

TEST(Rc4, FromStartTakesTheHeadOfTheStreamEachTime) {
  const Secret<16> key{std::span<const uint8_t, 16>(test::OctetsOf("0123456789abcdef"))};
  std::vector<uint8_t> stream(100, 0);
  Rc4(key.Expose()).Apply(stream);
  for (const size_t size : {8u, 16u, 100u}) {
    std::vector<uint8_t> octets(size, 0);
    Rc4FromStart(key, octets);
    EXPECT_EQ(octets, std::vector<uint8_t>(stream.begin(), stream.begin() + size)) << size;
  }
}

TEST(Rc4, WrappingAKeyTwiceUnwrapsIt) {
  const Secret<16> key{std::span<const uint8_t, 16>(test::OctetsOf("0123456789abcdef"))};
  const std::vector<uint8_t> in = test::OctetsOf("fedcba9876543210");
  const Secret<16> wrapped = Rc4WrapKey(key, std::span<const uint8_t, 16>(in));
  EXPECT_NE(ToHex(wrapped.Expose()), ToHex(in));
  EXPECT_EQ(ToHex(Rc4WrapKey(key, wrapped.Expose()).Expose()), ToHex(in));
}

TEST(Hash, NamesTheUnknownDigest) {
  const std::vector<uint8_t> data = test::OctetsOf("abc");
  const auto sha256 = Hash("SHA256", data);
  ASSERT_OK(sha256);
  EXPECT_EQ(ToHex(*sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ASSERT_OK(Hash("SHA3-256", data));
  EXPECT_THAT(Hash("SHA-NONE", data), test::StatusIs(absl::StatusCode::kNotFound));
}

// The application's own OpenSSL context keeps what it had: no MD4 there.
TEST(OpenSslLibrary, LeavesTheApplicationsContextAlone) {
  EXPECT_OK(OpenSslLibrary::Get().RequireNtlm());
  EVP_MD* md4 = EVP_MD_fetch(nullptr, "MD4", nullptr);
  EXPECT_EQ(md4, nullptr);
  EVP_MD_free(md4);
}

TEST(Primitives, ThreadsDoNotShareContexts) {
  const std::vector<uint8_t> key = test::OctetsOf("key");
  const std::vector<uint8_t> data(1000, 1);
  const Secret<16> expected = HmacMd5(key, {data});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        EXPECT_TRUE(HmacMd5(key, {data}) == expected);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace epa::crypto
