#include "tools/epa/demo/world.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "epa/base/random.h"
#include "epa/defaults/defaults.h"
#include "epa/ntlm/authority.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "tools/epa/demo/secret_file.h"
#include "tools/epa/demo/throwaway_certificates.h"
#include "tools/epa/serve/https_site.h"

namespace epa::tool {
namespace {

constexpr std::string_view kDomain = "DEMO";
constexpr std::string_view kRealm = "DEMO.EXAMPLE";

// What a folder has that a demonstration wrote.
constexpr std::string_view kMark = "written-by-epa-demo";

// A folder of one's own with other files, which may have the same names, is left alone.
absl::Status TakePossession(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const bool is_empty = !error && std::filesystem::is_empty(directory, error);
  if (error) {
    return absl::InvalidArgumentError("cannot make " + directory.string() + ": " + error.message());
  }
  if (!is_empty && !std::filesystem::exists(directory / kMark)) {
    return absl::InvalidArgumentError("--dir " + directory.string() +
                                      ": there are files that no demonstration wrote");
  }
  return WriteSecretFile((directory / kMark).string(), "epa demo may write here again.\n");
}

std::string RandomPassword() {
  std::array<uint8_t, 12> octets{};
  SystemRandom().Fill(octets);
  return EncodeHex(octets);
}

ntlm::InitiatorOptions NtlmClient(const std::string& user, std::string_view password) {
  ntlm::InitiatorOptions options;
  options.user = user;
  options.password = SecretBytes::FromText(password);
  return options;
}

kerberos::InitiatorOptions KerberosClient(const PrivateKdc& kdc, std::string_view password) {
  kerberos::InitiatorOptions options;
  options.principal = std::string(kDemoUser) + "@" + kdc.realm();
  options.password = SecretBytes::FromText(password);
  options.configuration.contents = kdc.configuration();
  return options;
}

Url LoopbackUrl(uint16_t port) { return {true, {std::string(kDemoHost), port}, "/"}; }

}  // namespace

Url DemoSite::ServerUrl() const { return LoopbackUrl(port); }
Url DemoSite::RelayUrl() const { return LoopbackUrl(relay->port()); }

absl::StatusOr<std::unique_ptr<DemoWorld>> DemoWorld::Create(
    const std::optional<std::string>& directory, const std::optional<DemoWebServer>& web_server) {
  std::unique_ptr<DemoWorld> world;
  if (directory.has_value()) {
    EPA_RETURN_IF_ERROR(TakePossession(*directory));
    world.reset(new DemoWorld(*directory, true));
  } else {
    std::string name = (std::filesystem::temp_directory_path() / "epa-demo-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      return absl::InternalError("cannot make " + name + ": " + std::strerror(errno));
    }
    world.reset(new DemoWorld(name, false));
  }
  EPA_RETURN_IF_ERROR(world->Build(web_server));
  return world;
}

DemoWorld::~DemoWorld() {
  sites_.clear();
  web_server_.reset();
  kdc_.reset();
  if (!keep_) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
}

std::string DemoWorld::user() const { return std::string(kDomain) + "\\" + std::string(kDemoUser); }

absl::Status DemoWorld::WriteFiles() {
  EPA_ASSIGN_OR_RETURN(const ThrowawayAuthority authority, ThrowawayAuthority::Create());
  EPA_RETURN_IF_ERROR(authority.WriteCertificate(CaFile()));
  EPA_RETURN_IF_ERROR(authority.Issue("the real server", File("server.pem"), File("server.key")));
  EPA_RETURN_IF_ERROR(authority.Issue("the attacker", File("attacker.pem"), File("attacker.key")));
  EPA_RETURN_IF_ERROR(WriteSecretFile(File("password"), password_ + "\n"));
  return WriteSecretFile(File("accounts"), std::string(kDomain) + ":" + std::string(kDemoUser) +
                                               ":" + password_ + "\n");
}

absl::Status DemoWorld::StartKdc() {
  if (!PrivateKdc::IsInstalled()) {
    return absl::OkStatus();
  }
  KdcOptions options;
  options.realm = kRealm;
  options.hosts = {std::string(kDemoHost), ".demo.example"};
  options.users = {{std::string(kDemoUser), password_}};
  options.services = {std::string(kDemoService)};
  options.commands = {"addprinc -randkey " + std::string(kDemoOtherService)};
  options.directory = File("kdc");
  EPA_ASSIGN_OR_RETURN(kdc_, PrivateKdc::Start(std::move(options)));
  if (kdc_->Login(std::string(kDemoUser), File("ccache")).ok()) {
    tickets_ = "FILE:" + File("ccache");
  }
  return WriteSecretFile(File("aware.conf"),
                         "[libdefaults]\n client_aware_channel_bindings = true\n");
}

absl::StatusOr<DemoWorld::ClientMap> DemoWorld::ClientsWith(const std::string& password) const {
  ClientMap clients;
  EPA_ASSIGN_OR_RETURN(clients[DemoPackage::kNtlm],
                       ntlm::CreateInitiatorCredentials(NtlmClient(user(), password)));
  EPA_ASSIGN_OR_RETURN(clients[DemoPackage::kNegotiateNtlm],
                       CreateClientCredentials({std::nullopt, NtlmClient(user(), password)}));
  if (kdc_ != nullptr) {
    EPA_ASSIGN_OR_RETURN(clients[DemoPackage::kKerberos],
                         kerberos::CreateInitiatorCredentials(KerberosClient(*kdc_, password)));
    EPA_ASSIGN_OR_RETURN(
        clients[DemoPackage::kNegotiateKerberos],
        CreateClientCredentials({KerberosClient(*kdc_, password), NtlmClient(user(), password)}));
  }
  return clients;
}

absl::Status DemoWorld::MakeClients() {
  EPA_ASSIGN_OR_RETURN(clients_, ClientsWith(password_));
  EPA_ASSIGN_OR_RETURN(wrong_clients_, ClientsWith("not" + password_));
  if (kdc_ != nullptr) {
    kerberos::InitiatorOptions options = KerberosClient(*kdc_, password_);
    options.policy.suppress_extended_protection = 1;
    EPA_ASSIGN_OR_RETURN(unmarked_client_,
                         kerberos::CreateInitiatorCredentials(std::move(options)));
  }
  return absl::OkStatus();
}

std::shared_ptr<const Credentials> DemoWorld::client(DemoPackage package) const {
  return clients_.at(package);
}

std::shared_ptr<const Credentials> DemoWorld::wrong_client(DemoPackage package) const {
  return wrong_clients_.at(package);
}

absl::StatusOr<PackageSet> DemoWorld::ServerPackageSet() const {
  PackageSet set;
  ServerPackages inside;
  inside.ntlm.emplace();
  EPA_ASSIGN_OR_RETURN(inside.ntlm->authority, ntlm::CreateFileAuthority(File("accounts")));
  EPA_ASSIGN_OR_RETURN(set.ntlm, ntlm::CreateAcceptorCredentials(*inside.ntlm));
  if (kdc_ != nullptr) {
    inside.kerberos.emplace();
    inside.kerberos->keytab_path = kdc_->keytab_path();
    inside.kerberos->configuration.contents = kdc_->configuration();
    // Nothing of the demonstration is to stay behind.
    inside.kerberos->replay_cache = kerberos::ReplayCache::kInProcess;
  }
  EPA_ASSIGN_OR_RETURN(set.negotiate, CreateServerCredentials(std::move(inside)));
  return set;
}

absl::Status DemoWorld::Build(const std::optional<DemoWebServer>& web_server) {
  password_ = RandomPassword();
  EPA_RETURN_IF_ERROR(WriteFiles());
  EPA_RETURN_IF_ERROR(StartKdc());
  EPA_RETURN_IF_ERROR(MakeClients());
  return web_server.has_value() ? OpenWebSites(*web_server) : OpenOwnSites();
}

absl::Status DemoWorld::OpenOwnSites() {
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ServerPackageSet());
  for (const ExtendedProtectionMode mode : kDemoModes) {
    EPA_ASSIGN_OR_RETURN(DemoSite site, OwnSite(mode, packages));
    EPA_RETURN_IF_ERROR(AddSite(std::move(site)));
  }
  return absl::OkStatus();
}

absl::StatusOr<DemoSite> DemoWorld::OwnSite(ExtendedProtectionMode mode,
                                            const PackageSet& packages) const {
  ExtendedProtectionOptions policy_options;
  policy_options.mode = mode;
  EPA_ASSIGN_OR_RETURN(ExtendedProtectionPolicy policy,
                       ExtendedProtectionPolicy::Create(std::move(policy_options)));
  const auto audit = std::make_shared<RecordingAuditSink>();
  http::AuthenticatorOptions authentication;
  authentication.schemes = HttpSchemesFor(packages);
  authentication.policy = std::make_shared<const ExtendedProtectionPolicy>(std::move(policy));
  authentication.audit = audit;
  ServerTransportOptions transport;
  transport.key_pairs = {{File("server.pem"), File("server.key")}};
  EPA_ASSIGN_OR_RETURN(auto config, http::AuthenticatorConfig::Create(std::move(authentication)));
  EPA_ASSIGN_OR_RETURN(auto https, HttpsSite::Create(std::move(transport), std::move(config)));
  DemoSite site;
  site.mode = mode;
  site.audit = audit;
  EPA_ASSIGN_OR_RETURN(site.server, TcpServer::Create({}, std::move(https)));
  site.server->Start();
  site.port = site.server->port();
  return site;
}

absl::Status DemoWorld::OpenWebSites(const DemoWebServer& wanted) {
  WebServerOptions options;
  options.kind = wanted.kind;
  options.module = wanted.module;
  options.directory = directory_.string();
  options.certificate = File("server.pem");
  options.key = File("server.key");
  options.accounts = File("accounts");
  if (kdc_ != nullptr) {
    options.keytab = kdc_->keytab_path();
    options.krb5_config = kdc_->configuration_path();
  }
  EPA_ASSIGN_OR_RETURN(web_server_, WebServer::Start(std::move(options)));
  for (const ExtendedProtectionMode mode : kDemoModes) {
    DemoSite site;
    site.mode = mode;
    site.port = web_server_->port(static_cast<int>(mode));
    site.audit = std::make_shared<AuditFile>(web_server_->audit_file(static_cast<int>(mode)));
    EPA_RETURN_IF_ERROR(AddSite(std::move(site)));
  }
  return absl::OkStatus();
}

absl::Status DemoWorld::AddSite(DemoSite site) {
  EPA_ASSIGN_OR_RETURN(site.relay,
                       Relay::Start({File("attacker.pem"), File("attacker.key")}, site.port));
  sites_.push_back(std::move(site));
  return absl::OkStatus();
}

absl::StatusOr<Channel> DemoWorld::ChannelOf(const std::string& certificate) const {
  EPA_ASSIGN_OR_RETURN(const X509Ptr loaded, LoadCertificate(File(certificate)));
  EPA_ASSIGN_OR_RETURN(tls::EndpointBinding binding,
                       tls::EndpointBindingOf(loaded.get(), tls::UndefinedHashRule::kFail));
  return Channel::Tls(*std::move(binding.bindings));
}

}  // namespace epa::tool
