#include "tools/epa/demo/web_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/demo/secret_file.h"

namespace epa::tool {
namespace {

constexpr int kModes = 3;
constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kPause{20};

std::string ModuleOf(const WebServerOptions& options) {
  if (!options.module.empty()) {
    return options.module;
  }
  return options.kind == WebServerKind::kApache
             ? "/usr/lib/apache2/modules/mod_auth_epa.so"
             : "/usr/lib/nginx/modules/ngx_http_auth_epa_module.so";
}

bool IsRoot() { return geteuid() == 0; }

}  // namespace

WebServer::WebServer(WebServerOptions options)
    : options_(std::move(options)), ports_(static_cast<size_t>(kModes)) {}

uint16_t WebServer::port(int mode) const {
  return static_cast<uint16_t>(ports_[static_cast<size_t>(mode)].number());
}

std::string WebServer::audit_file(int mode) const {
  return File("audit-" + std::to_string(mode) + ".json");
}

std::string WebServer::Settings(int mode) const {
  std::string text;
  const auto say = [this, &text](const char* apache, const char* nginx, const std::string& value) {
    text += options_.kind == WebServerKind::kApache ? apache + (" \"" + value) + "\"\n"
                                                    : nginx + (" \"" + value) + "\";\n";
  };
  say("EpaExtendedProtection", "auth_epa_extended_protection", std::to_string(mode));
  say("EpaAudit", "auth_epa_audit", audit_file(mode));
  say("EpaPackage", "auth_epa_package", "Negotiate");
  say("EpaPackage", "auth_epa_package", "NTLM");
  say("EpaAccounts", "auth_epa_accounts", options_.accounts);
  if (!options_.keytab.empty()) {
    say("EpaKeytab", "auth_epa_keytab", options_.keytab);
    say("EpaKrb5Config", "auth_epa_krb5_config", options_.krb5_config);
  }
  return text;
}

std::string WebServer::ApacheConfiguration() const {
  std::string text;
  for (const char* module :
       {"mpm_event", "authn_core", "authz_core", "authz_user", "ssl", "status"}) {
    text += std::string("LoadModule ") + module + "_module /usr/lib/apache2/modules/mod_" + module +
            ".so\n";
  }
  text += "LoadModule auth_epa_module " + ModuleOf(options_) + "\n";
  text += "ServerName localhost\nServerRoot " + options_.directory + "\nDefaultRuntimeDir " +
          options_.directory + "\nPidFile " + File("server.pid") + "\nErrorLog " +
          File("error.log") + "\nUser www-data\nGroup www-data\nStartServers 1\n";
  for (int mode = 0; mode < kModes; ++mode) {
    const std::string address = "127.0.0.1:" + std::to_string(port(mode));
    text += "Listen " + address + "\n<VirtualHost " + address + ">\nSSLEngine on\n" +
            "SSLCertificateFile " + options_.certificate + "\nSSLCertificateKeyFile " +
            options_.key + "\n<Location />\nSetHandler server-status\nAuthType EPA\n" +
            "AuthName demo\nRequire valid-user\n" + Settings(mode) + "</Location>\n" +
            "</VirtualHost>\n";
  }
  return text;
}

std::string WebServer::NginxConfiguration() const {
  std::string text = "load_module " + ModuleOf(options_) + ";\n" +
                     (IsRoot() ? "user www-data;\n" : "") + "daemon off;\nworker_processes 1;\n" +
                     "env KRB5RCACHENAME;\npid " + File("server.pid") + ";\nerror_log " +
                     File("error.log") + ";\nevents {}\nhttp {\naccess_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += std::string(kind) + "_temp_path " + File(kind) + ";\n";
  }
  for (int mode = 0; mode < kModes; ++mode) {
    text += "server {\nlisten 127.0.0.1:" + std::to_string(port(mode)) + " ssl;\nssl_certificate " +
            options_.certificate + ";\nssl_certificate_key " + options_.key +
            ";\nlocation / {\nauth_epa on;\nstub_status;\n" + Settings(mode) + "}\n}\n";
  }
  return text + "}\n";
}

std::vector<std::string> WebServer::Command() const {
  if (options_.kind == WebServerKind::kApache) {
    return {"/usr/sbin/apache2", "-f", File("httpd.conf"), "-D", "FOREGROUND"};
  }
  return {"/usr/sbin/nginx", "-p", options_.directory, "-e",
          File("error.log"), "-c", File("nginx.conf")};
}

// Its first line that tells of an error.
std::string WebServer::Complaint() const {
  std::vector<std::string> check = Command();
  if (options_.kind == WebServerKind::kApache) {
    check.resize(check.size() - 2);
  }
  check.emplace_back("-t");
  const absl::StatusOr<ChildResult> said = RunChild(check, {.keep_errors = true});
  return said.ok() ? said->output.substr(0, said->output.find('\n'))
                   : std::string(said.status().message());
}

// A server that is killed leaves its processes behind; one that is asked to end does not.
WebServer::~WebServer() {
  std::ifstream file(File("server.pid"));
  pid_t process = 0;
  if (process_ == nullptr || process_->HasEnded() || !(file >> process) || process <= 1 ||
      kill(process, SIGTERM) != 0) {
    return;
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!process_->HasEnded() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPause);
  }
}

absl::StatusOr<std::unique_ptr<WebServer>> WebServer::Start(WebServerOptions options) {
  std::unique_ptr<WebServer> server(new WebServer(std::move(options)));
  const bool apache = server->options_.kind == WebServerKind::kApache;
  // Kerberos' replay cache is written by the server's own user.
  const std::string replays = server->File("replays");
  mkdir(replays.c_str(), 0700);
  constexpr mode_t kForAll = 01777;
  constexpr mode_t kPassable = 0711;
  if (IsRoot() && (chmod(replays.c_str(), kForAll) != 0 ||
                   chmod(server->options_.directory.c_str(), kPassable) != 0)) {
    return absl::UnavailableError("cannot make " + replays);
  }
  EPA_RETURN_IF_ERROR(
      WriteSecretFile(server->File(apache ? "httpd.conf" : "nginx.conf"),
                      apache ? server->ApacheConfiguration() : server->NginxConfiguration()));
  EPA_ASSIGN_OR_RETURN(
      server->process_,
      Companion::Start(server->Command(), {"KRB5RCACHENAME=file2:" + replays + "/cache"}));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (int mode = 0; mode < kModes; ++mode) {
    while (!LoopbackPortAnswers(server->port(mode))) {
      if (server->process_->HasEnded() || std::chrono::steady_clock::now() > deadline) {
        return absl::UnavailableError("the web server does not start: " + server->Complaint());
      }
      std::this_thread::sleep_for(kPause);
    }
  }
  return server;
}

}  // namespace epa::tool
