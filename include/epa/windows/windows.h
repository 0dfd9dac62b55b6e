/* What programs written for Windows' SSPI take for granted with it: give the compiler this folder
   as a place of headers (-I), and <windows.h>, <sspi.h>, <security.h> and <secext.h> are found.
   With -fshort-wchar L"..." is a WCHAR's. It is enough to log in. C and C++. */
#ifndef EPA_WINDOWS_WINDOWS_H_
#define EPA_WINDOWS_WINDOWS_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "epa/sspi/secext.h"
#include "epa/sspi/sspi.h"

typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD, UINT, *PDWORD, *LPDWORD;
typedef int32_t BOOL, HRESULT, NTSTATUS, INT;
typedef char CHAR;
typedef void VOID, *LPVOID, *HANDLE, *HMODULE, *HINSTANCE;
typedef SEC_CHAR *LPSTR, *PSTR;
typedef const SEC_CHAR *LPCSTR, *PCSTR;
typedef WCHAR* LPWSTR;
typedef const WCHAR* LPCWSTR;
#ifdef UNICODE
typedef WCHAR TCHAR, *LPTSTR;
#define TEXT(text) EPA_SSPI_WIDE_(text)
#define LoadLibrary LoadLibraryW
#else
typedef char TCHAR, *LPTSTR;
#define TEXT(text) text
#define LoadLibrary LoadLibraryA
#endif
typedef const TCHAR* LPCTSTR;

#define TRUE 1
#define FALSE 0
#define CONST const
#define WINAPI
#define APIENTRY
#define ZeroMemory(place, size) memset((place), 0, (size))
#define SecureZeroMemory(place, size) explicit_bzero((place), (size))
#define GetLastError() ((DWORD)errno)
#define SetLastError(error) ((void)(errno = (int)(error)))

/* One library has the functions of all of Windows'; another name, ASCII, is the loader's. */
static inline HMODULE LoadLibraryA(LPCSTR name) {
  const int sspi = strncasecmp(name, "secur32", 7) == 0 || strncasecmp(name, "security", 8) == 0 ||
                   strncasecmp(name, "sspicli", 7) == 0;
  return dlopen(sspi ? "libepa-secur32.so" : name, RTLD_NOW | RTLD_LOCAL);
}
static inline HMODULE LoadLibraryW(LPCWSTR name) {
  char ascii[256] = "";
  for (unsigned i = 0; i + 1 < sizeof(ascii) && name[i] != 0; ++i) ascii[i] = (char)name[i];
  return LoadLibraryA(ascii);
}
static inline void* GetProcAddress(HMODULE module, LPCSTR name) { return dlsym(module, name); }
static inline BOOL FreeLibrary(HMODULE module) { return dlclose(module) == 0; }
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_WINDOWS_WINDOWS_H_ */
