#include "lib/crypto/contexts.h"

#include <openssl/evp.h>

namespace epa::crypto {

void ContextDeleter::operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
void ContextDeleter::operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }

}  // namespace epa::crypto
