#include "lib/tls/endpoint_hash.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lib/tls/openssl_handles.h"

namespace epa::tls {
namespace {

// The hash inside each signature algorithm (RFC 3279, 4055, 5754, 5758, 8017; NIST's CSOR for
// SHA-3; OIW's older identifiers). OpenSSL's own table lacks some of them, and an application can
// add to it.
struct SignatureAlgorithm {
  int algorithm;
  int hash;
};

constexpr std::array kSignatureAlgorithms = {
    SignatureAlgorithm{NID_md2WithRSAEncryption, NID_md2},
    SignatureAlgorithm{NID_md4WithRSAEncryption, NID_md4},
    SignatureAlgorithm{NID_md5WithRSAEncryption, NID_md5},
    SignatureAlgorithm{NID_sha1WithRSAEncryption, NID_sha1},
    SignatureAlgorithm{NID_sha224WithRSAEncryption, NID_sha224},
    SignatureAlgorithm{NID_sha256WithRSAEncryption, NID_sha256},
    SignatureAlgorithm{NID_sha384WithRSAEncryption, NID_sha384},
    SignatureAlgorithm{NID_sha512WithRSAEncryption, NID_sha512},
    SignatureAlgorithm{NID_sha512_224WithRSAEncryption, NID_sha512_224},
    SignatureAlgorithm{NID_sha512_256WithRSAEncryption, NID_sha512_256},
    SignatureAlgorithm{NID_md5WithRSA, NID_md5},
    SignatureAlgorithm{NID_sha1WithRSA, NID_sha1},
    SignatureAlgorithm{NID_ripemd160WithRSA, NID_ripemd160},
    SignatureAlgorithm{NID_RSA_SHA3_224, NID_sha3_224},
    SignatureAlgorithm{NID_RSA_SHA3_256, NID_sha3_256},
    SignatureAlgorithm{NID_RSA_SHA3_384, NID_sha3_384},
    SignatureAlgorithm{NID_RSA_SHA3_512, NID_sha3_512},
    SignatureAlgorithm{NID_ecdsa_with_SHA1, NID_sha1},
    SignatureAlgorithm{NID_ecdsa_with_SHA224, NID_sha224},
    SignatureAlgorithm{NID_ecdsa_with_SHA256, NID_sha256},
    SignatureAlgorithm{NID_ecdsa_with_SHA384, NID_sha384},
    SignatureAlgorithm{NID_ecdsa_with_SHA512, NID_sha512},
    SignatureAlgorithm{NID_ecdsa_with_SHA3_224, NID_sha3_224},
    SignatureAlgorithm{NID_ecdsa_with_SHA3_256, NID_sha3_256},
    SignatureAlgorithm{NID_ecdsa_with_SHA3_384, NID_sha3_384},
    SignatureAlgorithm{NID_ecdsa_with_SHA3_512, NID_sha3_512},
    SignatureAlgorithm{NID_dsaWithSHA1, NID_sha1},
    SignatureAlgorithm{NID_dsaWithSHA1_2, NID_sha1},
    SignatureAlgorithm{NID_dsa_with_SHA224, NID_sha224},
    SignatureAlgorithm{NID_dsa_with_SHA256, NID_sha256},
    SignatureAlgorithm{NID_dsa_with_SHA384, NID_sha384},
    SignatureAlgorithm{NID_dsa_with_SHA512, NID_sha512},
    SignatureAlgorithm{NID_dsa_with_SHA3_224, NID_sha3_224},
    SignatureAlgorithm{NID_dsa_with_SHA3_256, NID_sha3_256},
    SignatureAlgorithm{NID_dsa_with_SHA3_384, NID_sha3_384},
    SignatureAlgorithm{NID_dsa_with_SHA3_512, NID_sha3_512},
    SignatureAlgorithm{NID_SM2_with_SM3, NID_sm3},
    SignatureAlgorithm{NID_sm3WithRSAEncryption, NID_sm3},
};

struct BoundDigest {
  int signature_hash;
  std::string_view digest;
};

// RFC 5929 4.1: MD5 and SHA-1 are replaced by SHA-256, every other hash is used as it is. MD2 and
// MD4 are older than MD5 and replaced like it.
constexpr std::string_view kReplacement = "SHA256";
constexpr std::array kBoundDigests = {
    BoundDigest{NID_md2, kReplacement},        BoundDigest{NID_md4, kReplacement},
    BoundDigest{NID_md5, kReplacement},        BoundDigest{NID_sha1, kReplacement},
    BoundDigest{NID_sha224, "SHA224"},         BoundDigest{NID_sha256, "SHA256"},
    BoundDigest{NID_sha384, "SHA384"},         BoundDigest{NID_sha512, "SHA512"},
    BoundDigest{NID_sha512_224, "SHA512-224"}, BoundDigest{NID_sha512_256, "SHA512-256"},
    BoundDigest{NID_sha3_224, "SHA3-224"},     BoundDigest{NID_sha3_256, "SHA3-256"},
    BoundDigest{NID_sha3_384, "SHA3-384"},     BoundDigest{NID_sha3_512, "SHA3-512"},
    BoundDigest{NID_ripemd160, "RIPEMD160"},   BoundDigest{NID_sm3, "SM3"},
};

// Enough for every assigned identifier; a longer one is shown cut off.
constexpr size_t kMaxDottedDigits = 256;

std::string AlgorithmName(const ASN1_OBJECT* algorithm) {
  const int nid = OBJ_obj2nid(algorithm);
  if (nid == NID_rsassaPss) {
    return OBJ_nid2sn(nid);
  }
  if (nid != NID_undef) {
    return OBJ_nid2ln(nid);
  }
  std::array<char, kMaxDottedDigits> digits{};
  OBJ_obj2txt(digits.data(), static_cast<int>(digits.size()), algorithm, 1);
  return digits.data();
}

// The hash in the parameters (RFC 4055 3.1: hashAlgorithm, default SHA-1), not the one of the mask
// generation. NID_undef when the parameters cannot be read.
int PssSignatureHash(const X509_ALGOR* signature) {
  int type = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &type, &value, signature);
  if (type != V_ASN1_SEQUENCE) {
    return NID_undef;
  }
  const PssParametersPtr parameters(static_cast<RSA_PSS_PARAMS*>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
  if (parameters == nullptr) {
    return NID_undef;
  }
  if (parameters->hashAlgorithm == nullptr) {
    return NID_sha1;
  }
  const ASN1_OBJECT* hash = nullptr;
  X509_ALGOR_get0(&hash, nullptr, nullptr, parameters->hashAlgorithm);
  return OBJ_obj2nid(hash);
}

int SignatureHash(const X509_ALGOR* signature, int algorithm) {
  if (algorithm == NID_rsassaPss) {
    return PssSignatureHash(signature);
  }
  const auto found =
      std::ranges::find(kSignatureAlgorithms, algorithm, &SignatureAlgorithm::algorithm);
  return found == kSignatureAlgorithms.end() ? NID_undef : found->hash;
}

std::string WhyUndefined(const EndpointHash& hash, int algorithm) {
  if (algorithm == NID_undef) {
    return "the signature algorithm " + hash.signature_algorithm +
           " is unknown, so its hash for RFC 5929 4.1 is too";
  }
  if (algorithm == NID_rsassaPss) {
    return "the RSASSA-PSS parameters name no known hash, so RFC 5929 4.1 cannot be applied";
  }
  return hash.signature_algorithm + " has no single known hash, so RFC 5929 4.1 defines no binding";
}

}  // namespace

EndpointHash ChooseEndpointHash(const X509* certificate) {
  const ErrorQueueGuard errors;
  const X509_ALGOR* signature = nullptr;
  X509_get0_signature(nullptr, &signature, certificate);
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, signature);
  const int algorithm = OBJ_obj2nid(object);

  EndpointHash result;
  result.signature_algorithm = AlgorithmName(object);
  const int signature_hash = SignatureHash(signature, algorithm);
  const auto bound = std::ranges::find(kBoundDigests, signature_hash, &BoundDigest::signature_hash);
  if (bound == kBoundDigests.end()) {
    result.defined = false;
    result.why = WhyUndefined(result, algorithm);
    return result;
  }
  result.digest = bound->digest;
  const std::string signature_digest = OBJ_nid2sn(signature_hash);
  result.why = bound->digest == kReplacement && signature_hash != NID_sha256
                   ? "the signature's " + signature_digest + " is replaced by SHA256 (RFC 5929 4.1)"
                   : "the signature's own hash is used (RFC 5929 4.1)";
  return result;
}

}  // namespace epa::tls
