/* What the two programs share: a TLS connection that carries messages, and what to bind to it. */
#ifndef EXAMPLES_SSPI_CHANNEL_H_
#define EXAMPLES_SSPI_CHANNEL_H_

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdint.h>

#include "epa/sspi/epa_sspi.h"

enum { kLongestMessage = 65536 };

/* A message is its length, four octets, big-endian, and then itself. 0 when the connection is gone
   or the message is too long. */
int SendMessageTo(BIO* tls, const void* message, uint32_t size);
int ReceiveMessage(BIO* tls, void* message, uint32_t room, uint32_t* size);

/* tls-server-end-point of a connection whose handshake has ended, for SECBUFFER_CHANNEL_BINDINGS.
   The bindings are freed with FreeContextBuffer. */
SECURITY_STATUS QueryEndpointBindings(BIO* tls, SecPkgContext_Bindings* bindings);

/* A description of `count` buffers. */
SecBufferDesc Describe(SecBuffer* buffers, ULONG count);

#endif /* EXAMPLES_SSPI_CHANNEL_H_ */
