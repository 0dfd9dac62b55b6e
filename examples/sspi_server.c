/* A server written as Microsoft's documentation of SSPI describes one, over TLS:

     sspi_server cert.pem key.pem accounts [port]

   Each client logs in by Negotiate, must be bound to its TLS channel, and gets one encrypted
   greeting. What is not Windows' own is epa_sspi.h: where the accounts come from, and the bindings
   of an OpenSSL connection. sspi_client is the other side. */
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epa/sspi/epa_sspi.h"
#include "examples/sspi_channel.h"

static char kPackage[] = NEGOSSP_NAME_A;

typedef struct Login {
  CtxtHandle context;
  int has_context;
  SECURITY_STATUS status;
  SEC_CHANNEL_BINDINGS_RESULT bindings; /* what the client bound */
} Login;

/* One call of AcceptSecurityContext: the client's token in `token`, ours into it. */
static void Step(CredHandle* credentials, SecPkgContext_Bindings* ours, Login* login,
                 uint8_t* token, uint32_t* size) {
  uint8_t answer[kLongestMessage];
  ULONG attributes;
  TimeStamp expiry;
  SecBuffer in[] = {{*size, SECBUFFER_TOKEN, token},
                    {ours->BindingsLength, SECBUFFER_CHANNEL_BINDINGS, ours->Bindings}};
  SecBuffer out[] = {
      {sizeof(answer), SECBUFFER_TOKEN, answer},
      {sizeof(login->bindings), SECBUFFER_CHANNEL_BINDINGS_RESULT, &login->bindings}};
  SecBufferDesc input = Describe(in, 2);
  SecBufferDesc output = Describe(out, 2);
  /* Bindings without ASC_REQ_ALLOW_MISSING_BINDINGS: every client must bind this channel. */
  login->status = AcceptSecurityContext(credentials, login->has_context ? &login->context : NULL,
                                        &input, ASC_REQ_CONFIDENTIALITY, SECURITY_NATIVE_DREP,
                                        &login->context, &output, &attributes, &expiry);
  if (login->status == SEC_E_OK || login->status == SEC_I_CONTINUE_NEEDED) {
    login->has_context = 1;
    *size = out[0].cbBuffer;
    memcpy(token, answer, *size);
  }
}

/* The authentication loop. */
static void Authenticate(BIO* tls, CredHandle* credentials, Login* login) {
  SecPkgContext_Bindings ours;
  uint8_t token[kLongestMessage];
  uint32_t size;
  login->status = QueryEndpointBindings(tls, &ours);
  if (login->status != SEC_E_OK) {
    return;
  }
  do {
    if (!ReceiveMessage(tls, token, sizeof(token), &size)) {
      login->status = SEC_E_INCOMPLETE_MESSAGE;
      break;
    }
    Step(credentials, &ours, login, token, &size);
    if ((login->status == SEC_E_OK || login->status == SEC_I_CONTINUE_NEEDED) && size > 0 &&
        !SendMessageTo(tls, token, size)) {
      login->status = SEC_E_INCOMPLETE_MESSAGE;
    }
  } while (login->status == SEC_I_CONTINUE_NEEDED);
  FreeContextBuffer(ours.Bindings);
}

/* "hello, DEMO\alice", sealed: the trailer first, then the text. */
static int Greet(BIO* tls, CtxtHandle* context, const char* user) {
  SecPkgContext_Sizes sizes;
  char text[512];
  uint8_t message[kLongestMessage];
  if (QueryContextAttributes(context, SECPKG_ATTR_SIZES, &sizes) != SEC_E_OK ||
      sizes.cbSecurityTrailer > sizeof(message) - sizeof(text)) {
    return 0;
  }
  const ULONG length = (ULONG)snprintf(text, sizeof(text), "hello, %.400s", user);
  memcpy(message + sizes.cbSecurityTrailer, text, length);
  SecBuffer buffers[] = {{sizes.cbSecurityTrailer, SECBUFFER_TOKEN, message},
                         {length, SECBUFFER_DATA, message + sizes.cbSecurityTrailer}};
  SecBufferDesc description = Describe(buffers, 2);
  return EncryptMessage(context, 0, &description, 0) == SEC_E_OK &&
         SendMessageTo(tls, buffers[0].pvBuffer, buffers[0].cbBuffer) &&
         SendMessageTo(tls, buffers[1].pvBuffer, buffers[1].cbBuffer);
}

static void Serve(BIO* tls, CredHandle* credentials) {
  Login login;
  SecPkgContext_Names names;
  memset(&login, 0, sizeof(login));
  Authenticate(tls, credentials, &login);
  if (login.status == SEC_E_OK &&
      QueryContextAttributes(&login.context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
    const int sent = Greet(tls, &login.context, names.sUserName);
    printf("accepted %s, bindings 0x%02X%s\n", names.sUserName, (unsigned)login.bindings.flags,
           sent ? "" : ", but the greeting was not sent");
    FreeContextBuffer(names.sUserName);
  } else {
    /* The client hears nothing but the end of the connection. */
    printf("refused 0x%08X, bindings 0x%02X\n", (unsigned)login.status,
           (unsigned)login.bindings.flags);
  }
  fflush(stdout);
  if (login.has_context) {
    DeleteSecurityContext(&login.context);
  }
}

static SECURITY_STATUS AcquireServerCredentials(const char* accounts, CredHandle* credentials) {
  const char* sources[] = {NULL, NULL}; /* a path, or "winbind:" */
  EPA_AUTH_DATA data;
  TimeStamp expiry;
  memset(&data, 0, sizeof(data));
  data.Version = EPA_AUTH_DATA_VERSION;
  data.Length = sizeof(data);
  sources[0] = accounts;
  data.AccountSources = sources;
  return AcquireCredentialsHandle(NULL, kPackage, SECPKG_CRED_INBOUND, NULL, &data, NULL, NULL,
                                  credentials, &expiry);
}

int main(int argc, char** argv) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  CredHandle credentials;
  char address[64];
  if (argc < 4 || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
    fprintf(stderr, "usage: sspi_server cert.pem key.pem accounts [port]\n");
    SSL_CTX_free(context);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  const SECURITY_STATUS status = AcquireServerCredentials(argv[3], &credentials);
  if (status != SEC_E_OK) {
    fprintf(stderr, "sspi_server: AcquireCredentialsHandle: 0x%08X\n", (unsigned)status);
    return 2;
  }
  snprintf(address, sizeof(address), "127.0.0.1:%.8s", argc > 4 ? argv[4] : "8444");
  BIO* const listener = BIO_new_accept(address);
  BIO_set_accept_bios(listener, BIO_new_ssl(context, 0));
  if (BIO_do_accept(listener) != 1) {
    fprintf(stderr, "sspi_server: cannot listen on %s\n", address);
    return 2;
  }
  printf("listening on 127.0.0.1:%s\n", BIO_get_accept_port(listener));
  fflush(stdout);
  while (BIO_do_accept(listener) == 1) {
    BIO* const tls = BIO_pop(listener);
    if (BIO_do_handshake(tls) == 1) {
      Serve(tls, &credentials);
    }
    BIO_free_all(tls);
  }
  BIO_free_all(listener);
  FreeCredentialsHandle(&credentials);
  SSL_CTX_free(context);
  return 0;
}
