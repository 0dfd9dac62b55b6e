#include "modules/apache/reload.h"

#include <httpd.h>

#include <ap_mmn.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_protocol.h>
#include <mpm_common.h>

#include "modules/apache/server.h"
#include "modules/apache/tls.h"

namespace epa::apache {
namespace {

// Whose requests this thread serves.
thread_local const conn_rec* served = nullptr;

bool IsHalfWay(const conn_rec* connection) {
  const auto* const state = static_cast<const ConnectionState*>(
      ap_get_module_config(connection->conn_config, &auth_epa_module));
  return state != nullptr && state->logins.half_way();
}

// Whether all that was answered has left.
bool Flush(conn_rec* connection) {
  apr_bucket_brigade* const nothing =
      apr_brigade_create(connection->pool, connection->bucket_alloc);
  APR_BRIGADE_INSERT_TAIL(nothing, apr_bucket_flush_create(connection->bucket_alloc));
  const bool left = ap_pass_brigade(connection->output_filters, nothing) == APR_SUCCESS;
  apr_brigade_destroy(nothing);
  return left;
}

// An MPM with an event loop closes connections that are kept alive when the process is to end, and
// where it runs out of threads. One that waits for input within a request it keeps.
void AwaitNextMessage([[maybe_unused]] conn_rec* connection) {
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 137)
  int waits = 0;
  if (ap_mpm_query(AP_MPMQ_CAN_WAITIO, &waits) == APR_SUCCESS && waits != 0 &&
      connection->cs != nullptr && connection->cs->state == CONN_STATE_WRITE_COMPLETION &&
      connection->keepalive == AP_CONN_KEEPALIVE && connection->aborted == 0 &&
      connection->data_in_input_filters == 0 && Flush(connection)) {
    connection->cs->state = CONN_STATE_ASYNC_WAITIO;
  }
#endif
}

int Serve(conn_rec* connection) {
  if (connection->master != nullptr || served != nullptr) {
    return DECLINED;
  }
  served = connection;
  const int outcome = ap_run_process_connection(connection);
  if (outcome == OK && IsHalfWay(connection)) {
    AwaitNextMessage(connection);
  }
  served = nullptr;
  return outcome;
}

// Whoever asks whether the process is to end, and hears that it is, closes the connection.
int AnswerForMpm(int query, int* answer, apr_status_t* status) {
  if (query != AP_MPMQ_MPM_STATE || served == nullptr || !IsHalfWay(served)) {
    return DECLINED;
  }
  *answer = AP_MPMQ_RUNNING;
  *status = APR_SUCCESS;
  return OK;
}

}  // namespace

void RegisterReloadHooks() {
  ap_hook_process_connection(Serve, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
  ap_hook_mpm_query(AnswerForMpm, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
}

}  // namespace epa::apache
