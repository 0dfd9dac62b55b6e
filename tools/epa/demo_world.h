// The stage of the demonstration: certificates, one account, three servers, an attacker.
#ifndef EPA_TOOLS_EPA_DEMO_WORLD_H_
#define EPA_TOOLS_EPA_DEMO_WORLD_H_

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/security_package.h"
#include "tools/epa/demo_relay.h"
#include "tools/epa/https_server.h"

namespace epa::tool {

inline constexpr std::array kDemoModes = {ExtendedProtectionMode::kLegacy,
                                          ExtendedProtectionMode::kAllow,
                                          ExtendedProtectionMode::kRequire};

// Keeps the events of one server.
class RecordingAuditSink final : public AuditSink {
 public:
  void OnEvent(const AuditEvent& event) override;
  // The last login that was accepted or refused since the last call.
  std::optional<AuditEvent> Take();

 private:
  std::mutex mutex_;
  std::optional<AuditEvent> last_;
};

// One server in one mode, and the attacker's endpoint in front of it.
struct DemoSite {
  ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire;
  std::shared_ptr<RecordingAuditSink> audit;
  std::unique_ptr<HttpsServer> server;
  std::unique_ptr<Relay> relay;

  Url ServerUrl() const;
  Url RelayUrl() const;
};

class DemoWorld {
 public:
  // Without `directory` a temporary one is made and removed again; a given one is made if need be
  // and kept. Fails with InvalidArgument where it cannot be written.
  static absl::StatusOr<std::unique_ptr<DemoWorld>> Create(
      const std::optional<std::string>& directory);
  ~DemoWorld();
  DemoWorld(const DemoWorld&) = delete;
  DemoWorld& operator=(const DemoWorld&) = delete;

  std::string File(const std::string& name) const { return (directory_ / name).string(); }
  std::string CaFile() const { return File("ca.pem"); }
  // The user of the demonstration, "DEMO\alice".
  std::string user() const;
  const std::string& password() const { return password_; }
  const std::vector<DemoSite>& sites() const { return sites_; }

  std::shared_ptr<const Credentials> client_credentials() const { return client_; }
  std::shared_ptr<const Credentials> wrong_credentials() const { return wrong_client_; }
  // The channel of a connection that ends at the attacker's certificate.
  absl::StatusOr<Channel> AttackersChannel() const;

 private:
  DemoWorld(std::filesystem::path directory, bool keep)
      : directory_(std::move(directory)), keep_(keep) {}
  absl::Status Build();
  absl::Status WriteFiles();
  absl::Status MakeClients();
  absl::Status OpenSite(ExtendedProtectionMode mode,
                        const std::shared_ptr<const Credentials>& credentials);

  const std::filesystem::path directory_;
  const bool keep_;
  std::string password_;
  std::shared_ptr<const Credentials> client_;
  std::shared_ptr<const Credentials> wrong_client_;
  std::vector<DemoSite> sites_;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DEMO_WORLD_H_
