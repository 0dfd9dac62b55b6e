/* What Wine's tests want of Windows and of their own harness beside SSPI. Each check that fails is
   one line on standard output: "FAIL file:line". */
#ifndef EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINE_TEST_H_
#define EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINE_TEST_H_
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

typedef BYTE* PBYTE;
typedef void* PLUID;
typedef struct _LUID {
  DWORD LowPart;
  LONG HighPart;
} LUID;
typedef struct _TOKEN_STATISTICS {
  LUID TokenId;
  LUID AuthenticationId;
} TOKEN_STATISTICS;
typedef struct _LSA_UNICODE_STRING {
  USHORT Length;
  USHORT MaximumLength;
  PWSTR Buffer;
} LSA_UNICODE_STRING, UNICODE_STRING;
typedef struct _SECURITY_LOGON_SESSION_DATA {
  ULONG Size;
  LUID LogonId;
  LSA_UNICODE_STRING UserName, LogonDomain, AuthenticationPackage;
} SECURITY_LOGON_SESSION_DATA, *PSECURITY_LOGON_SESSION_DATA;

#define RPC_C_AUTHN_GSS_NEGOTIATE 9
#define RPC_C_AUTHN_WINNT 10
#define RPC_C_AUTHN_GSS_KERBEROS 16
#define CALG_RC4 0x00006801
#define CRED_TYPE_DOMAIN_PASSWORD 2
#define TOKEN_QUERY 8
#define TokenStatistics 10
#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_CANT_ACCESS_DOMAIN_INFO 1351
#define WSAHOST_NOT_FOUND 11001
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* There are no access tokens and no logon sessions. */
static inline HANDLE GetCurrentProcess(void) { return NULL; }
static inline BOOL OpenProcessToken(HANDLE process, DWORD access, HANDLE* token) {
  (void)process, (void)access, (void)token;
  return FALSE;
}
static inline BOOL GetTokenInformation(HANDLE token, int kind, void* out, DWORD size, DWORD* need) {
  (void)token, (void)kind, (void)out, (void)size, (void)need;
  return FALSE;
}
static inline BOOL CloseHandle(HANDLE handle) {
  (void)handle;
  return TRUE;
}
static inline NTSTATUS LsaGetLogonSessionData(LUID* id, SECURITY_LOGON_SESSION_DATA** data) {
  (void)id, (void)data;
  return (NTSTATUS)0xC0000002;
}
typedef struct _LSA_STRING {
  USHORT Length;
  USHORT MaximumLength;
  char* Buffer;
} LSA_STRING;
typedef enum { KerbQueryTicketCacheMessage = 1 } KERB_PROTOCOL_MESSAGE_TYPE;
typedef struct _KERB_QUERY_TKT_CACHE_REQUEST {
  KERB_PROTOCOL_MESSAGE_TYPE MessageType;
} KERB_QUERY_TKT_CACHE_REQUEST;
typedef struct _KERB_TICKET_CACHE_INFO {
  UNICODE_STRING ServerName, RealmName;
  LONG EncryptionType;
  ULONG TicketFlags;
} KERB_TICKET_CACHE_INFO;
typedef struct _KERB_QUERY_TKT_CACHE_RESPONSE {
  KERB_PROTOCOL_MESSAGE_TYPE MessageType;
  ULONG CountOfTickets;
  KERB_TICKET_CACHE_INFO Tickets[1];
} KERB_QUERY_TKT_CACHE_RESPONSE;
static inline NTSTATUS LsaConnectUntrusted(HANDLE* lsa) {
  *lsa = NULL;
  return (NTSTATUS)0xC0000002;
}
static inline void RtlInitAnsiString(LSA_STRING* out, const char* text) { (void)out, (void)text; }
static inline NTSTATUS LsaLookupAuthenticationPackage(HANDLE lsa, LSA_STRING* name,
                                                      ULONG* package) {
  (void)lsa, (void)name, (void)package;
  return (NTSTATUS)0xC0000002;
}
static inline NTSTATUS LsaCallAuthenticationPackage(HANDLE lsa, ULONG package, void* request,
                                                    ULONG size, void** answer, ULONG* answer_size,
                                                    NTSTATUS* status) {
  static KERB_QUERY_TKT_CACHE_RESPONSE none;
  (void)lsa, (void)package, (void)request, (void)size, (void)answer_size, (void)status;
  *answer = &none;
  return (NTSTATUS)0xC0000002;
}
static inline void LsaDeregisterLogonProcess(HANDLE lsa) { (void)lsa; }
static inline NTSTATUS LsaFreeReturnBuffer(void* buffer) {
  (void)buffer;
  return 0;
}

#define GetProcessHeap() NULL
#define HeapAlloc(heap, flags, size) malloc(size)
#define HeapFree(heap, flags, block) free(block)
#define HeapSize(heap, flags, block) malloc_usable_size(block)
#define lstrlenA(text) ((int)strlen(text))
#define lstrcmpA(one, other) strcmp((one), (other))
static inline int lstrlenW(const WCHAR* text) {
  int length = 0;
  while (text[length] != 0) ++length;
  return length;
}
static inline int lstrcmpW(const WCHAR* one, const WCHAR* other) {
  while (*one != 0 && *one == *other) ++one, ++other;
  return *one - *other;
}
static inline const char* wine_dbgstr_w(const WCHAR* text) {
  (void)text;
  return "";
}

#define wine_dbgstr_wn(text, length) wine_dbgstr_w(text)

extern int todo_level;
static inline void check(int holds, const char* file, int line) {
  const char* name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
  if (!holds) {
    printf("FAIL %s:%d%s\n", name, line, todo_level != 0 ? " todo" : "");
  }
}
#define ok(condition, ...) check(!!(condition), __FILE__, __LINE__)
#define skip(...) (printf("SKIP %s:%d\n", strrchr(__FILE__, '/') + 1, __LINE__))
#define win_skip(...) skip(__VA_ARGS__)
#define trace(...) ((void)0)
#define broken(condition) 0
#define todo_wine for (todo_level = 1; todo_level != 0; todo_level = 0)
#define todo_wine_if(condition) for (todo_level = 1; todo_level != 0; todo_level = 0)
#define START_TEST(name)  \
  int todo_level = 0;     \
  void run_##name(void);  \
  int main(void) {        \
    setbuf(stdout, NULL); \
    run_##name();         \
    puts("END");          \
    return 0;             \
  }                       \
  void run_##name(void)

#endif /* EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINE_TEST_H_ */
