// Ownership of OpenSSL's objects.
#ifndef EPA_LIB_TLS_OPENSSL_HANDLES_H_
#define EPA_LIB_TLS_OPENSSL_HANDLES_H_

#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

#include "lib/crypto/error_queue.h"

namespace epa::tls {

struct OpenSslDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(RSA_PSS_PARAMS* parameters) const { RSA_PSS_PARAMS_free(parameters); }
  void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};

using X509Ptr = std::unique_ptr<X509, OpenSslDeleter>;
using SslPtr = std::unique_ptr<SSL, OpenSslDeleter>;
using PssParametersPtr = std::unique_ptr<RSA_PSS_PARAMS, OpenSslDeleter>;
using OpenSslOctets = std::unique_ptr<unsigned char, OpenSslDeleter>;

using crypto::ErrorQueueGuard;

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_OPENSSL_HANDLES_H_
