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

/* One UTF-16 code unit, which is what u"..." is made of in both languages. Linux' wchar_t has 32
   bits: L"..." does not fit. */
#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
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
