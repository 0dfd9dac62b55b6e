/* What the programs take from windows.h and its neighbours that has nothing to do with SSPI: error
   texts, base64, code pages, a registry without entries. Included before each of their files. */
#ifndef EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINDOWS_MORE_H_
#define EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINDOWS_MORE_H_
#include <stdlib.h>
#include <windows.h>

typedef size_t SIZE_T;
typedef BYTE* LPBYTE;
typedef void *HKEY, *HWND, *DLL_DIRECTORY_COOKIE;
typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME;
typedef union _ULARGE_INTEGER {
  __extension__ struct {
    DWORD LowPart;
    DWORD HighPart;
  };
  uint64_t QuadPart;
} ULARGE_INTEGER;

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x200
#define FORMAT_MESSAGE_FROM_SYSTEM 0x1000
#define LANG_NEUTRAL 0
#define SUBLANG_DEFAULT 1
#define MAKELANGID(primary, sub) (((sub) << 10) | (primary))
#define FormatMessageA(...) 0
#define FormatMessage FormatMessageA
#define LocalFree(block) free(block)

#define CP_UTF8 65001
#define CRYPT_STRING_BASE64 1
#define memcpy_s(out, room, in, size) ((void)(room), memcpy((out), (in), (size)))

#define ERROR_SUCCESS 0
#define HKEY_LOCAL_MACHINE NULL
#define REG_SZ 1
#define LOAD_LIBRARY_SEARCH_SYSTEM32 0
#define LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR 0
#define LOAD_LIBRARY_SEARCH_USER_DIRS 0
#define RegOpenKey(root, name, out) ((void)(out), 2)
#define RegQueryValueEx(key, name, reserved, type, out, size) ((void)(type), (void)(size), 2)
#define RegCloseKey(key) ((void)(key))
#define LoadLibraryEx(name, file, flags) LoadLibraryA(name)

static inline WCHAR* _wcsdup(const WCHAR* text) {
  size_t size = 1;
  while (text[size - 1] != 0) ++size;
  WCHAR* copy = malloc(size * sizeof(WCHAR));
  return copy == NULL ? NULL : memcpy(copy, text, size * sizeof(WCHAR));
}
static inline WCHAR* find_wide(WCHAR* text, WCHAR wanted) {
  for (; *text != 0; ++text) {
    if (*text == wanted) return text;
  }
  return NULL;
}
#define wcschr find_wide

/* ASCII alone, which is all that the test's names are. */
static inline int WideCharToMultiByte(unsigned page, DWORD flags, const WCHAR* text, int length,
                                      char* out, int room, const char* a, int* b) {
  (void)page, (void)flags, (void)length, (void)room, (void)a, (void)b;
  int size = 0;
  do {
    if (out != NULL) out[size] = (char)text[size];
  } while (text[size++] != 0);
  return size;
}

static inline BOOL CryptBinaryToStringA(const BYTE* octets, DWORD size, DWORD how, char* out,
                                        DWORD* length) {
  static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  (void)how;
  if (out == NULL) {
    *length = (size + 2) / 3 * 4 + 1;
    return TRUE;
  }
  DWORD done = 0;
  for (DWORD i = 0; i < size; i += 3) {
    const DWORD left = size - i;
    const DWORD group = (DWORD)octets[i] << 16 | (left > 1 ? (DWORD)octets[i + 1] << 8 : 0) |
                        (left > 2 ? octets[i + 2] : 0);
    out[done++] = kDigits[group >> 18];
    out[done++] = kDigits[group >> 12 & 63];
    out[done++] = left > 1 ? kDigits[group >> 6 & 63] : '=';
    out[done++] = left > 2 ? kDigits[group & 63] : '=';
  }
  out[done] = 0;
  *length = done;
  return TRUE;
}

static inline BOOL CryptStringToBinaryA(const char* text, DWORD length, DWORD how, BYTE* out,
                                        DWORD* size, DWORD* skipped, DWORD* flags) {
  (void)length, (void)how, (void)skipped, (void)flags;
  DWORD done = 0, bits = 0, group = 0;
  for (; *text != 0 && *text != '='; ++text) {
    const char c = *text;
    const DWORD digit = c >= 'a'   ? (DWORD)(c - 'a' + 26)
                        : c >= 'A' ? (DWORD)(c - 'A')
                        : c >= '0' ? (DWORD)(c - '0' + 52)
                        : c == '+' ? 62
                                   : 63;
    group = group << 6 | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      if (out != NULL) out[done] = (BYTE)(group >> bits);
      ++done;
    }
  }
  *size = done;
  return TRUE;
}

static inline void GetSystemTimeAsFileTime(FILETIME* out) { memset(out, 0, sizeof(*out)); }
static inline BOOL LocalFileTimeToFileTime(const FILETIME* in, FILETIME* out) {
  *out = *in;
  return TRUE;
}

#endif /* EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_WINDOWS_MORE_H_ */
