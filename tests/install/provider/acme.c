/* A plug-in with two packages. "Acme" logs in with one message,

     "ACME" | says (1: there was no channel, 2: bound) | SHA-256 of the application data (32)
            | length of the user's name (1) | the name | HMAC-SHA256 of all that under the password

   and reports what the client bound. "AcmeSilent" is the same and reports nothing, as plug-ins do
   that are older than extended protection. */
/* Without the plain names the entry point below is InitSecurityInterfaceW, as Windows' loader wants
   it; with them it is epa_InitSecurityInterfaceW, which Plugin::Load looks for as well. */
#ifndef ACME_WITH_PLAIN_NAMES
#define EPA_SSPI_NO_PLAIN_NAMES
#endif
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "epa/sspi/sspi.h"

enum { kHash = 32, kHead = 4 + 1 + kHash + 1, kLongestName = 64, kMaxToken = 256 };

typedef struct Account {
  char name[kLongestName + 1];
  char password[kLongestName + 1];
  int reports;
} Account;

typedef struct Context {
  char user[kLongestName + 1];
} Context;

static size_t LengthOf(const SEC_WCHAR* text) {
  size_t length = 0;
  while (text[length] != 0) {
    ++length;
  }
  return length;
}

static int Equals(const SEC_WCHAR* text, const char* other) {
  size_t i = 0;
  while (text[i] != 0 && text[i] == (SEC_WCHAR)other[i]) {
    ++i;
  }
  return text[i] == 0 && other[i] == 0;
}

static SEC_WCHAR* Widen(const char* text) {
  const size_t size = strlen(text) + 1;
  SEC_WCHAR* wide = malloc(size * sizeof(*wide));
  for (size_t i = 0; wide != NULL && i < size; ++i) {
    wide[i] = (SEC_WCHAR)(unsigned char)text[i];
  }
  return wide;
}

static SecBuffer* Find(SecBufferDesc* description, ULONG type) {
  for (ULONG i = 0; description != NULL && i < description->cBuffers; ++i) {
    if ((description->pBuffers[i].BufferType & ~SECBUFFER_ATTRMASK) == type) {
      return &description->pBuffers[i];
    }
  }
  return NULL;
}

/* The hash of the application data in either form of SEC_CHANNEL_BINDINGS; 0 where there is none.
 */
static int HashBindings(SecBufferDesc* input, uint8_t hash[kHash]) {
  const SecBuffer* buffer = Find(input, SECBUFFER_CHANNEL_BINDINGS);
  SEC_CHANNEL_BINDINGS_EX extended;
  SEC_CHANNEL_BINDINGS plain;
  ULONG offset, length;
  memset(hash, 0, kHash);
  if (buffer == NULL || buffer->cbBuffer < sizeof(plain)) {
    return 0;
  }
  memcpy(&plain, buffer->pvBuffer, sizeof(plain));
  offset = plain.dwApplicationDataOffset;
  length = plain.cbApplicationDataLength;
  if (plain.dwInitiatorAddrType == SEC_CHANNEL_BINDINGS_EX_MAGIC) {
    if (buffer->cbBuffer < sizeof(extended)) {
      return 0;
    }
    memcpy(&extended, buffer->pvBuffer, sizeof(extended));
    offset = extended.dwApplicationDataOffset;
    length = extended.cbApplicationDataLength;
  }
  if (offset > buffer->cbBuffer || length > buffer->cbBuffer - offset) {
    return 0;
  }
  return EVP_Digest((const uint8_t*)buffer->pvBuffer + offset, length, hash, NULL, EVP_sha256(),
                    NULL);
}

static void Prove(const Account* account, const uint8_t* octets, size_t size, uint8_t mac[kHash]) {
  HMAC(EVP_sha256(), account->password, (int)strlen(account->password), octets, size, mac, NULL);
}

static SECURITY_STATUS SEC_ENTRY QueryPackage(SEC_WCHAR* name, PSecPkgInfoW* answer) {
  if (!Equals(name, "Acme") && !Equals(name, "AcmeSilent")) {
    return SEC_E_SECPKG_NOT_FOUND;
  }
  const size_t size = (LengthOf(name) + 1) * sizeof(SEC_WCHAR);
  SecPkgInfoW* info = calloc(1, sizeof(*info) + size);
  if (info == NULL) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  info->fCapabilities = SECPKG_FLAG_CONNECTION | SECPKG_FLAG_TOKEN_ONLY;
  info->wVersion = 1;
  info->wRPCID = SECPKG_ID_NONE;
  info->cbMaxToken = kMaxToken;
  info->Name = (SEC_WCHAR*)(info + 1);
  info->Comment = info->Name;
  memcpy(info->Name, name, size);
  *answer = info;
  return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY Enumerate(PULONG count, PSecPkgInfoW* answer) {
  static const char* const kNames[] = {"Acme", "AcmeSilent"};
  enum { kCount = 2, kRoom = 16 };
  SecPkgInfoW* infos = calloc(kCount, sizeof(*infos) + kRoom * sizeof(SEC_WCHAR));
  if (infos == NULL) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  SEC_WCHAR* text = (SEC_WCHAR*)(infos + kCount);
  for (size_t i = 0; i < kCount; ++i, text += kRoom) {
    for (size_t j = 0; kNames[i][j] != 0; ++j) {
      text[j] = (SEC_WCHAR)kNames[i][j];
    }
    infos[i].fCapabilities = SECPKG_FLAG_CONNECTION | SECPKG_FLAG_TOKEN_ONLY;
    infos[i].wVersion = 1;
    infos[i].wRPCID = SECPKG_ID_NONE;
    infos[i].cbMaxToken = kMaxToken;
    infos[i].Name = infos[i].Comment = text;
  }
  *count = kCount;
  *answer = infos;
  return SEC_E_OK;
}

/* `data`: a SEC_WINNT_AUTH_IDENTITY_A; for a server, the one account it knows. */
static SECURITY_STATUS SEC_ENTRY Acquire(SEC_WCHAR* principal, SEC_WCHAR* package, ULONG use,
                                         void* logon, void* data, SEC_GET_KEY_FN get_key,
                                         void* argument, PCredHandle handle, PTimeStamp expiry) {
  const SEC_WINNT_AUTH_IDENTITY_A* identity = data;
  (void)principal, (void)use, (void)logon, (void)get_key, (void)argument, (void)expiry;
  if (identity == NULL || identity->UserLength > kLongestName ||
      identity->PasswordLength > kLongestName) {
    return SEC_E_NO_CREDENTIALS;
  }
  Account* account = calloc(1, sizeof(*account));
  if (account == NULL) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  memcpy(account->name, identity->User, identity->UserLength);
  memcpy(account->password, identity->Password, identity->PasswordLength);
  account->reports = Equals(package, "Acme");
  handle->dwLower = (ULONG_PTR)account;
  handle->dwUpper = 0;
  return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY FreeCredentials(PCredHandle handle) {
  Account* account = (Account*)handle->dwLower;
  OPENSSL_cleanse(account, sizeof(*account));
  free(account);
  return SEC_E_OK;
}

static SECURITY_STATUS Begin(PCtxtHandle handle) {
  handle->dwLower = (ULONG_PTR)calloc(1, sizeof(Context));
  handle->dwUpper = 0;
  return handle->dwLower != 0 ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS SEC_ENTRY Initialize(PCredHandle credentials, PCtxtHandle context,
                                            SEC_WCHAR* target, ULONG request, ULONG reserved1,
                                            ULONG representation, PSecBufferDesc input,
                                            ULONG reserved2, PCtxtHandle made,
                                            PSecBufferDesc output, PULONG attributes,
                                            PTimeStamp expiry) {
  const Account* account = (const Account*)credentials->dwLower;
  const size_t name_size = strlen(account->name);
  SecBuffer* out = Find(output, SECBUFFER_TOKEN);
  (void)target, (void)request, (void)reserved1, (void)representation, (void)reserved2;
  (void)expiry;
  *attributes = 0;
  if (context != NULL) {
    const SecBuffer* welcome = Find(input, SECBUFFER_TOKEN);
    out->cbBuffer = 0;
    return welcome != NULL && welcome->cbBuffer == 7 && memcmp(welcome->pvBuffer, "WELCOME", 7) == 0
               ? SEC_E_OK
               : SEC_E_INVALID_TOKEN;
  }
  if (out->cbBuffer < kHead + name_size + kHash) {
    return SEC_E_BUFFER_TOO_SMALL;
  }
  uint8_t* token = out->pvBuffer;
  memcpy(token, "ACME", 4);
  token[4] = HashBindings(input, token + 5) ? 2 : 1;
  token[kHead - 1] = (uint8_t)name_size;
  memcpy(token + kHead, account->name, name_size);
  Prove(account, token, kHead + name_size, token + kHead + name_size);
  out->cbBuffer = (ULONG)(kHead + name_size + kHash);
  const SECURITY_STATUS begun = Begin(made);
  return begun == SEC_E_OK ? SEC_I_CONTINUE_NEEDED : begun;
}

static ULONG Report(const uint8_t* token, SecBufferDesc* input) {
  uint8_t ours[kHash];
  const int have = HashBindings(input, ours);
  if (token[4] != 2) {
    return SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_ABSENT |
           SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
  }
  return SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT |
         (have && CRYPTO_memcmp(token + 5, ours, kHash) == 0
              ? SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED
              : SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH);
}

static SECURITY_STATUS SEC_ENTRY Accept(PCredHandle credentials, PCtxtHandle context,
                                        PSecBufferDesc input, ULONG request, ULONG representation,
                                        PCtxtHandle made, PSecBufferDesc output, PULONG attributes,
                                        PTimeStamp expiry) {
  const Account* account = (const Account*)credentials->dwLower;
  const size_t name_size = strlen(account->name);
  const SecBuffer* in = Find(input, SECBUFFER_TOKEN);
  SecBuffer* out = Find(output, SECBUFFER_TOKEN);
  SecBuffer* result = Find(output, SECBUFFER_CHANNEL_BINDINGS_RESULT);
  uint8_t mac[kHash];
  (void)request, (void)representation, (void)expiry;
  *attributes = 0;
  if (context != NULL || in == NULL || in->cbBuffer < kHead + kHash ||
      memcmp(in->pvBuffer, "ACME", 4) != 0) {
    return SEC_E_INVALID_TOKEN;
  }
  const uint8_t* token = in->pvBuffer;
  if (token[kHead - 1] != name_size || in->cbBuffer != kHead + name_size + kHash ||
      memcmp(token + kHead, account->name, name_size) != 0) {
    return SEC_E_LOGON_DENIED;
  }
  Prove(account, token, kHead + name_size, mac);
  if (CRYPTO_memcmp(mac, token + kHead + name_size, kHash) != 0) {
    return SEC_E_LOGON_DENIED;
  }
  if (account->reports && result != NULL &&
      result->cbBuffer >= sizeof(SEC_CHANNEL_BINDINGS_RESULT)) {
    ((SEC_CHANNEL_BINDINGS_RESULT*)result->pvBuffer)->flags = Report(token, input);
  }
  if (out == NULL || out->cbBuffer < 7) {
    return SEC_E_BUFFER_TOO_SMALL;
  }
  memcpy(out->pvBuffer, "WELCOME", 7);
  out->cbBuffer = 7;
  const SECURITY_STATUS begun = Begin(made);
  if (begun == SEC_E_OK) {
    memcpy(((Context*)made->dwLower)->user, account->name, name_size);
  }
  return begun;
}

static SECURITY_STATUS SEC_ENTRY DeleteContext(PCtxtHandle handle) {
  free((void*)handle->dwLower);
  return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY QueryContext(PCtxtHandle handle, ULONG attribute, void* answer) {
  if (attribute != SECPKG_ATTR_NAMES) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  ((SecPkgContext_NamesW*)answer)->sUserName = Widen(((Context*)handle->dwLower)->user);
  return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY FreeBuffer(void* buffer) {
  free(buffer);
  return SEC_E_OK;
}

PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void) {
  static SecurityFunctionTableW table = {
      .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
      .EnumerateSecurityPackagesW = Enumerate,
      .AcquireCredentialsHandleW = Acquire,
      .FreeCredentialsHandle = FreeCredentials,
      .InitializeSecurityContextW = Initialize,
      .AcceptSecurityContext = Accept,
      .DeleteSecurityContext = DeleteContext,
      .QueryContextAttributesW = QueryContext,
      .FreeContextBuffer = FreeBuffer,
      .QuerySecurityPackageInfoW = QueryPackage,
  };
  return &table;
}
