/* A client written as Microsoft's documentation of SSPI describes one, over TLS:

     sspi_client host:port ca.pem target user password-file [--unbound]

   Logs in to sspi_server by Negotiate, bound to the TLS channel, and prints the greeting it
   decrypts. With --unbound it binds nothing, as a client that was lured elsewhere could not bind
   the server's channel either: the server refuses. */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epa/sspi/epa_sspi.h"
#include "examples/sspi_channel.h"

static char kPackage[] = NEGOSSP_NAME_A;

/* One call of InitializeSecurityContext: the server's token in `token` (none yet where `size` is
   0), ours into it. */
static SECURITY_STATUS Step(CredHandle* credentials, CtxtHandle* context, char* target,
                            const SecPkgContext_Bindings* bindings, uint8_t* token,
                            uint32_t* size) {
  uint8_t answer[kLongestMessage];
  ULONG attributes;
  TimeStamp expiry;
  SecBuffer in[2];
  ULONG count = 0;
  const int first = *size == 0;
  if (!first) {
    const SecBuffer received = {*size, SECBUFFER_TOKEN, token};
    in[count++] = received;
  }
  if (bindings->Bindings != NULL) {
    const SecBuffer channel = {bindings->BindingsLength, SECBUFFER_CHANNEL_BINDINGS,
                               bindings->Bindings};
    in[count++] = channel;
  }
  SecBuffer out = {sizeof(answer), SECBUFFER_TOKEN, answer};
  SecBufferDesc input = Describe(in, count);
  SecBufferDesc output = Describe(&out, 1);
  const SECURITY_STATUS status = InitializeSecurityContext(
      credentials, first ? NULL : context, target, ISC_REQ_CONFIDENTIALITY, 0, SECURITY_NATIVE_DREP,
      count > 0 ? &input : NULL, 0, context, &output, &attributes, &expiry);
  if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
    *size = out.cbBuffer;
    memcpy(token, answer, *size);
  }
  return status;
}

/* The authentication loop. */
static SECURITY_STATUS Authenticate(BIO* tls, CredHandle* credentials, CtxtHandle* context,
                                    char* target, const SecPkgContext_Bindings* bindings) {
  uint8_t token[kLongestMessage];
  uint32_t size = 0;
  for (;;) {
    const SECURITY_STATUS status = Step(credentials, context, target, bindings, token, &size);
    if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
      return status;
    }
    if (size > 0 && !SendMessageTo(tls, token, size)) {
      return SEC_E_INCOMPLETE_MESSAGE;
    }
    if (status == SEC_E_OK) {
      return SEC_E_OK;
    }
    /* A server that refuses closes the connection. */
    if (!ReceiveMessage(tls, token, sizeof(token), &size) || size == 0) {
      return SEC_E_LOGON_DENIED;
    }
  }
}

static SECURITY_STATUS PrintGreeting(BIO* tls, CtxtHandle* context) {
  uint8_t trailer[kLongestMessage], text[kLongestMessage];
  uint32_t trailer_size, text_size;
  ULONG quality;
  if (!ReceiveMessage(tls, trailer, sizeof(trailer), &trailer_size) ||
      !ReceiveMessage(tls, text, sizeof(text), &text_size)) {
    return SEC_E_LOGON_DENIED;
  }
  SecBuffer buffers[] = {{trailer_size, SECBUFFER_TOKEN, trailer},
                         {text_size, SECBUFFER_DATA, text}};
  SecBufferDesc message = Describe(buffers, 2);
  const SECURITY_STATUS status = DecryptMessage(context, &message, 0, &quality);
  if (status == SEC_E_OK) {
    printf("%.*s\n", (int)buffers[1].cbBuffer, (const char*)buffers[1].pvBuffer);
  }
  return status;
}

static SECURITY_STATUS LogIn(BIO* tls, CredHandle* credentials, char* target, int bound) {
  CtxtHandle context;
  SecPkgContext_Bindings bindings = {0, NULL};
  SECURITY_STATUS status = bound ? QueryEndpointBindings(tls, &bindings) : SEC_E_OK;
  SecInvalidateHandle(&context);
  if (status == SEC_E_OK) {
    status = Authenticate(tls, credentials, &context, target, &bindings);
  }
  if (status == SEC_E_OK) {
    status = PrintGreeting(tls, &context);
  }
  if (SecIsValidHandle(&context)) {
    DeleteSecurityContext(&context);
  }
  FreeContextBuffer(bindings.Bindings);
  return status;
}

/* The user is "DOMAIN\user", the password the first line of the file. */
static SECURITY_STATUS AcquireClientCredentials(char* user, const char* password_file,
                                                CredHandle* credentials) {
  char password[256] = "";
  SEC_WINNT_AUTH_IDENTITY identity;
  TimeStamp expiry;
  FILE* const file = fopen(password_file, "r");
  if (file == NULL || fgets(password, sizeof(password), file) == NULL) {
    return SEC_E_NO_CREDENTIALS;
  }
  fclose(file);
  password[strcspn(password, "\r\n")] = '\0';
  memset(&identity, 0, sizeof(identity));
  char* const backslash = strchr(user, '\\');
  char* const name = backslash != NULL ? backslash + 1 : user;
  identity.User = (UCHAR*)name;
  identity.UserLength = (ULONG)strlen(name);
  identity.Domain = (UCHAR*)user;
  identity.DomainLength = backslash != NULL ? (ULONG)(backslash - user) : 0;
  identity.Password = (UCHAR*)password;
  identity.PasswordLength = (ULONG)strlen(password);
  identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
  const SECURITY_STATUS status = AcquireCredentialsHandle(
      NULL, kPackage, SECPKG_CRED_OUTBOUND, NULL, &identity, NULL, NULL, credentials, &expiry);
  OPENSSL_cleanse(password, sizeof(password));
  return status;
}

int main(int argc, char** argv) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  CredHandle credentials;
  if (argc < 6 || SSL_CTX_load_verify_locations(context, argv[2], NULL) != 1) {
    fprintf(stderr, "usage: sspi_client host:port ca.pem target user password-file [--unbound]\n");
    SSL_CTX_free(context);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SECURITY_STATUS status = AcquireClientCredentials(argv[4], argv[5], &credentials);
  if (status != SEC_E_OK) {
    fprintf(stderr, "sspi_client: AcquireCredentialsHandle: 0x%08X\n", (unsigned)status);
    return 2;
  }
  BIO* const tls = BIO_new_ssl_connect(context);
  BIO_set_conn_hostname(tls, argv[1]);
  if (BIO_do_handshake(tls) != 1) {
    fprintf(stderr, "sspi_client: no TLS connection to %s\n", argv[1]);
    return 2;
  }
  status = LogIn(tls, &credentials, argv[3], argc < 7 || strcmp(argv[6], "--unbound") != 0);
  if (status != SEC_E_OK) {
    fprintf(stderr, "sspi_client: not logged in: 0x%08X\n", (unsigned)status);
  }
  BIO_free_all(tls);
  FreeCredentialsHandle(&credentials);
  SSL_CTX_free(context);
  return status == SEC_E_OK ? 0 : 1;
}
