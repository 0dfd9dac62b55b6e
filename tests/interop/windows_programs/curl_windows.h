/* What curl's files want of Windows beside SSPI; included before each of them. Windows is not
   declared: the sockets are Linux'. */
#ifndef EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_CURL_WINDOWS_H_
#define EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_CURL_WINDOWS_H_
#define USE_WINDOWS_SSPI
#define SECURITY_WIN32
#include <stdbool.h>
#include <windows.h>

#define _tcschr strchr
#define _tcslen strlen
#define _tcsncpy strncpy
#define _tcsdup strdup

/* system_win32.h and version_win32.h, which are empty elsewhere. */
#define VERSION_EQUAL 0
#define PLATFORM_WINNT 0
#define curlx_verify_windows_version(...) false
#define Curl_load_library(name) LoadLibraryA(name)
#define get_winapi_error(error, out, size) ((out)[0] = 0, (char*)NULL)
#endif /* EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_CURL_WINDOWS_H_ */
