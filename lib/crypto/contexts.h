// OpenSSL's contexts with an owner, released with the keys in them.
#ifndef EPA_LIB_CRYPTO_CONTEXTS_H_
#define EPA_LIB_CRYPTO_CONTEXTS_H_

#include <memory>

typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_mac_ctx_st EVP_MAC_CTX;

namespace epa::crypto {

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const;
  void operator()(EVP_MAC_CTX* context) const;
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

}  // namespace epa::crypto

#endif  // EPA_LIB_CRYPTO_CONTEXTS_H_
