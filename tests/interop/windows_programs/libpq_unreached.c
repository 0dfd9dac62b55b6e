/* What fe-auth.c refers to and a login by SSPI does not reach. */
#include <stdlib.h>

#define UNREACHED(name) \
  void name(void);      \
  void name(void) { abort(); }

UNREACHED(pqGets)
UNREACHED(pqPutMsgStart)
UNREACHED(pqPuts)
UNREACHED(pqPutInt)
UNREACHED(pqPutnchar)
UNREACHED(pqPutMsgEnd)
UNREACHED(pqFlush)
UNREACHED(pg_md5_encrypt)
UNREACHED(pg_get_user_name)
UNREACHED(pg_fe_scram_build_secret)
