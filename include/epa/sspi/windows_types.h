/* The few types of Windows that sspi.h is written in, at the widths they have there. C11 and C++.
 */
#ifndef EPA_SSPI_WINDOWS_TYPES_H_
#define EPA_SSPI_WINDOWS_TYPES_H_
/* Names are Windows'. NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming) */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Windows is LLP64: its `unsigned long` has 32 bits, Linux' has 64. Say ULONG. */
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint16_t USHORT;
typedef uint8_t UCHAR;
typedef uint8_t BOOLEAN;
typedef int64_t LONGLONG;
typedef uintptr_t ULONG_PTR;
typedef void* PVOID;
typedef ULONG* PULONG;
typedef UCHAR* PUCHAR;

/* One UTF-16 code unit. With -fshort-wchar it is wchar_t, and L"..." fits as on Windows; without it
   Linux' wchar_t has 32 bits, and u"..." is what fits in both languages. */
#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#define EPA_SSPI_WIDE_(text) L##text
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#define EPA_SSPI_WIDE_(text) u##text
#else
typedef uint16_t WCHAR;
#define EPA_SSPI_WIDE_(text) u##text
#endif
typedef WCHAR* PWSTR;
typedef const WCHAR* PCWSTR;

typedef union _LARGE_INTEGER {
  __extension__ struct {
    ULONG LowPart;
    LONG HighPart;
  };
  struct {
    ULONG LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef struct _GUID {
  uint32_t Data1;
  uint16_t Data2;
  uint16_t Data3;
  uint8_t Data4[8];
} GUID;

#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming) */
#endif /* EPA_SSPI_WINDOWS_TYPES_H_ */
