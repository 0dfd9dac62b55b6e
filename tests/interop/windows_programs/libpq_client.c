/* PostgreSQL's fe-auth.c as a client. argv: "gss" (Kerberos) or "sspi" (Negotiate), the host. The
   connection beneath it is a pair of pipes. */
#include "postgres_fe.h"

#include "fe-auth.h"
#include "libpq-int.h"
/* The C library's, not the port's. */
#undef printf
#undef fprintf
#include "tokens.h"

static unsigned char* received;
static size_t received_size;

int pqPacketSend(PGconn* connection, char type, const void* octets, size_t size) {
  (void)connection;
  require(type == 'p', "not a password message");
  send_line("TOKEN", octets, size);
  return 0;
}

int pqGetnchar(char* out, size_t size, PGconn* connection) {
  (void)connection;
  require(size == received_size, "another size than announced");
  memcpy(out, received, size);
  return 0;
}

int main(int argc, char** argv) {
  PGconn connection;
  pg_conn_host host;
  require(argc == 3, "usage: libpq_client gss|sspi HOST");
  memset(&connection, 0, sizeof(connection));
  memset(&host, 0, sizeof(host));
  initPQExpBuffer(&connection.errorMessage);
  host.host = argv[2];
  connection.connhost = &host;
  connection.nconnhost = 1;
  connection.krbsrvname = "postgres";
  connection.channel_binding = "prefer";
  AuthRequest request = strcmp(argv[1], "gss") == 0 ? AUTH_REQ_GSS : AUTH_REQ_SSPI;
  while (pg_fe_sendauth(request, (int)received_size, &connection) == STATUS_OK) {
    received_size = receive_line(&received);
    if (received_size == 0) {
      send_line("DONE", "", 0);
      return 0;
    }
    request = AUTH_REQ_GSS_CONT;
  }
  fprintf(stderr, "%s", connection.errorMessage.data);
  return 1;
}
