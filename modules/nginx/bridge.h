/* What the module, which is C as nginx' headers are, asks of this library. Strings have a length
 * and live as long as what they were got from. */
#ifndef EPA_MODULES_NGINX_BRIDGE_H_
#define EPA_MODULES_NGINX_BRIDGE_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char* data;
  size_t size;
} epa_text;

/* The directives: the settings of the one table, and auth_epa_configuration and
 * auth_epa_service. */
typedef struct {
  const char* name; /* ends with NUL; lives for the whole process */
  int repeatable;
} epa_directive;

size_t epa_directive_count(void);
epa_directive epa_directive_at(size_t index);

/* One reading of the configuration: what was said, and the sites made of it. */
typedef struct epa_server epa_server;
/* What one block says. Owned by its server. */
typedef struct epa_said epa_said;
/* What was made of a block. Owned by its server. */
typedef struct epa_site epa_site;

/* `report` is told of files that are read again, by a thread of its own. */
epa_server* epa_server_create(void (*report)(int alarming, epa_text line));
void epa_server_destroy(epa_server* server);

/* The errors of these calls: one line. Valid until the next call for the same server. */
epa_text epa_server_error(const epa_server* server);

epa_said* epa_said_create(epa_server* server);
/* One value of one directive; `where` is "FILE:LINE". Nonzero for an error. */
int epa_said_add(epa_server* server, epa_said* said, size_t directive, epa_text value,
                 const char* where, const char* folder);
/* What `over` says, on what `base` says; either may be null. Null for two nulls. */
epa_said* epa_said_inherit(epa_server* server, epa_said* base, epa_said* over);
/* Null for an error. */
const epa_site* epa_site_make(epa_server* server, const epa_said* said, const char* where);
/* `contexts`: SSL_CTX*, all that serve. Nonzero for an error. */
int epa_server_set_tls(epa_server* server, void* const* contexts, size_t count);

/* What is kept of one connection. */
typedef struct epa_connection epa_connection;
epa_connection* epa_connection_create(epa_text peer);
void epa_connection_destroy(epa_connection* connection);
/* Whether a login has begun, and the client's next message is awaited. */
int epa_connection_half_way(const epa_connection* connection);

/* One request with one site's rules. */
typedef struct epa_exchange epa_exchange;
typedef enum {
  EPA_SERVE,             /* logged in: serve it, and add the headers */
  EPA_RESPOND,           /* answer with the status and the headers */
  EPA_PENDING,           /* run the work, then resume */
  EPA_HTTP_1_1_REQUIRED, /* reset the stream */
  EPA_FORBIDDEN          /* nobody's login; `fault` says why */
} epa_action;

/* `connection` is null for HTTP/2 and later. `ssl`: SSL*, null without TLS. */
epa_exchange* epa_exchange_begin(const epa_server* server, const epa_site* site,
                                 epa_connection* connection, void* ssl,
                                 const epa_text* authorization, size_t count);
void epa_exchange_destroy(epa_exchange* exchange);
/* On any thread, once for each EPA_PENDING; nothing else may be called meanwhile. */
void epa_exchange_run(epa_exchange* exchange);
void epa_exchange_resume(epa_exchange* exchange);

const epa_site* epa_exchange_site(const epa_exchange* exchange);
epa_action epa_exchange_action(const epa_exchange* exchange);
int epa_exchange_status(const epa_exchange* exchange);
int epa_exchange_closes(const epa_exchange* exchange);
/* Empty: none. For the operator. */
epa_text epa_exchange_fault(const epa_exchange* exchange);
size_t epa_exchange_header_count(const epa_exchange* exchange);
void epa_exchange_header(const epa_exchange* exchange, size_t index, epa_text* name,
                         epa_text* value);

/* What a variable says of who logged in; empty where nobody did. */
size_t epa_fact_count(void);
epa_text epa_fact_name(size_t fact); /* "epa_user" */
epa_text epa_exchange_fact(const epa_exchange* exchange, size_t fact);

#ifdef __cplusplus
}
#endif

#endif /* EPA_MODULES_NGINX_BRIDGE_H_ */
