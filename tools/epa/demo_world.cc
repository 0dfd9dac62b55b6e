#include "tools/epa/demo_world.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "epa/base/random.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "tools/epa/http_schemes.h"
#include "tools/epa/throwaway_certificates.h"

namespace epa::tool {
namespace {

constexpr std::string_view kDomain = "DEMO";
constexpr std::string_view kUser = "alice";
constexpr char kLoopback[] = "127.0.0.1";

absl::Status WriteSecretFile(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (fd >= 0) {
    close(fd);
  }
  return written ? absl::OkStatus()
                 : absl::InvalidArgumentError("cannot write " + path + ": " + std::strerror(error));
}

std::string RandomPassword() {
  std::array<uint8_t, 12> octets{};
  SystemRandom().Fill(octets);
  return EncodeHex(octets);
}

absl::StatusOr<std::shared_ptr<const Credentials>> ClientWith(const std::string& user,
                                                              std::string_view password) {
  ntlm::InitiatorOptions options;
  options.user = user;
  options.password = SecretBytes::FromText(password);
  return ntlm::CreateInitiatorCredentials(std::move(options));
}

Url LoopbackUrl(uint16_t port) { return {true, {kLoopback, port}, "/"}; }

}  // namespace

void RecordingAuditSink::OnEvent(const AuditEvent& event) {
  const std::lock_guard lock(mutex_);
  if (event.outcome == AuditOutcome::kAccepted || event.outcome == AuditOutcome::kRefused) {
    last_ = event;
  }
}

std::optional<AuditEvent> RecordingAuditSink::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(last_, std::nullopt);
}

Url DemoSite::ServerUrl() const { return LoopbackUrl(server->port()); }
Url DemoSite::RelayUrl() const { return LoopbackUrl(relay->port()); }

absl::StatusOr<std::unique_ptr<DemoWorld>> DemoWorld::Create(
    const std::optional<std::string>& directory) {
  std::unique_ptr<DemoWorld> world;
  if (directory.has_value()) {
    std::error_code error;
    std::filesystem::create_directories(*directory, error);
    if (error) {
      return absl::InvalidArgumentError("cannot make " + *directory + ": " + error.message());
    }
    world.reset(new DemoWorld(*directory, true));
  } else {
    std::string name = (std::filesystem::temp_directory_path() / "epa-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      return absl::InternalError("cannot make " + name + ": " + std::strerror(errno));
    }
    world.reset(new DemoWorld(name, false));
  }
  EPA_RETURN_IF_ERROR(world->Build());
  return world;
}

DemoWorld::~DemoWorld() {
  sites_.clear();
  if (!keep_) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
}

std::string DemoWorld::user() const { return std::string(kDomain) + "\\" + std::string(kUser); }

absl::Status DemoWorld::WriteFiles() {
  EPA_ASSIGN_OR_RETURN(const ThrowawayAuthority authority, ThrowawayAuthority::Create());
  EPA_RETURN_IF_ERROR(authority.WriteCertificate(CaFile()));
  EPA_RETURN_IF_ERROR(authority.Issue("the real server", File("server.pem"), File("server.key")));
  EPA_RETURN_IF_ERROR(authority.Issue("the attacker", File("attacker.pem"), File("attacker.key")));
  EPA_RETURN_IF_ERROR(WriteSecretFile(File("password"), password_ + "\n"));
  return WriteSecretFile(File("accounts"),
                         std::string(kDomain) + ":" + std::string(kUser) + ":" + password_ + "\n");
}

absl::Status DemoWorld::MakeClients() {
  EPA_ASSIGN_OR_RETURN(client_, ClientWith(user(), password_));
  EPA_ASSIGN_OR_RETURN(wrong_client_, ClientWith(user(), "not " + password_));
  return absl::OkStatus();
}

absl::Status DemoWorld::Build() {
  password_ = RandomPassword();
  EPA_RETURN_IF_ERROR(WriteFiles());
  EPA_RETURN_IF_ERROR(MakeClients());
  ntlm::AcceptorOptions options;
  EPA_ASSIGN_OR_RETURN(options.authority, ntlm::CreateFileAuthority(File("accounts")));
  EPA_ASSIGN_OR_RETURN(const std::shared_ptr<const Credentials> credentials,
                       ntlm::CreateAcceptorCredentials(std::move(options)));
  for (const ExtendedProtectionMode mode : kDemoModes) {
    EPA_RETURN_IF_ERROR(OpenSite(mode, credentials));
  }
  return absl::OkStatus();
}

absl::Status DemoWorld::OpenSite(ExtendedProtectionMode mode,
                                 const std::shared_ptr<const Credentials>& credentials) {
  ExtendedProtectionOptions policy_options;
  policy_options.mode = mode;
  EPA_ASSIGN_OR_RETURN(ExtendedProtectionPolicy policy,
                       ExtendedProtectionPolicy::Create(std::move(policy_options)));
  DemoSite site;
  site.mode = mode;
  site.audit = std::make_shared<RecordingAuditSink>();
  http::AuthenticatorOptions authentication;
  authentication.schemes = HttpSchemesFor({}, credentials);
  authentication.policy = std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
  authentication.audit = site.audit;
  HttpsServerOptions server;
  server.key_pairs = {{File("server.pem"), File("server.key")}};
  EPA_ASSIGN_OR_RETURN(server.authentication,
                       http::AuthenticatorConfig::Create(std::move(authentication)));
  EPA_ASSIGN_OR_RETURN(site.server, HttpsServer::Create(std::move(server)));
  site.server->Start();
  EPA_ASSIGN_OR_RETURN(
      site.relay, Relay::Start({File("attacker.pem"), File("attacker.key")}, site.server->port()));
  sites_.push_back(std::move(site));
  return absl::OkStatus();
}

absl::StatusOr<Channel> DemoWorld::AttackersChannel() const {
  EPA_ASSIGN_OR_RETURN(const X509Ptr certificate, LoadCertificate(File("attacker.pem")));
  EPA_ASSIGN_OR_RETURN(tls::EndpointBinding binding,
                       tls::EndpointBindingOf(certificate.get(), tls::UndefinedHashRule::kFail));
  return Channel::Tls(*std::move(binding.bindings));
}

}  // namespace epa::tool
