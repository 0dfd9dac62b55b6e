#include "modules/apache/login.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include <algorithm>
#include <array>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/ascii.h"
#include "modules/apache/pool_object.h"
#include "modules/apache/server.h"
#include "modules/apache/tls.h"
#include "modules/web/pending.h"

APLOG_USE_MODULE(auth_epa);

namespace epa::apache {
namespace {

// What was found out about a request with one site's rules.
struct Found {
  const web::Site* site;
  int answer;
  // Where the answer is OK.
  std::shared_ptr<const web::LoginFacts> facts;
};

// Kept with the request of the client, for all that come of it: subrequests, internal redirects and
// error pages have its headers, and its token is used up.
using FoundList = std::list<Found>;

const request_rec* ClientsRequest(const request_rec* request) {
  for (;;) {
    const request_rec* const cause = request->prev != nullptr ? request->prev : request->main;
    if (cause == nullptr) {
      return request;
    }
    request = cause;
  }
}

FoundList* FoundListOf(const request_rec* request) {
  return static_cast<FoundList*>(
      ap_get_module_config(ClientsRequest(request)->request_config, &auth_epa_module));
}

const Found* Find(const request_rec* request, const web::Site* site) {
  const FoundList* const list = FoundListOf(request);
  if (list == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(*list, site, &Found::site);
  return found == list->end() ? nullptr : &*found;
}

Found& Add(const request_rec* request, const web::Site* site) {
  FoundList* list = FoundListOf(request);
  if (list == nullptr) {
    const request_rec* const clients = ClientsRequest(request);
    list = NewIn<FoundList>(clients->pool);
    ap_set_module_config(clients->request_config, &auth_epa_module, list);
  }
  return list->emplace_back(Found{site, HTTP_INTERNAL_SERVER_ERROR, {}});
}

bool IsOurs(const char* auth_type) {
  return auth_type != nullptr && EqualsIgnoringAsciiCase(auth_type, "EPA");
}

const DirectoryConfig& ConfigOf(const request_rec* request) {
  static const DirectoryConfig& nothing = *new DirectoryConfig();
  const auto* const config = static_cast<const DirectoryConfig*>(
      ap_get_module_config(request->per_dir_config, &auth_epa_module));
  return config == nullptr ? nothing : *config;
}

bool IsProxied(const request_rec* request) { return request->proxyreq == PROXYREQ_PROXY; }

const char* CredentialsField(const request_rec* request) {
  return IsProxied(request) ? "Proxy-Authorization" : "Authorization";
}

http::RequestView ViewOf(const request_rec* request) {
  http::RequestView view;
  view.http_major_version = request->connection->master != nullptr ? 2 : 1;
  const char* const credentials = apr_table_get(request->headers_in, CredentialsField(request));
  if (credentials != nullptr) {
    view.authorization.emplace_back(credentials);
  }
  return view;
}

int Fault(request_rec* request, const absl::Status& status) {
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, request, "%s", std::string(status.message()).c_str());
  return HTTP_INTERNAL_SERVER_ERROR;
}

void AddHeaders(request_rec* request, const http::HeaderList& headers) {
  for (const auto& [name, value] : headers) {
    apr_table_add(request->err_headers_out, name.c_str(), value.c_str());
  }
}

using VariableNames = std::array<std::string, web::kLoginFacts.size()>;

// "EPA_USER", in the order of the facts.
const VariableNames& Variables() {
  static const VariableNames& names = *[] {
    auto* const all = new VariableNames();
    for (size_t i = 0; i < all->size(); ++i) {
      std::string& name = (*all)[i];
      name = "epa_" + std::string(web::kLoginFacts[i].name);
      std::ranges::transform(name, name.begin(), [](char c) { return apr_toupper(c); });
    }
    return all;
  }();
  return names;
}

// The application sees who logged in, and not by what. `facts` are kept for the request.
void TellApplication(request_rec* request, const web::LoginFacts& facts) {
  static char type[] = "EPA";
  request->user = apr_pstrdup(request->pool, facts.user.c_str());
  request->ap_auth_type = type;
  for (size_t i = 0; i < Variables().size(); ++i) {
    apr_table_setn(request->subprocess_env, Variables()[i].c_str(),
                   (facts.*web::kLoginFacts[i].value).c_str());
  }
  if (!facts.credential_cache.empty()) {
    apr_table_setn(request->subprocess_env, "KRB5CCNAME", facts.credential_cache.c_str());
  }
  apr_table_unset(request->headers_in, CredentialsField(request));
}

int Serve(request_rec* request, web::SiteLogins& logins, Found& found) {
  absl::StatusOr<std::shared_ptr<const web::LoginFacts>> facts = logins.Facts();
  if (!facts.ok()) {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, request, "%s",
                  std::string(facts.status().message()).c_str());
    return HTTP_FORBIDDEN;
  }
  found.facts = *std::move(facts);
  TellApplication(request, *found.facts);
  return OK;
}

// HTTP/2 carries many requests beside each other, and a login is one connection's: the client comes
// back with HTTP/1.1 (RFC 9113 7, 0xd). mod_http2 makes that of a request that would have to
// renegotiate TLS.
int RequireHttp11(request_rec* request) {
  apr_table_setn(request->notes, "ssl-renegotiate-forbidden", "epa");
  return HTTP_FORBIDDEN;
}

int Obey(request_rec* request, web::SiteLogins& logins, const http::Verdict& verdict,
         Found& found) {
  CurrentServer()->counters().Add(verdict);
  if (!verdict.fault.ok()) {
    Fault(request, verdict.fault);
  }
  AddHeaders(request, verdict.headers);
  if (verdict.close) {
    request->connection->keepalive = AP_CONN_CLOSE;
  }
  switch (verdict.action) {
    case http::Verdict::Action::kServe:
      return Serve(request, logins, found);
    case http::Verdict::Action::kRespond:
      return verdict.status;
    case http::Verdict::Action::kHttp11Required:
      return RequireHttp11(request);
    case http::Verdict::Action::kPending:
      break;
  }
  return HTTP_INTERNAL_SERVER_ERROR;
}

int LogIn(request_rec* request, const Server& server, Found& found) {
  const http::RequestView view = ViewOf(request);
  const bool proxied = IsProxied(request);
  if (view.http_major_version != 1) {
    // Several threads serve such a connection: it gets no state, and its event no channel.
    web::SiteLogins stateless(*found.site, proxied, Channel::Tls(nullptr),
                              request->connection->client_ip);
    return Obey(request, stateless, stateless.OnRequest(view), found);
  }
  ConnectionState& connection = StateOf(request->connection);
  const absl::StatusOr<web::SiteLogins*> logins = connection.logins.LoginsAt(
      *found.site, proxied,
      [&] { return web::ChannelFor(*found.site, connection.ssl, server.certificates()); });
  if (!logins.ok()) {
    return Fault(request, logins.status());
  }
  return Obey(request, **logins, web::AwaitVerdict(**logins, view, server.pool()), found);
}

}  // namespace

int CheckLogin(request_rec* request) {
  if (!IsOurs(ap_auth_type(request))) {
    return DECLINED;
  }
  const Server* const server = CurrentServer();
  const absl::StatusOr<const web::Site*> site = server->SiteFor(ConfigOf(request));
  if (!site.ok()) {
    return Fault(request, site.status());
  }
  if (const Found* const before = Find(request, *site); before != nullptr) {
    if (before->answer == OK) {
      TellApplication(request, *before->facts);
    }
    return before->answer;
  }
  Found& found = Add(request, *site);
  found.answer = LogIn(request, *server, found);
  return found.answer;
}

int TellAgain(request_rec* request) {
  if (ClientsRequest(request) != request && IsOurs(ap_auth_type(request))) {
    if (const web::LoginFacts* const facts = LoginOf(request); facts != nullptr) {
      TellApplication(request, *facts);
    }
  }
  return DECLINED;
}

int OfferLogin(request_rec* request, const char* auth_type) {
  if (!IsOurs(auth_type)) {
    return DECLINED;
  }
  const absl::StatusOr<const web::Site*> site = CurrentServer()->SiteFor(ConfigOf(request));
  if (!site.ok()) {
    return DECLINED;
  }
  const bool proxied = IsProxied(request);
  for (const http::Scheme& scheme : (*site)->authentication(proxied)->options().schemes) {
    apr_table_add(request->err_headers_out, proxied ? "Proxy-Authenticate" : "WWW-Authenticate",
                  scheme.name.c_str());
  }
  return OK;
}

const web::LoginFacts* LoginOf(const request_rec* request) {
  const absl::StatusOr<const web::Site*> site = CurrentServer()->SiteFor(ConfigOf(request));
  const Found* const found = site.ok() ? Find(request, *site) : nullptr;
  return found == nullptr || found->answer != OK ? nullptr : found->facts.get();
}

}  // namespace epa::apache
