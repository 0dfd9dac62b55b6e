// Which hash tls-server-end-point takes for a certificate.
#ifndef EPA_LIB_TLS_ENDPOINT_HASH_H_
#define EPA_LIB_TLS_ENDPOINT_HASH_H_

#include "epa/tls/channel_binding.h"

namespace epa::tls {

// By the certificate's outer signatureAlgorithm (RFC 5929 4.1). Where that is undefined `digest`
// is empty.
EndpointHash ChooseEndpointHash(const X509* certificate);

}  // namespace epa::tls

#endif  // EPA_LIB_TLS_ENDPOINT_HASH_H_
