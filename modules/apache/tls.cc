#include "modules/apache/tls.h"

#include <apr_optional_hooks.h>
#include <http_config.h>

#include <string>

#include "modules/apache/pool_object.h"
#include "modules/apache/server.h"

// mod_ssl_openssl.h, which Debian leaves out: hooks of mod_ssl that are httpd's public interface.
extern "C" {
using ssl_HOOK_init_server_t = int(server_rec*, apr_pool_t*, int, SSL_CTX*);
using ssl_HOOK_pre_handshake_t = int(conn_rec*, SSL*, int);
}

namespace epa::apache {
namespace {

std::string PeerOf(const conn_rec* connection) {
  const std::string address(connection->client_ip);
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return host + ":" + std::to_string(connection->client_addr->port);
}

// Called for each server whenever the configuration was read.
int InitServer(server_rec* /*server*/, apr_pool_t* /*pool*/, int is_proxy, SSL_CTX* context) {
  if (is_proxy == 0 && CurrentServer() != nullptr) {
    CurrentServer()->AddTlsContext(context);
  }
  return OK;
}

int PreHandshake(conn_rec* connection, SSL* ssl, int is_proxy) {
  if (is_proxy == 0) {
    StateOf(connection).ssl = ssl;
  }
  return OK;
}

}  // namespace

ConnectionState& StateOf(conn_rec* connection) {
  auto* state = static_cast<ConnectionState*>(
      ap_get_module_config(connection->conn_config, &auth_epa_module));
  if (state == nullptr) {
    state = NewIn<ConnectionState>(connection->pool, PeerOf(connection));
    ap_set_module_config(connection->conn_config, &auth_epa_module, state);
  }
  return *state;
}

void RegisterTlsHooks() {
  APR_OPTIONAL_HOOK(ssl, init_server, InitServer, nullptr, nullptr, APR_HOOK_MIDDLE);
  APR_OPTIONAL_HOOK(ssl, pre_handshake, PreHandshake, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace epa::apache
