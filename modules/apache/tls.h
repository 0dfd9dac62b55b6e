// The TLS connections of mod_ssl.
#ifndef EPA_MODULES_APACHE_TLS_H_
#define EPA_MODULES_APACHE_TLS_H_

#include <httpd.h>

#include "epa/tls/channel_binding.h"
#include "modules/web/connection.h"

namespace epa::apache {

// What is kept of a connection, for as long as it lasts.
struct ConnectionState {
  explicit ConnectionState(std::string peer) : logins(std::move(peer)) {}

  SSL* ssl = nullptr;  // null: no TLS
  web::Connection logins;
};

// Made when it is asked for first.
ConnectionState& StateOf(conn_rec* connection);

// Asks mod_ssl, if it is there, for its contexts and connections.
void RegisterTlsHooks();

}  // namespace epa::apache

#endif  // EPA_MODULES_APACHE_TLS_H_
