// MIT's headers, which forget that some of their functions are C.
#ifndef EPA_MODULES_GSS_GSSAPI_H_
#define EPA_MODULES_GSS_GSSAPI_H_

extern "C" {
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
}

#endif  // EPA_MODULES_GSS_GSSAPI_H_
