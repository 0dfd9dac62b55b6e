/* ngx_http_auth_epa_module: Negotiate and NTLM with extended protection for nginx. */
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_thread_pool.h>

#include "modules/nginx/bridge.h"

#if !(NGX_THREADS) || !(NGX_HTTP_SSL)
#error "nginx without --with-threads or --with-http_ssl_module"
#endif

/* What nginx looks for in a shared object. */
#pragma GCC visibility push(default)
extern ngx_module_t ngx_http_auth_epa_module;
extern ngx_module_t* ngx_modules[];
extern char* ngx_module_names[];
extern char* ngx_module_order[];
#pragma GCC visibility pop

typedef struct {
  epa_server* server;
  ngx_thread_pool_t* threads;
} main_conf;

typedef struct {
  ngx_flag_t on;
  epa_said* said;
  const epa_site* site; /* null: off */
} location_conf;

/* What is kept of a connection that uses HTTP/1. */
typedef struct {
  epa_connection* logins;
  ngx_event_t request_ended;
} connection_state;

/* One exchange of a request, which its subrequests and internal redirects find again: those have
 * its headers, and its token is used up. */
typedef struct {
  epa_exchange* exchange;
  ngx_http_request_t* request;
  connection_state* connection; /* null for HTTP/2 and later */
  unsigned pending : 1;
  unsigned logged : 1;
} request_login;

static ngx_http_output_header_filter_pt next_header_filter;

static ngx_str_t to_ngx(epa_text text) {
  ngx_str_t string;
  string.data = (u_char*)text.data;
  string.len = text.size;
  return string;
}

static epa_text to_text(ngx_str_t string) {
  epa_text text;
  text.data = (const char*)string.data;
  text.size = string.len;
  return text;
}

/* What belongs to a pool is found again by its destructor. */
static void* find_in_pool(ngx_pool_t* pool, ngx_pool_cleanup_pt handler) {
  ngx_pool_cleanup_t* cleanup;
  for (cleanup = pool->cleanup; cleanup != NULL; cleanup = cleanup->next) {
    if (cleanup->handler == handler) {
      return cleanup->data;
    }
  }
  return NULL;
}

/* --- Connections and requests --- */

static void destroy_connection(void* data) {
  connection_state* connection = data;
  if (connection->request_ended.posted) {
    ngx_delete_posted_event(&connection->request_ended);
  }
  epa_connection_destroy(connection->logins);
}

/* A worker that is to end closes idle connections: one with a login half-way is none. */
static void keep_half_way(ngx_event_t* event) {
  ngx_connection_t* c = event->data;
  c->idle = 0;
}

static void destroy_login(void* data) {
  request_login* login = data;
  connection_state* connection = login->connection;
  epa_exchange_destroy(login->exchange);
  if (connection != NULL && epa_connection_half_way(connection->logins)) {
    /* nginx makes the connection idle when the request is gone. */
    ngx_post_event(&connection->request_ended, &ngx_posted_events);
  }
}

static connection_state* connection_of(ngx_http_request_t* r) {
  ngx_connection_t* c = r->connection;
  connection_state* connection = find_in_pool(c->pool, destroy_connection);
  ngx_pool_cleanup_t* cleanup;
  u_char address[NGX_SOCKADDR_STRLEN];
  epa_text peer;

  if (connection != NULL) {
    return connection;
  }
  cleanup = ngx_pool_cleanup_add(c->pool, sizeof(connection_state));
  if (cleanup == NULL) {
    return NULL;
  }
  peer.data = (const char*)address;
  peer.size = ngx_sock_ntop(c->sockaddr, c->socklen, address, NGX_SOCKADDR_STRLEN, 1);
  connection = cleanup->data;
  ngx_memzero(connection, sizeof(*connection));
  connection->logins = epa_connection_create(peer);
  connection->request_ended.handler = keep_half_way;
  connection->request_ended.data = c;
  connection->request_ended.log = c->log;
  cleanup->handler = destroy_connection;
  return connection;
}

static request_login* find_login(ngx_http_request_t* r, const epa_site* site) {
  ngx_pool_cleanup_t* cleanup;
  for (cleanup = r->pool->cleanup; cleanup != NULL; cleanup = cleanup->next) {
    if (cleanup->handler == destroy_login) {
      request_login* login = cleanup->data;
      if (epa_exchange_site(login->exchange) == site) {
        return login;
      }
    }
  }
  return NULL;
}

/* The next Authorization field behind `header`, or the first; null: there is none. */
static ngx_table_elt_t* next_authorization(ngx_http_request_t* r, ngx_table_elt_t* header) {
  static const ngx_str_t name = ngx_string("authorization");
  ngx_list_part_t* part;
  for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
    ngx_table_elt_t* headers = part->elts;
    ngx_uint_t i;
    for (i = 0; i < part->nelts; ++i) {
      if (header != NULL) {
        header = header == &headers[i] ? NULL : header;
      } else if (headers[i].key.len == name.len &&
                 ngx_strncasecmp(headers[i].key.data, name.data, name.len) == 0) {
        return &headers[i];
      }
    }
  }
  return NULL;
}

static ngx_int_t collect_authorization(ngx_http_request_t* r, ngx_array_t* values) {
  ngx_table_elt_t* header = NULL;
  while ((header = next_authorization(r, header)) != NULL) {
    epa_text* value = ngx_array_push(values);
    if (value == NULL) {
      return NGX_ERROR;
    }
    *value = to_text(header->value);
  }
  return NGX_OK;
}

/* The application sees who logged in, and not by what. */
static void empty_authorization(ngx_http_request_t* r) {
  ngx_table_elt_t* header = NULL;
  while ((header = next_authorization(r, header)) != NULL) {
    header->value.len = 0;
  }
}

static ngx_int_t is_http_1(ngx_http_request_t* r) { return r->http_version < NGX_HTTP_VERSION_20; }

static request_login* begin_login(ngx_http_request_t* r, const epa_site* site) {
  main_conf* mcf = ngx_http_get_module_main_conf(r, ngx_http_auth_epa_module);
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(request_login));
  ngx_array_t* values = ngx_array_create(r->pool, 1, sizeof(epa_text));
  connection_state* connection = NULL;
  request_login* login;
  SSL* ssl = NULL;

  if (cleanup == NULL || values == NULL || collect_authorization(r, values) != NGX_OK) {
    return NULL;
  }
  if (is_http_1(r)) {
    connection = connection_of(r);
    if (connection == NULL) {
      return NULL;
    }
    ssl = r->connection->ssl != NULL ? r->connection->ssl->connection : NULL;
  }
  login = cleanup->data;
  ngx_memzero(login, sizeof(*login));
  login->request = r;
  login->connection = connection;
  login->exchange =
      epa_exchange_begin(mcf->server, site, connection != NULL ? connection->logins : NULL, ssl,
                         values->elts, values->nelts);
  cleanup->handler = destroy_login;
  return login;
}

/* --- Pending work --- */

static void run_work(void* data, ngx_log_t* log) {
  request_login* login = *(request_login**)data;
  (void)log;
  epa_exchange_run(login->exchange);
}

static void work_done(ngx_event_t* event) {
  request_login* login = event->data;
  ngx_http_request_t* r = login->request;
  ngx_connection_t* c = r->connection;

  login->pending = 0;
  epa_exchange_resume(login->exchange);
  r->main->blocked--;
  r->aio = 0;
  r->write_event_handler(r);
  ngx_http_run_posted_requests(c);
}

static ngx_int_t post_work(ngx_http_request_t* r, request_login* login) {
  main_conf* mcf = ngx_http_get_module_main_conf(r, ngx_http_auth_epa_module);
  ngx_thread_task_t* task = ngx_thread_task_alloc(r->pool, sizeof(request_login*));

  if (task == NULL) {
    return NGX_ERROR;
  }
  *(request_login**)task->ctx = login;
  login->request = r;
  task->handler = run_work;
  task->event.handler = work_done;
  task->event.data = login;
  if (ngx_thread_task_post(mcf->threads, task) != NGX_OK) {
    return NGX_ERROR;
  }
  login->pending = 1;
  r->main->blocked++;
  r->aio = 1;
  return NGX_AGAIN;
}

/* --- Verdicts --- */

#if (NGX_HTTP_V2)

static ngx_int_t reset_was_sent(ngx_http_v2_connection_t* h2c, ngx_http_v2_out_frame_t* frame) {
  ngx_buf_t* buffer = frame->first->buf;
  (void)h2c;
  return buffer->pos == buffer->last ? NGX_OK : NGX_AGAIN;
}

/* RST_STREAM with HTTP_1_1_REQUIRED (RFC 9113 6.4, 7): the client asks again with HTTP/1.1. The
 * frame belongs to the connection, which goes on. */
static ngx_int_t require_http_1_1(ngx_http_request_t* r) {
  ngx_http_v2_stream_t* stream = r->stream;
  ngx_http_v2_connection_t* h2c = stream->connection;
  ngx_pool_t* pool = h2c->connection->pool;
  ngx_uint_t id = stream->node->id;
  ngx_http_v2_out_frame_t* frame = ngx_pcalloc(pool, sizeof(*frame));
  ngx_chain_t* link = ngx_alloc_chain_link(pool);
  ngx_buf_t* buffer = ngx_create_temp_buf(pool, NGX_HTTP_V2_FRAME_HEADER_SIZE + 4);

  if (frame == NULL || link == NULL || buffer == NULL) {
    return NGX_HTTP_CLOSE;
  }
  *buffer->last++ = 0;
  *buffer->last++ = 0;
  *buffer->last++ = 4;
  *buffer->last++ = NGX_HTTP_V2_RST_STREAM_FRAME;
  *buffer->last++ = 0;
  *buffer->last++ = (u_char)(id >> 24);
  *buffer->last++ = (u_char)(id >> 16);
  *buffer->last++ = (u_char)(id >> 8);
  *buffer->last++ = (u_char)id;
  *buffer->last++ = 0;
  *buffer->last++ = 0;
  *buffer->last++ = 0;
  *buffer->last++ = 0xd;
  buffer->last_buf = 1;
  link->buf = buffer;
  link->next = NULL;
  frame->first = link;
  frame->last = link;
  frame->handler = reset_was_sent;
  ngx_http_v2_queue_blocked_frame(h2c, frame);
  stream->rst_sent = 1;
  stream->out_closed = 1;
  return NGX_HTTP_CLOSE;
}

#endif

static ngx_int_t refuse_version(ngx_http_request_t* r) {
#if (NGX_HTTP_V2)
  if (r->stream != NULL) {
    return require_http_1_1(r);
  }
#endif
  /* RFC 9110 15.5.20: another connection will do. */
  return NGX_HTTP_MISDIRECTED_REQUEST;
}

static ngx_int_t obey(ngx_http_request_t* r, request_login* login) {
  const epa_exchange* exchange = login->exchange;
  ngx_str_t fault = to_ngx(epa_exchange_fault(exchange));

  if (fault.len > 0 && !login->logged) {
    login->logged = 1;
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "auth_epa: %V", &fault);
  }
  if (epa_exchange_closes(exchange)) {
    r->keepalive = 0;
  }
  switch (epa_exchange_action(exchange)) {
    case EPA_SERVE:
      empty_authorization(r);
      return NGX_OK;
    case EPA_RESPOND:
      return epa_exchange_status(exchange);
    case EPA_HTTP_1_1_REQUIRED:
      return refuse_version(r);
    case EPA_FORBIDDEN:
      return NGX_HTTP_FORBIDDEN;
    case EPA_PENDING:
      break;
  }
  return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

static ngx_int_t access_handler(ngx_http_request_t* r) {
  location_conf* lcf = ngx_http_get_module_loc_conf(r, ngx_http_auth_epa_module);
  request_login* login;

  if (lcf->site == NULL) {
    return NGX_DECLINED;
  }
  login = find_login(r, lcf->site);
  if (login == NULL) {
    login = begin_login(r, lcf->site);
    if (login == NULL) {
      return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
  }
  if (login->pending) {
    return NGX_AGAIN;
  }
  if (epa_exchange_action(login->exchange) == EPA_PENDING) {
    return post_work(r, login) == NGX_AGAIN ? NGX_AGAIN : NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  return obey(r, login);
}

/* nginx asks no access handler about subrequests: what is included here, or asked by auth_request,
 * is served only where the request itself has logged in by the same rules. */
static ngx_int_t subrequest_handler(ngx_http_request_t* r) {
  location_conf* lcf = ngx_http_get_module_loc_conf(r, ngx_http_auth_epa_module);
  request_login* login;

  if (r == r->main || lcf->site == NULL) {
    return NGX_DECLINED;
  }
  login = find_login(r, lcf->site);
  if (login != NULL && !login->pending && epa_exchange_action(login->exchange) == EPA_SERVE) {
    return NGX_DECLINED;
  }
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                "auth_epa: a subrequest for a page that its request has not logged in for");
  return NGX_HTTP_FORBIDDEN;
}

/* The headers of the verdict that counts: `satisfy any` may have overruled it. */
static ngx_int_t header_filter(ngx_http_request_t* r) {
  ngx_pool_cleanup_t* cleanup;

  if (r != r->main) {
    return next_header_filter(r);
  }
  for (cleanup = r->pool->cleanup; cleanup != NULL; cleanup = cleanup->next) {
    const epa_exchange* exchange;
    epa_action action;
    size_t i;
    if (cleanup->handler != destroy_login) {
      continue;
    }
    exchange = ((request_login*)cleanup->data)->exchange;
    action = epa_exchange_action(exchange);
    if (action != EPA_SERVE &&
        !(action == EPA_RESPOND &&
          r->headers_out.status == (ngx_uint_t)epa_exchange_status(exchange))) {
      continue;
    }
    for (i = 0; i < epa_exchange_header_count(exchange); ++i) {
      ngx_table_elt_t* header = ngx_list_push(&r->headers_out.headers);
      epa_text name, value;
      if (header == NULL) {
        return NGX_ERROR;
      }
      epa_exchange_header(exchange, i, &name, &value);
      ngx_memzero(header, sizeof(*header));
      header->hash = 1;
      header->key = to_ngx(name);
      header->value = to_ngx(value);
    }
  }
  return next_header_filter(r);
}

/* --- Variables --- */

static ngx_int_t get_fact(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t fact) {
  location_conf* lcf = ngx_http_get_module_loc_conf(r, ngx_http_auth_epa_module);
  request_login* login = lcf->site == NULL ? NULL : find_login(r, lcf->site);
  epa_text text;

  if (login == NULL || login->pending || epa_exchange_action(login->exchange) != EPA_SERVE) {
    value->not_found = 1;
    return NGX_OK;
  }
  text = epa_exchange_fact(login->exchange, fact);
  value->data = (u_char*)text.data;
  value->len = (unsigned)text.size;
  value->valid = 1;
  value->no_cacheable = 0;
  value->not_found = 0;
  return NGX_OK;
}

static ngx_int_t add_variables(ngx_conf_t* cf) {
  size_t fact;
  for (fact = 0; fact < epa_fact_count(); ++fact) {
    ngx_str_t name = to_ngx(epa_fact_name(fact));
    ngx_http_variable_t* variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (variable == NULL) {
      return NGX_ERROR;
    }
    variable->get_handler = get_fact;
    variable->data = fact;
  }
  return NGX_OK;
}

/* --- Configuration --- */

static void report_files(int alarming, epa_text line) {
  const ngx_uint_t level = alarming ? NGX_LOG_WARN : NGX_LOG_NOTICE;
  ngx_str_t text = to_ngx(line);
  ngx_log_error(level, ngx_cycle->log, 0, "auth_epa: %V", &text);
}

static void destroy_server(void* data) { epa_server_destroy(data); }

static void* create_main_conf(ngx_conf_t* cf) {
  main_conf* mcf = ngx_pcalloc(cf->pool, sizeof(main_conf));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);

  if (mcf == NULL || cleanup == NULL) {
    return NULL;
  }
  mcf->server = epa_server_create(report_files);
  cleanup->data = mcf->server;
  cleanup->handler = destroy_server;
  return mcf;
}

static void* create_location_conf(ngx_conf_t* cf) {
  location_conf* lcf = ngx_pcalloc(cf->pool, sizeof(location_conf));
  if (lcf != NULL) {
    lcf->on = NGX_CONF_UNSET;
  }
  return lcf;
}

static const char* place_of(ngx_conf_t* cf) {
  u_char* place = ngx_pnalloc(cf->pool, cf->conf_file->file.name.len + NGX_INT_T_LEN + 2);
  if (place == NULL) {
    return "";
  }
  *ngx_sprintf(place, "%V:%ui", &cf->conf_file->file.name, cf->conf_file->line) = '\0';
  return (const char*)place;
}

static char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) {
  main_conf* mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_auth_epa_module);
  location_conf* outer = parent;
  location_conf* inner = child;
  ngx_str_t error;

  ngx_conf_merge_value(inner->on, outer->on, 0);
  inner->said = epa_said_inherit(mcf->server, outer->said, inner->said);
  if (!inner->on) {
    return NGX_CONF_OK;
  }
  inner->site = epa_site_make(mcf->server, inner->said, place_of(cf));
  if (inner->site == NULL) {
    error = to_ngx(epa_server_error(mcf->server));
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%V", &error);
    return NGX_CONF_ERROR;
  }
  return NGX_CONF_OK;
}

static char* take_setting(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  main_conf* mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_auth_epa_module);
  location_conf* lcf = conf;
  ngx_str_t* words = cf->args->elts;
  ngx_str_t error;
  ngx_uint_t i;

  if (lcf->said == NULL) {
    lcf->said = epa_said_create(mcf->server);
  }
  for (i = 1; i < cf->args->nelts; ++i) {
    if (epa_said_add(mcf->server, lcf->said, (size_t)command->post, to_text(words[i]), place_of(cf),
                     (const char*)cf->cycle->conf_prefix.data)) {
      error = to_ngx(epa_server_error(mcf->server));
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &error);
      return NGX_CONF_ERROR;
    }
  }
  return NGX_CONF_OK;
}

static ngx_int_t collect_tls(ngx_conf_t* cf, main_conf* mcf) {
  ngx_http_core_main_conf_t* core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
  ngx_http_core_srv_conf_t** servers = core->servers.elts;
  ngx_array_t* contexts = ngx_array_create(cf->pool, 4, sizeof(void*));
  ngx_uint_t i;
  ngx_str_t error;

  if (contexts == NULL) {
    return NGX_ERROR;
  }
  for (i = 0; i < core->servers.nelts; ++i) {
    ngx_http_ssl_srv_conf_t* ssl = servers[i]->ctx->srv_conf[ngx_http_ssl_module.ctx_index];
    if (ssl->ssl.ctx != NULL) {
      void** context = ngx_array_push(contexts);
      if (context == NULL) {
        return NGX_ERROR;
      }
      *context = ssl->ssl.ctx;
    }
  }
  if (epa_server_set_tls(mcf->server, contexts->elts, contexts->nelts)) {
    error = to_ngx(epa_server_error(mcf->server));
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "auth_epa: %V", &error);
    return NGX_ERROR;
  }
  return NGX_OK;
}

static ngx_int_t add_handler(ngx_conf_t* cf, ngx_http_phases phase, ngx_http_handler_pt handler) {
  ngx_http_core_main_conf_t* core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
  ngx_http_handler_pt* place = ngx_array_push(&core->phases[phase].handlers);
  if (place == NULL) {
    return NGX_ERROR;
  }
  *place = handler;
  return NGX_OK;
}

static ngx_int_t complete_configuration(ngx_conf_t* cf) {
  main_conf* mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_auth_epa_module);

  if (add_handler(cf, NGX_HTTP_ACCESS_PHASE, access_handler) != NGX_OK ||
      add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, subrequest_handler) != NGX_OK) {
    return NGX_ERROR;
  }
  next_header_filter = ngx_http_top_header_filter;
  ngx_http_top_header_filter = header_filter;
  mcf->threads = ngx_thread_pool_add(cf, NULL);
  if (mcf->threads == NULL) {
    return NGX_ERROR;
  }
  return collect_tls(cf, mcf);
}

static ngx_http_module_t context = {
    add_variables, complete_configuration, create_main_conf,   NULL, NULL,
    NULL,          create_location_conf,   merge_location_conf};

ngx_module_t ngx_http_auth_epa_module = {NGX_MODULE_V1, &context, NULL, NGX_HTTP_MODULE,
                                         NULL,          NULL,     NULL, NULL,
                                         NULL,          NULL,     NULL, NGX_MODULE_V1_PADDING};

/* The directives are those of the library's table, so nginx' table of them is made at loading. */
__attribute__((constructor)) static void make_commands(void) {
  const ngx_uint_t everywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;
  const size_t count = epa_directive_count();
  ngx_command_t* commands = calloc(count + 2, sizeof(ngx_command_t));
  size_t i;

  if (commands == NULL) {
    return;
  }
  ngx_str_set(&commands[0].name, "auth_epa");
  commands[0].type = everywhere | NGX_CONF_FLAG;
  commands[0].set = ngx_conf_set_flag_slot;
  commands[0].conf = NGX_HTTP_LOC_CONF_OFFSET;
  commands[0].offset = offsetof(location_conf, on);
  for (i = 0; i < count; ++i) {
    ngx_command_t* command = &commands[i + 1];
    const epa_directive directive = epa_directive_at(i);
    command->name.data = (u_char*)directive.name;
    command->name.len = strlen(directive.name);
    command->type = everywhere | (directive.repeatable ? NGX_CONF_1MORE : NGX_CONF_TAKE1);
    command->set = take_setting;
    command->conf = NGX_HTTP_LOC_CONF_OFFSET;
    command->post = (void*)i;
  }
  ngx_http_auth_epa_module.commands = commands;
}

ngx_module_t* ngx_modules[] = {&ngx_http_auth_epa_module, NULL};
char* ngx_module_names[] = {"ngx_http_auth_epa_module", NULL};
char* ngx_module_order[] = {NULL};
