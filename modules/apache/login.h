// AuthType EPA: who sends a request.
#ifndef EPA_MODULES_APACHE_LOGIN_H_
#define EPA_MODULES_APACHE_LOGIN_H_

#include <httpd.h>

#include "modules/web/login_facts.h"

namespace epa::apache {

// Apache's hook check_authn.
int CheckLogin(request_rec* request);
// Apache's hook fixups: what comes of a request with the same settings is not checked again, and
// told all the same.
int TellAgain(request_rec* request);
// Apache's hook note_auth_failure: what is offered to a user who may not have what they ask for.
int OfferLogin(request_rec* request, const char* auth_type);

// Who logged in for this request, or for the one that led to it; null: nobody.
const web::LoginFacts* LoginOf(const request_rec* request);

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_LOGIN_H_
