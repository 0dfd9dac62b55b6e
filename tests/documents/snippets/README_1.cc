#include <openssl/ssl.h>

#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "epa/audit_json/json_lines.h"
#include "epa/defaults/defaults.h"
#include "epa/http/authenticator.h"
#include "epa/ntlm/authority.h"
#include "epa/tls/channel_binding.h"

template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::exit(2);
  }
  return *std::move(value);
}
template <typename Headers>
void Serve(const std::string& body, const Headers& headers);
template <typename Headers>
void Respond(int status, const Headers& headers);

void Run(SSL_CTX* ssl_ctx, SSL* ssl, const std::string& authorization_field) {
#include "snippet.inc"
}
