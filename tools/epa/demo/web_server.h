// A real web server with the module of this project, one port in each mode.
#ifndef EPA_TOOLS_EPA_DEMO_WEB_SERVER_H_
#define EPA_TOOLS_EPA_DEMO_WEB_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/realm/child_process.h"
#include "lib/realm/loopback_port.h"

namespace epa::tool {

enum class WebServerKind : uint8_t { kApache, kNginx };

struct WebServerOptions {
  WebServerKind kind = WebServerKind::kApache;
  std::string module;  // the path of the module; empty: where Debian's package puts it
  // Where its files go; whoever owns this process can write there.
  std::string directory;
  std::string certificate;
  std::string key;
  std::string accounts;
  std::string keytab;  // empty: no Kerberos
  std::string krb5_config;
};

class WebServer {
 public:
  // Unavailable, with the server's own words, where it does not start.
  static absl::StatusOr<std::unique_ptr<WebServer>> Start(WebServerOptions options);
  // Ends it and all of its processes.
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  // Of the server in that mode.
  uint16_t port(int mode) const;
  std::string audit_file(int mode) const;

 private:
  explicit WebServer(WebServerOptions options);
  std::string Settings(int mode) const;
  std::string ApacheConfiguration() const;
  std::string NginxConfiguration() const;
  std::vector<std::string> Command() const;
  std::string File(const std::string& name) const { return options_.directory + "/" + name; }
  std::string Complaint() const;

  const WebServerOptions options_;
  std::vector<ReservedLoopbackPort> ports_;
  std::unique_ptr<Companion> process_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_WEB_SERVER_H_
