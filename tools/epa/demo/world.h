// The stage of the demonstration: certificates, one account, a KDC, three servers, an attacker.
#ifndef EPA_TOOLS_EPA_DEMO_WORLD_H_
#define EPA_TOOLS_EPA_DEMO_WORLD_H_

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "lib/realm/private_kdc.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/demo/audit_record.h"
#include "tools/epa/demo/relay.h"
#include "tools/epa/demo/web_server.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {

inline constexpr std::string_view kDemoUser = "alice";
// The host of every server here, and the service that clients mean.
inline constexpr std::string_view kDemoHost = "localhost";
inline constexpr std::string_view kDemoService = "HTTP/localhost";
// Another service of the realm: no server here has its key.
inline constexpr std::string_view kDemoOtherService = "HTTP/other.demo.example";

inline constexpr std::array kDemoModes = {ExtendedProtectionMode::kLegacy,
                                          ExtendedProtectionMode::kAllow,
                                          ExtendedProtectionMode::kRequire};

// One server in one mode, and the attacker's endpoint in front of it.
struct DemoSite {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  std::shared_ptr<AuditRecord> audit;
  uint16_t port = 0;
  std::unique_ptr<TcpServer> server;  // null where a web server has all of them
  std::unique_ptr<Relay> relay;

  Url ServerUrl() const;
  Url RelayUrl() const;
};

// How a client logs in.
enum class DemoPackage : uint8_t { kNtlm, kKerberos, kNegotiateKerberos, kNegotiateNtlm };

// A web server in the place of our own.
struct DemoWebServer {
  WebServerKind kind = WebServerKind::kApache;
  std::string module;  // as in WebServerOptions
};

class DemoWorld {
 public:
  // Without `directory` a temporary one is made and removed again; a given one is made if need be
  // and kept. Fails with InvalidArgument where it cannot be written, and as WebServer::Start.
  static absl::StatusOr<std::unique_ptr<DemoWorld>> Create(
      const std::optional<std::string>& directory,
      const std::optional<DemoWebServer>& web_server = std::nullopt);
  ~DemoWorld();
  DemoWorld(const DemoWorld&) = delete;
  DemoWorld& operator=(const DemoWorld&) = delete;

  std::string File(const std::string& name) const { return (directory_ / name).string(); }
  std::string CaFile() const { return File("ca.pem"); }
  // The user of the demonstration, "DEMO\alice"; by Kerberos "alice@DEMO.EXAMPLE".
  std::string user() const;
  const std::string& password() const { return password_; }
  const std::vector<DemoSite>& sites() const { return sites_; }

  // Null where there is no KDC software on this machine: then nothing of Kerberos is there.
  const PrivateKdc* kdc() const { return kdc_.get(); }
  // A credential cache of the user, for other programs: its full name. Empty without kinit.
  const std::string& tickets() const { return tickets_; }

  // The user's with the right password, and with a wrong one.
  std::shared_ptr<const Credentials> client(DemoPackage package) const;
  std::shared_ptr<const Credentials> wrong_client(DemoPackage package) const;
  // Kerberos as without the update: binds, and does not say that it knows bindings.
  std::shared_ptr<const Credentials> unmarked_client() const { return unmarked_client_; }
  // The channel of a connection that ends at the servers' certificate, and at the attacker's.
  absl::StatusOr<Channel> ServersChannel() const { return ChannelOf("server.pem"); }
  absl::StatusOr<Channel> AttackersChannel() const { return ChannelOf("attacker.pem"); }

 private:
  DemoWorld(std::filesystem::path directory, bool keep)
      : directory_(std::move(directory)), keep_(keep) {}
  absl::Status Build(const std::optional<DemoWebServer>& web_server);
  absl::Status WriteFiles();
  absl::StatusOr<Channel> ChannelOf(const std::string& certificate) const;
  absl::Status StartKdc();
  absl::Status MakeClients();
  absl::StatusOr<PackageSet> ServerPackageSet() const;
  absl::Status OpenOwnSites();
  absl::StatusOr<DemoSite> OwnSite(ExtendedProtectionMode mode, const PackageSet& packages) const;
  absl::Status OpenWebSites(const DemoWebServer& wanted);
  // With the attacker in front of it.
  absl::Status AddSite(DemoSite site);

  using ClientMap = std::map<DemoPackage, std::shared_ptr<const Credentials>>;
  absl::StatusOr<ClientMap> ClientsWith(const std::string& password) const;

  const std::filesystem::path directory_;
  const bool keep_;
  std::string password_;
  std::unique_ptr<PrivateKdc> kdc_;
  std::string tickets_;
  ClientMap clients_;
  ClientMap wrong_clients_;
  std::shared_ptr<const Credentials> unmarked_client_;
  std::unique_ptr<WebServer> web_server_;
  std::vector<DemoSite> sites_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_WORLD_H_
