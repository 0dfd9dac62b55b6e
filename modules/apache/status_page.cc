#include "modules/apache/status_page.h"

#include <httpd.h>

#include <apr_optional_hooks.h>
#include <http_protocol.h>
#include <mod_status.h>
#include <sys/mman.h>

#include <new>

#include "modules/apache/server.h"

namespace epa::apache {
namespace {

constexpr std::array<const char*, Counters::kKinds> kNames = {
    "EpaServed", "EpaChallenged", "EpaMalformed", "EpaHttp11Required", "EpaFaults"};

Counters::Kind KindOf(const http::Verdict& verdict) {
  switch (verdict.action) {
    case http::Verdict::Action::kServe:
      return Counters::kServed;
    case http::Verdict::Action::kHttp11Required:
      return Counters::kHttp11Required;
    case http::Verdict::Action::kRespond:
      if (verdict.status == HTTP_BAD_REQUEST) {
        return Counters::kMalformed;
      }
      return verdict.status < HTTP_INTERNAL_SERVER_ERROR ? Counters::kChallenged
                                                         : Counters::kFaults;
    case http::Verdict::Action::kPending:
      break;
  }
  return Counters::kFaults;
}

int Print(request_rec* request, int flags) {
  const Server* const server = CurrentServer();
  if (server == nullptr) {
    return DECLINED;
  }
  const bool brief = (flags & AP_STATUS_SHORT) != 0;
  if (!brief) {
    ap_rputs("<hr />\n<h2>mod_auth_epa</h2>\n<dl>\n", request);
  }
  for (size_t kind = 0; kind < kNames.size(); ++kind) {
    ap_rprintf(request,
               brief ? "%s: %" APR_UINT64_T_FMT "\n" : "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n",
               kNames[kind], server->counters().Of(static_cast<Counters::Kind>(kind)));
  }
  if (!brief) {
    ap_rputs("</dl>\n", request);
  }
  return OK;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Counters>> Counters::Create() {
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return absl::ResourceExhaustedError("no memory for the counters");
  }
  return std::unique_ptr<Counters>(new Counters(new (memory) Shared()));
}

Counters::~Counters() { munmap(shared_, sizeof(Shared)); }

void Counters::Add(const http::Verdict& verdict) {
  (*shared_)[KindOf(verdict)].fetch_add(1, std::memory_order_relaxed);
}

void RegisterStatusPage() {
  APR_OPTIONAL_HOOK(ap, status_hook, Print, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace epa::apache
