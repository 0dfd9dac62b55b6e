// tls-server-end-point of certificates alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "epa/tls/channel_binding.h"
#include "tests/support/certificates.h"
#include "tests/support/find_octets.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::tls {
namespace {

using ::epa::test::Certificate;
using ::epa::test::CertificateOptions;
using ::epa::test::CreateCertificate;
using ::epa::test::FromHex;
using ::epa::test::KeyType;
using ::epa::test::OctetsOf;
using ::epa::test::ReadTestJson;
using ::epa::test::StatusIs;
using ::epa::test::ToHex;
using ::testing::HasSubstr;

struct Vector {
  std::string name;
  std::vector<uint8_t> der;
  nlohmann::json expected;
};

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.name; }

std::vector<Vector> Vectors() {
  std::vector<Vector> vectors;
  const nlohmann::json file = ReadTestJson("tls/cert_endpoint.json");
  for (const nlohmann::json& entry : file["entries"]) {
    vectors.push_back({entry["name"], FromHex(entry["inputs"]["cert_der"].get<std::string>()),
                       entry["expected"]});
  }
  return vectors;
}

std::string TestName(const ::testing::TestParamInfo<Vector>& info) {
  std::string name = info.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

// "SHA3-256" as the vectors write it: "sha3_256".
std::string VectorDigestName(std::string digest) {
  std::ranges::transform(digest, digest.begin(), [](unsigned char letter) {
    return letter == '-' ? '_' : static_cast<char>(std::tolower(letter));
  });
  return digest;
}

class VectorTest : public ::testing::TestWithParam<Vector> {
 protected:
  const nlohmann::json& expected() const { return GetParam().expected; }
  bool IsDefined() const { return !expected()["hash_name"].is_null(); }

  static void ExpectBindings(const EndpointBinding& binding, const nlohmann::json& wanted) {
    ASSERT_TRUE(binding.bindings.has_value());
    EXPECT_EQ(ToHex(binding.bindings->application_data()),
              wanted["application_data"].get<std::string>());
    EXPECT_EQ(ToHex(binding.bindings->token().octets),
              wanted["ntlm_channel_bindings_md5"].get<std::string>());
    EXPECT_EQ(binding.bindings->type(), ChannelBindingType::kServerEndPoint);
  }
};

TEST_P(VectorTest, DerCertificateHasThePublishedBinding) {
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(GetParam().der, UndefinedHashRule::kSha256));
  EXPECT_EQ(binding.hash.defined, IsDefined());
  EXPECT_FALSE(binding.hash.why.empty());
  if (IsDefined()) {
    EXPECT_EQ(VectorDigestName(binding.hash.digest), expected()["hash_name"].get<std::string>());
    ExpectBindings(binding, expected());
  } else {
    EXPECT_EQ(binding.hash.digest, "SHA256");
    ExpectBindings(binding, expected()["common_fallbacks"]["sha256"]);
  }
}

TEST_P(VectorTest, ParsedCertificateHasTheSameBinding) {
  const unsigned char* cursor = GetParam().der.data();
  const std::shared_ptr<X509> certificate(
      d2i_X509(nullptr, &cursor, static_cast<long>(GetParam().der.size())), X509_free);
  ASSERT_NE(certificate, nullptr);
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(certificate.get(), UndefinedHashRule::kSha256));
  ExpectBindings(binding, IsDefined() ? expected() : expected()["common_fallbacks"]["sha256"]);
}

TEST_P(VectorTest, OnlyUndefinedAlgorithmsFailOrStayUnbound) {
  const auto strict = EndpointBindingOf(GetParam().der, UndefinedHashRule::kFail);
  ASSERT_OK_AND_ASSIGN(const EndpointBinding unbound,
                       EndpointBindingOf(GetParam().der, UndefinedHashRule::kUnbound));
  EXPECT_EQ(strict.ok(), IsDefined());
  EXPECT_EQ(unbound.bindings.has_value(), IsDefined());
}

TEST_P(VectorTest, TruncatedCertificateIsRefused) {
  const std::vector<uint8_t>& der = GetParam().der;
  for (const size_t size : {size_t{0}, size_t{1}, der.size() / 2, der.size() - 1}) {
    EXPECT_THAT(EndpointBindingOf(std::span(der).first(size), UndefinedHashRule::kSha256),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

INSTANTIATE_TEST_SUITE_P(CertEndpoint, VectorTest, ::testing::ValuesIn(Vectors()), TestName);

TEST(CertEndpointVectors, AllOfThemAreThere) { EXPECT_EQ(Vectors().size(), 32U); }

// Replaces the only occurrences of an OID's octets, in the certificate's inner and outer
// signature algorithm.
std::vector<uint8_t> WithOid(std::vector<uint8_t> der, const std::vector<uint8_t>& from,
                             const std::vector<uint8_t>& to) {
  int replaced = 0;
  for (auto place = test::FindOctets(der, from); !place.empty();
       place = test::FindOctets(der, from)) {
    std::ranges::copy(to, place.begin());
    ++replaced;
  }
  EXPECT_EQ(replaced, 2);
  return der;
}

const std::vector<uint8_t> kEcdsaWithSha256 = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                               0xce, 0x3d, 0x04, 0x03, 0x02};

TEST(EndpointBinding, UnknownSignatureOidIsUndefinedAndNamedByItsDigits) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate());
  std::vector<uint8_t> unknown = kEcdsaWithSha256;
  unknown.back() = 0x6f;
  const std::vector<uint8_t> der = WithOid(certificate.der, kEcdsaWithSha256, unknown);
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(der, UndefinedHashRule::kUnbound));
  EXPECT_FALSE(binding.hash.defined);
  EXPECT_EQ(binding.hash.signature_algorithm, "1.2.840.10045.4.3.111");
  EXPECT_EQ(binding.hash.digest, "");
  EXPECT_FALSE(binding.bindings.has_value());
  EXPECT_THAT(EndpointBindingOf(der, UndefinedHashRule::kFail),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("1.2.840.10045.4.3.111")));
}

TEST(EndpointBinding, Sha1CertificateIsBoundWithSha256) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate,
                       CreateCertificate({.key = KeyType::kRsa2048, .digest = "SHA1"}));
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(certificate.der, UndefinedHashRule::kFail));
  EXPECT_EQ(binding.hash.signature_algorithm, "sha1WithRSAEncryption");
  EXPECT_EQ(binding.hash.digest, "SHA256");
  EXPECT_THAT(binding.hash.why, HasSubstr("SHA1 is replaced by SHA256"));
}

TEST(EndpointBinding, PssTakesTheParametersHashAndNotTheMaskHash) {
  ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      CreateCertificate(
          {.key = KeyType::kRsa2048, .digest = "SHA384", .pss_mask_digest = "SHA512"}));
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(certificate.x509.get(), UndefinedHashRule::kFail));
  EXPECT_EQ(binding.hash.signature_algorithm, "RSASSA-PSS");
  EXPECT_EQ(binding.hash.digest, "SHA384");
  EXPECT_TRUE(binding.hash.defined);
}

TEST(EndpointBinding, PssWithoutHashInItsParametersMeansSha1AndSoSha256) {
  ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      CreateCertificate({.key = KeyType::kRsa2048, .digest = "SHA1", .pss_mask_digest = "SHA1"}));
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(certificate.der, UndefinedHashRule::kFail));
  EXPECT_EQ(binding.hash.signature_algorithm, "RSASSA-PSS");
  EXPECT_EQ(binding.hash.digest, "SHA256");
}

TEST(EndpointBinding, PssWithAnUnknownHashIsUndefined) {
  ASSERT_OK_AND_ASSIGN(
      const Certificate certificate,
      CreateCertificate(
          {.key = KeyType::kRsa2048, .digest = "SHA256", .pss_mask_digest = "SHA256"}));
  // Every hash in the parameters becomes an unassigned one.
  std::vector<uint8_t> der = certificate.der;
  const std::vector<uint8_t> sha256 = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
  for (auto place = test::FindOctets(der, sha256); !place.empty();
       place = test::FindOctets(der, sha256)) {
    place[8] = 0x7f;
  }
  ASSERT_OK_AND_ASSIGN(const EndpointBinding binding,
                       EndpointBindingOf(der, UndefinedHashRule::kUnbound));
  EXPECT_FALSE(binding.hash.defined);
  EXPECT_THAT(binding.hash.why, HasSubstr("RSASSA-PSS parameters"));
}

class EdwardsTest : public ::testing::TestWithParam<KeyType> {};

TEST_P(EdwardsTest, FollowsTheRule) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate({.key = GetParam()}));
  const std::string name = GetParam() == KeyType::kEd25519 ? "ED25519" : "ED448";

  EXPECT_THAT(EndpointBindingOf(certificate.x509.get(), UndefinedHashRule::kFail),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(name)));

  ASSERT_OK_AND_ASSIGN(const EndpointBinding unbound,
                       EndpointBindingOf(certificate.x509.get(), UndefinedHashRule::kUnbound));
  EXPECT_EQ(unbound.hash.signature_algorithm, name);
  EXPECT_EQ(unbound.hash.digest, "");
  EXPECT_FALSE(unbound.hash.defined);
  EXPECT_FALSE(unbound.bindings.has_value());

  ASSERT_OK_AND_ASSIGN(const EndpointBinding sha256,
                       EndpointBindingOf(certificate.x509.get(), UndefinedHashRule::kSha256));
  EXPECT_EQ(sha256.hash.digest, "SHA256");
  EXPECT_FALSE(sha256.hash.defined);
  ASSERT_TRUE(sha256.bindings.has_value());
  EXPECT_EQ(sha256.bindings->application_data().size(), 21U + 32U);
}

INSTANTIATE_TEST_SUITE_P(Keys, EdwardsTest, ::testing::Values(KeyType::kEd25519, KeyType::kEd448));

TEST(EndpointBinding, IssuersKeyDecidesAndNotTheSubjects) {
  ASSERT_OK_AND_ASSIGN(const Certificate issuer,
                       CreateCertificate({.key = KeyType::kEd25519, .authority = true}));
  ASSERT_OK_AND_ASSIGN(const Certificate leaf, CreateCertificate({.issuer = &issuer}));
  EXPECT_THAT(EndpointBindingOf(leaf.der, UndefinedHashRule::kFail),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(EndpointBinding, OctetsBehindTheCertificateAreRefused) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate());
  std::vector<uint8_t> der = certificate.der;
  der.push_back(0);
  EXPECT_THAT(EndpointBindingOf(der, UndefinedHashRule::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exactly one")));
}

TEST(EndpointBinding, TwoCertificatesAreRefused) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate());
  std::vector<uint8_t> der = certificate.der;
  der.insert(der.end(), certificate.der.begin(), certificate.der.end());
  EXPECT_THAT(EndpointBindingOf(der, UndefinedHashRule::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EndpointBinding, LengthWithALeadingZeroIsNotDer) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate());
  std::vector<uint8_t> ber = certificate.der;
  ASSERT_EQ(ber[1], 0x82);
  ber[1] = 0x83;
  ber.insert(ber.begin() + 2, 0x00);
  EXPECT_THAT(EndpointBindingOf(ber, UndefinedHashRule::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EndpointBinding, PemTextIsRefused) {
  ASSERT_OK_AND_ASSIGN(const Certificate certificate, CreateCertificate());
  EXPECT_THAT(EndpointBindingOf(OctetsOf(certificate.certificate_pem), UndefinedHashRule::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EndpointBinding, NoCertificateIsRefused) {
  const X509* none = nullptr;
  EXPECT_THAT(EndpointBindingOf(none, UndefinedHashRule::kSha256),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(EndpointBinding, LeavesOpenSslsErrorQueueAlone) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, ERR_R_PASSED_NULL_PARAMETER);
  const unsigned long before = ERR_peek_last_error();
  const std::vector<uint8_t> garbage = {0x30, 0x03, 0x02, 0x01, 0x00};
  EXPECT_FALSE(EndpointBindingOf(garbage, UndefinedHashRule::kFail).ok());
  EXPECT_EQ(ERR_get_error(), before);
  EXPECT_EQ(ERR_get_error(), 0U);
}

}  // namespace
}  // namespace epa::tls
