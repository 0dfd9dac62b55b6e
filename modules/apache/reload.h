// Reloads, and logins that have begun: a process that is to end waits for the client's next
// message.
#ifndef EPA_MODULES_APACHE_RELOAD_H_
#define EPA_MODULES_APACHE_RELOAD_H_

namespace epa::apache {

void RegisterReloadHooks();

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_RELOAD_H_
