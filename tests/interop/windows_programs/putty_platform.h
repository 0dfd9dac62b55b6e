/* PuTTY's platform.h for windows/gss.c: that of Unix, and the few macros of Windows' it uses. */
#ifndef EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_PUTTY_PLATFORM_H_
#define EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_PUTTY_PLATFORM_H_
#include "tree234.h"
#include "unix/platform.h"
#include "windows_more.h"

#define DECL_WINDOWS_FUNCTION(linkage, type, name, parameters) \
  typedef type(WINAPI* t_##name) parameters;                   \
  linkage t_##name p_##name
#define GET_WINDOWS_FUNCTION_NO_TYPECHECK(module, name) \
  (p_##name = (module) == NULL ? NULL : (t_##name)GetProcAddress((module), #name))
#define GET_WINDOWS_FUNCTION(module, name) GET_WINDOWS_FUNCTION_NO_TYPECHECK(module, name)
#define HAVE_ADDDLLDIRECTORY 1

HMODULE load_system32_dll(const char* name);
#endif /* EPA_TESTS_INTEROP_WINDOWS_PROGRAMS_PUTTY_PLATFORM_H_ */
