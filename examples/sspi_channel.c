#include "examples/sspi_channel.h"

#include <string.h>

int SendMessageTo(BIO* tls, const void* message, uint32_t size) {
  const uint8_t length[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                             (uint8_t)size};
  return BIO_write(tls, length, sizeof(length)) == sizeof(length) &&
         (size == 0 || BIO_write(tls, message, (int)size) == (int)size) && BIO_flush(tls) == 1;
}

static int ReceiveAll(BIO* tls, uint8_t* octets, uint32_t size) {
  uint32_t received = 0;
  while (received < size) {
    const int more = BIO_read(tls, octets + received, (int)(size - received));
    if (more <= 0) {
      return 0;
    }
    received += (uint32_t)more;
  }
  return 1;
}

int ReceiveMessage(BIO* tls, void* message, uint32_t room, uint32_t* size) {
  uint8_t length[4];
  if (!ReceiveAll(tls, length, sizeof(length))) {
    return 0;
  }
  *size =
      (uint32_t)length[0] << 24 | (uint32_t)length[1] << 16 | (uint32_t)length[2] << 8 | length[3];
  return *size <= room && ReceiveAll(tls, message, *size);
}

SECURITY_STATUS QueryEndpointBindings(BIO* tls, SecPkgContext_Bindings* bindings) {
  SSL* ssl = NULL;
  CtxtHandle connection;
  BIO_get_ssl(tls, &ssl);
  SECURITY_STATUS status = epa_WrapTlsConnection(ssl, 0, &connection);
  if (status == SEC_E_OK) {
    status = QueryContextAttributes(&connection, SECPKG_ATTR_ENDPOINT_BINDINGS, bindings);
    DeleteSecurityContext(&connection);
  }
  return status;
}

SecBufferDesc Describe(SecBuffer* buffers, ULONG count) {
  const SecBufferDesc description = {SECBUFFER_VERSION, count, buffers};
  return description;
}
