// The directives: the settings of the one table, EpaConfiguration and EpaService.
#ifndef EPA_MODULES_APACHE_DIRECTIVES_H_
#define EPA_MODULES_APACHE_DIRECTIVES_H_

#include <httpd.h>

#include <http_config.h>

namespace epa::apache {

// For servers and sections, and not for .htaccess. Ends with an empty one.
const command_rec* Directives();

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_DIRECTIVES_H_
