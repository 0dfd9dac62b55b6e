/* PuTTY's windows/gss.c as a client of RFC 4462: a Kerberos login to argv[1], then the MIC of what
   came on standard input, and the other side's checked. */
#include "putty.h"

#include "ssh/gss.h"
#include "tokens.h"

int main(int argc, char** argv) {
  require(argc == 2, "usage: putty_client HOST");
  struct ssh_gss_liblist* list = ssh_gss_setup(NULL);
  require(list->nlibraries == 1, "SECUR32.DLL was not found");
  struct ssh_gss_library* library = &list->libraries[0];
  Ssh_gss_ctx context;
  Ssh_gss_name name;
  Ssh_gss_buf sent, received = {0, NULL}, text, mic;
  time_t expiry = 0;
  unsigned long lifetime = 0;
  require(library->import_name(library, argv[1], &name) == SSH_GSS_OK, "import_name");
  require(library->acquire_cred(library, &context, &expiry) == SSH_GSS_OK, "acquire_cred");
  Ssh_gss_stat step;
  do {
    memset(&sent, 0, sizeof(sent));
    step =
        library->init_sec_context(library, &context, name, 0, &received, &sent, &expiry, &lifetime);
    require(step == SSH_GSS_S_COMPLETE || step == SSH_GSS_S_CONTINUE_NEEDED, "init_sec_context");
    send_line("TOKEN", sent.value, sent.length);
    library->free_tok(library, &sent);
    if (step == SSH_GSS_S_CONTINUE_NEEDED) {
      unsigned char* octets;
      received.length = receive_line(&octets);
      received.value = (char*)octets;
    }
  } while (step == SSH_GSS_S_CONTINUE_NEEDED);
  require(expiry != GSS_NO_EXPIRATION, "the ticket has no end");
  text.value = "session id";
  text.length = strlen(text.value);
  require(library->get_mic(library, context, &text, &mic) == SSH_GSS_OK, "get_mic");
  send_line("MIC", mic.value, mic.length);
  library->free_mic(library, &mic);
  unsigned char* octets;
  mic.length = receive_line(&octets);
  mic.value = (char*)octets;
  require(library->verify_mic(library, context, &text, &mic) == SSH_GSS_OK, "verify_mic");
  send_line("VERIFIED", "", 0);
  library->release_cred(library, &context);
  library->release_name(library, &name);
  ssh_gss_cleanup(list);
  return 0;
}
