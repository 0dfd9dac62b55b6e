#include "modules/apache/server.h"

#include <http_log.h>
#include <http_main.h>

#include <set>

#include "lib/base/status_macros.h"
#include "modules/apache/pool_object.h"
#include "modules/web/directives.h"
#include "modules/web/pending.h"

APLOG_USE_MODULE(auth_epa);

namespace epa::apache {
namespace {

Server* current_server = nullptr;

void Observe(std::string_view what, const absl::Status& status) {
  const web::FileReport report = web::ReportOn(what, status);
  ap_log_error(APLOG_MARK, report.alarming ? APLOG_WARNING : APLOG_INFO, 0, ap_server_conf, "%s",
               report.text.c_str());
}

const Said* SaidByServer(const server_rec* server) {
  const auto* const config = static_cast<const DirectoryConfig*>(
      ap_get_module_config(server->lookup_defaults, &auth_epa_module));
  return config == nullptr ? nullptr : config->server;
}

DirectoryConfig* NewConfig(apr_pool_t* pool) {
  return new (apr_palloc(pool, sizeof(DirectoryConfig))) DirectoryConfig();
}

}  // namespace

Server::Server() : sites_(web::ApacheDirective, Observe) {}

void Server::AddSection(const server_rec* server, const Said* section) {
  sections_.emplace_back(server, section);
}

absl::Status Server::MakeSite(const Said* server, const Said* section) {
  static const Said& nothing = *new Said();
  const web::SiteSettings& base = server == nullptr ? nothing.settings : server->settings;
  absl::StatusOr<const web::Site*> site =
      sites_.Get(section == nullptr ? base : web::Inherit(base, section->settings));
  if (!site.ok() && site.status().message().find(": Epa") == std::string_view::npos) {
    const std::string& place = section != nullptr ? section->place : server->place;
    site = absl::Status(site.status().code(), place + ": " + std::string(site.status().message()));
  }
  places_.insert_or_assign({server, section}, site);
  return site.status();
}

absl::Status Server::MakeSites(const server_rec* main_server) {
  std::set<const Said*> with_sections;
  for (const server_rec* server = main_server; server != nullptr; server = server->next) {
    const Said* const said = SaidByServer(server);
    for (const auto& [where, section] : sections_) {
      if (where == main_server || where == server) {
        EPA_RETURN_IF_ERROR(MakeSite(said, section));
        with_sections.insert(said);
      }
    }
  }
  for (const server_rec* server = main_server; server != nullptr; server = server->next) {
    const Said* const said = SaidByServer(server);
    if (said == nullptr || said->settings.empty()) {
      continue;
    }
    // What a server says for its sections need not be complete: requests outside of them are then
    // refused.
    const absl::Status made = MakeSite(said, nullptr);
    if (!with_sections.contains(said)) {
      EPA_RETURN_IF_ERROR(made);
    }
  }
  return absl::OkStatus();
}

absl::Status Server::MakeCertificates() {
  EPA_ASSIGN_OR_RETURN(certificates_, web::TlsCertificates::Create(contexts_));
  return absl::OkStatus();
}

absl::Status Server::StartPool(int serving_threads) {
  EPA_ASSIGN_OR_RETURN(pool_, web::CreatePool(serving_threads));
  return absl::OkStatus();
}

absl::Status Server::StartCounting() {
  EPA_ASSIGN_OR_RETURN(counters_, Counters::Create());
  return absl::OkStatus();
}

absl::StatusOr<const web::Site*> Server::SiteFor(const DirectoryConfig& config) const {
  const auto found = places_.find({config.server, config.section});
  return found != places_.end()
             ? found->second
             : absl::FailedPreconditionError("AuthType EPA, and no directive of it");
}

Server* CurrentServer() { return current_server; }

void BeginServer(apr_pool_t* pool) {
  current_server = NewIn<Server>(pool);
  apr_pool_cleanup_register(
      pool, current_server,
      [](void* ended) {
        if (current_server == ended) {
          current_server = nullptr;
        }
        return APR_SUCCESS;
      },
      apr_pool_cleanup_null);
}

void* CreateDirectoryConfig(apr_pool_t* pool, char* directory) {
  DirectoryConfig* const config = NewConfig(pool);
  (directory == nullptr ? config->server : config->section) = NewIn<Said>(pool);
  return config;
}

void* MergeDirectoryConfigs(apr_pool_t* pool, void* base, void* over) {
  const auto* const below = static_cast<const DirectoryConfig*>(base);
  const auto* const above = static_cast<const DirectoryConfig*>(over);
  DirectoryConfig* const merged = NewConfig(pool);
  *merged = *below;
  if (above->section != nullptr && !above->section->settings.empty()) {
    merged->section = above->section;
  }
  if (above->server != nullptr && below->server != nullptr) {
    auto* const said = NewIn<Said>(pool);
    said->settings = web::Inherit(below->server->settings, above->server->settings);
    said->place = above->server->place.empty() ? below->server->place : above->server->place;
    merged->server = said;
  } else if (above->server != nullptr) {
    merged->server = above->server;
  }
  return merged;
}

}  // namespace epa::apache
