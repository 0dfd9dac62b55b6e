#include "modules/nginx/bridge.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "epa/service/setting.h"
#include "lib/base/status_macros.h"
#include "modules/web/connection.h"
#include "modules/web/directives.h"
#include "modules/web/login_facts.h"
#include "modules/web/site.h"

namespace {

using epa::service::Setting;
using epa::service::SettingKind;

struct Directive {
  std::string name;
  const Setting* setting;  // null: one of a configuration file
};

// The places of those two behind the settings.
constexpr std::string_view kConfiguration = "configuration";
constexpr std::string_view kService = "service";

const std::vector<Directive>& Directives() {
  static const std::vector<Directive>& directives = *[] {
    auto* const all = new std::vector<Directive>();
    for (const Setting& setting : epa::service::Settings()) {
      if (epa::web::IsDirective(setting)) {
        all->push_back({epa::web::NginxDirective(setting.name), &setting});
      }
    }
    for (const std::string_view name : {kConfiguration, kService}) {
      all->push_back({epa::web::NginxDirective(name), nullptr});
    }
    return all;
  }();
  return directives;
}

std::string Copy(epa_text text) { return std::string(text.data, text.size); }
epa_text View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct epa_said {
  epa::web::SiteSettings settings;
};

struct epa_server {
  explicit epa_server(epa::service::ServiceObserver observer)
      : sites(epa::web::NginxDirective, std::move(observer)) {}

  int Fail(const absl::Status& status) {
    error = std::string(status.message());
    return status.ok() ? 0 : 1;
  }

  epa::web::Sites sites;
  std::deque<epa_said> said;
  std::unique_ptr<const epa::web::TlsCertificates> certificates;
  std::string error;
};

struct epa_connection {
  explicit epa_connection(std::string peer) : logins(std::move(peer)) {}
  epa::web::Connection logins;
};

struct epa_exchange {
  // Takes what an authenticator says.
  void Take(epa::http::Verdict said);

  const epa::web::Site* site = nullptr;
  // Of the connection, or of this request alone.
  epa::web::SiteLogins* logins = nullptr;
  std::unique_ptr<epa::web::SiteLogins> stateless;
  epa::http::Verdict verdict;
  epa_action action = EPA_RESPOND;
  std::string fault;
  // Where the action is EPA_SERVE.
  std::shared_ptr<const epa::web::LoginFacts> facts;
};

void epa_exchange::Take(epa::http::Verdict said) {
  verdict = std::move(said);
  fault = std::string(verdict.fault.message());
  switch (verdict.action) {
    case epa::http::Verdict::Action::kServe: {
      auto told = logins->Facts();
      action = told.ok() ? EPA_SERVE : EPA_FORBIDDEN;
      fault = std::string(told.status().message());
      if (told.ok()) {
        facts = *std::move(told);
      }
      return;
    }
    case epa::http::Verdict::Action::kRespond:
      action = EPA_RESPOND;
      return;
    case epa::http::Verdict::Action::kPending:
      action = EPA_PENDING;
      return;
    case epa::http::Verdict::Action::kHttp11Required:
      action = EPA_HTTP_1_1_REQUIRED;
      return;
  }
}

extern "C" {

size_t epa_directive_count(void) { return Directives().size(); }

epa_directive epa_directive_at(size_t index) {
  const Directive& directive = Directives()[index];
  return {directive.name.c_str(),
          directive.setting != nullptr && directive.setting->repeatable ? 1 : 0};
}

epa_server* epa_server_create(void (*report)(int alarming, epa_text line)) {
  return new epa_server([report](std::string_view what, const absl::Status& status) {
    const epa::web::FileReport said = epa::web::ReportOn(what, status);
    report(said.alarming ? 1 : 0, View(said.text));
  });
}

void epa_server_destroy(epa_server* server) { delete server; }

epa_text epa_server_error(const epa_server* server) { return View(server->error); }

epa_said* epa_said_create(epa_server* server) { return &server->said.emplace_back(); }

int epa_said_add(epa_server* server, epa_said* said, size_t directive, epa_text value,
                 const char* where, const char* folder) {
  const Directive& spoken = Directives()[directive];
  if (spoken.setting == nullptr) {
    const bool file = spoken.name == epa::web::NginxDirective(kConfiguration);
    std::string& place = file ? said->settings.configuration : said->settings.service;
    place = Copy(value);
    if (file && !place.starts_with('/')) {
      place = std::string(folder) + place;
    }
    return 0;
  }
  epa::service::GivenSetting given;
  given.name = spoken.setting->name;
  given.value = epa::web::SettingValue(*spoken.setting, std::string_view(value.data, value.size));
  given.where = spoken.name;
  given.folder = folder;
  const absl::Status checked = epa::web::CheckDirective(given, epa::web::NginxDirective);
  given.where = std::string(where) + ": " + spoken.name;
  said->settings.given.push_back(std::move(given));
  return server->Fail(checked);
}

epa_said* epa_said_inherit(epa_server* server, epa_said* base, epa_said* over) {
  if (base == nullptr || over == nullptr) {
    return base == nullptr ? over : base;
  }
  return &server->said.emplace_back(epa_said{epa::web::Inherit(base->settings, over->settings)});
}

const epa_site* epa_site_make(epa_server* server, const epa_said* said, const char* where) {
  static const epa_said& nothing = *new epa_said();
  const absl::StatusOr<const epa::web::Site*> site =
      server->sites.Get(said == nullptr ? nothing.settings : said->settings);
  if (!site.ok()) {
    server->Fail(site.status());
    if (server->error.find(": auth_epa_") == std::string::npos) {
      server->error = std::string(where) + ": " + server->error;
    }
    return nullptr;
  }
  return reinterpret_cast<const epa_site*>(*site);
}

int epa_server_set_tls(epa_server* server, void* const* contexts, size_t count) {
  std::vector<SSL_CTX*> all;
  for (size_t i = 0; i < count; ++i) {
    all.push_back(static_cast<SSL_CTX*>(contexts[i]));
  }
  auto certificates = epa::web::TlsCertificates::Create(all);
  if (certificates.ok()) {
    server->certificates = *std::move(certificates);
  }
  return server->Fail(certificates.status());
}

epa_connection* epa_connection_create(epa_text peer) { return new epa_connection(Copy(peer)); }
void epa_connection_destroy(epa_connection* connection) { delete connection; }
int epa_connection_half_way(const epa_connection* connection) {
  return connection->logins.half_way() ? 1 : 0;
}

epa_exchange* epa_exchange_begin(const epa_server* server, const epa_site* place,
                                 epa_connection* connection, void* ssl,
                                 const epa_text* authorization, size_t count) {
  auto* const exchange = new epa_exchange();
  const auto* const site = reinterpret_cast<const epa::web::Site*>(place);
  exchange->site = site;
  epa::http::RequestView view;
  view.http_major_version = connection == nullptr ? 2 : 1;
  for (size_t i = 0; i < count; ++i) {
    view.authorization.emplace_back(authorization[i].data, authorization[i].size);
  }
  if (connection == nullptr) {
    exchange->stateless = std::make_unique<epa::web::SiteLogins>(
        *site, false, epa::Channel::Tls(nullptr), std::string());
    exchange->logins = exchange->stateless.get();
  } else {
    const auto logins = connection->logins.LoginsAt(*site, false, [&] {
      return epa::web::ChannelFor(*site, static_cast<SSL*>(ssl), *server->certificates);
    });
    if (!logins.ok()) {
      exchange->verdict.status = 500;
      exchange->fault = std::string(logins.status().message());
      return exchange;
    }
    exchange->logins = *logins;
  }
  exchange->Take(exchange->logins->OnRequest(view));
  return exchange;
}

void epa_exchange_destroy(epa_exchange* exchange) { delete exchange; }

void epa_exchange_run(epa_exchange* exchange) { exchange->verdict.pending_work->Run(); }

void epa_exchange_resume(epa_exchange* exchange) {
  std::unique_ptr<epa::PendingWork> work = std::move(exchange->verdict.pending_work);
  exchange->Take(exchange->logins->Resume(std::move(work)));
}

const epa_site* epa_exchange_site(const epa_exchange* exchange) {
  return reinterpret_cast<const epa_site*>(exchange->site);
}
epa_action epa_exchange_action(const epa_exchange* exchange) { return exchange->action; }
int epa_exchange_status(const epa_exchange* exchange) { return exchange->verdict.status; }
int epa_exchange_closes(const epa_exchange* exchange) { return exchange->verdict.close ? 1 : 0; }
epa_text epa_exchange_fault(const epa_exchange* exchange) { return View(exchange->fault); }
size_t epa_exchange_header_count(const epa_exchange* exchange) {
  return exchange->verdict.headers.size();
}
void epa_exchange_header(const epa_exchange* exchange, size_t index, epa_text* name,
                         epa_text* value) {
  *name = View(exchange->verdict.headers[index].first);
  *value = View(exchange->verdict.headers[index].second);
}

size_t epa_fact_count(void) { return epa::web::kLoginFacts.size(); }

epa_text epa_fact_name(size_t fact) {
  static const std::vector<std::string>& names = *[] {
    auto* const all = new std::vector<std::string>();
    for (const epa::web::LoginFact& one : epa::web::kLoginFacts) {
      all->push_back("epa_" + std::string(one.name));
    }
    return all;
  }();
  return View(names[fact]);
}

epa_text epa_exchange_fact(const epa_exchange* exchange, size_t fact) {
  return exchange->facts == nullptr ? epa_text{}
                                    : View((*exchange->facts).*epa::web::kLoginFacts[fact].value);
}

}  // extern "C"
