/* What fe-auth.c takes from the rest of libpq for a login by SSPI. */
#include "postgres_fe.h"

#include "fe-auth.h"
#include "libpq-int.h"

const pg_fe_sasl_mech pg_scram_mech;
pgthreadlock_t pg_g_threadlock;

char* libpq_gettext(const char* text) { return (char*)text; }
static void lock(int acquire) { (void)acquire; }
__attribute__((constructor)) static void set_lock(void) { pg_g_threadlock = lock; }

#undef vsprintf
int pg_sprintf(char* out, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int size = vsprintf(out, format, list);
  va_end(list);
  return size;
}
int pg_strcasecmp(const char* one, const char* other) { return strcasecmp(one, other); }
