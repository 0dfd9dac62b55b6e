/* The MongoDB driver's mongoc-sspi.c as a client: Kerberos, then RFC 4752 for argv[2], the name to
   be authorised. argv[1]: the service. */
#include "mongoc-config.h"
#include "mongoc-log.h"
#include "mongoc-sspi-private.h"
#include "tokens.h"

static void send_response(mongoc_sspi_client_state_t* state) {
  const char* text = state->response == NULL ? "" : state->response;
  send_line("BASE64", text, strlen(text));
}

static char* receive_text(void) {
  unsigned char* octets;
  const size_t size = receive_line(&octets);
  octets[size] = 0;
  return (char*)octets;
}

int main(int argc, char** argv) {
  WCHAR service[256];
  mongoc_sspi_client_state_t state;
  require(argc == 3, "usage: mongo_client SERVICE USER");
  memset(&state, 0, sizeof(state));
  for (size_t i = 0; i <= strlen(argv[1]); ++i) {
    service[i] = (WCHAR)argv[1][i];
  }
  require(_mongoc_sspi_auth_sspi_client_init(service, ISC_REQ_MUTUAL_AUTH, NULL, 0, NULL, 0, NULL,
                                             0, &state) == MONGOC_SSPI_AUTH_GSS_COMPLETE,
          "client_init");
  char* challenge = "";
  int step;
  while ((step = _mongoc_sspi_auth_sspi_client_step(&state, challenge)) ==
         MONGOC_SSPI_AUTH_GSS_CONTINUE) {
    send_response(&state);
    challenge = receive_text();
  }
  require(step == MONGOC_SSPI_AUTH_GSS_COMPLETE, "client_step");
  send_response(&state);
  challenge = receive_text(); /* the security layers */
  require(_mongoc_sspi_auth_sspi_client_unwrap(&state, challenge) == MONGOC_SSPI_AUTH_GSS_COMPLETE,
          "client_unwrap");
  char* layers = strdup(state.response);
  require(_mongoc_sspi_auth_sspi_client_wrap(&state, layers, argv[2], (ULONG)strlen(argv[2]), 0) ==
              MONGOC_SSPI_AUTH_GSS_COMPLETE,
          "client_wrap");
  send_response(&state);
  send_line("NAME", state.username, strlen(state.username));
  _mongoc_sspi_destroy_sspi_client_state(&state);
  return 0;
}

void mongoc_log(mongoc_log_level_t level, const char* domain, const char* format, ...) {
  (void)level, (void)domain;
  fprintf(stderr, "%s\n", format);
}
