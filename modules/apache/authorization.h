// Require epa-sid, Require epa-group.
#ifndef EPA_MODULES_APACHE_AUTHORIZATION_H_
#define EPA_MODULES_APACHE_AUTHORIZATION_H_

#include <apr_pools.h>

namespace epa::apache {

void RegisterAuthorization(apr_pool_t* pool);

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_AUTHORIZATION_H_
