#include "tools/epa/common/packages.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "epa/defaults/defaults.h"
#include "epa/defaults/windows_settings.h"
#include "lib/base/status_macros.h"
#include "lib/service/values.h"
#include "tools/epa/common/input_file.h"
#include "tools/epa/common/password_input.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/setting_options.h"

namespace epa::tool {
namespace {

using Wanted = service::PackageChoice;

absl::StatusOr<Wanted> WantedFrom(const CommandLine& line) {
  std::vector<std::string> names = line.Values("--package");
  if (names.empty()) {
    names = {"Negotiate"};
  }
  Wanted wanted;
  for (const std::string& name : names) {
    if (!service::AddPackage(name, wanted)) {
      return UnexpectedValue("--package", name);
    }
  }
  return wanted;
}

// The options that give a package its credentials, for messages; empty where the command has none.
struct Sources {
  std::string ntlm;
  std::string kerberos;
};

absl::Status CheckGiven(const Wanted& wanted, bool ntlm, bool kerberos, const Sources& sources) {
  if (wanted.kerberos && sources.kerberos.empty()) {
    return absl::InvalidArgumentError("--package Kerberos: this command has only NTLM");
  }
  if (wanted.kerberos && !kerberos) {
    return absl::InvalidArgumentError(sources.kerberos + " is needed for package Kerberos");
  }
  if (wanted.ntlm && !ntlm) {
    return absl::InvalidArgumentError(sources.ntlm + " is needed for package NTLM");
  }
  if (wanted.negotiate && !ntlm && !kerberos) {
    return absl::InvalidArgumentError(sources.kerberos.empty()
                                          ? sources.ntlm + " is needed"
                                          : sources.ntlm + " (NTLM) or " + sources.kerberos +
                                                " (Kerberos) is needed");
  }
  return absl::OkStatus();
}

// An option that changes nothing was meant to change something.
absl::Status CheckUseful(const CommandLine& line, std::string_view option, bool useful,
                         std::string_view condition) {
  return useful || !line.Has(option)
             ? absl::OkStatus()
             : absl::InvalidArgumentError(std::string(option) + " is of use " +
                                          std::string(condition) + " only");
}

absl::StatusOr<kerberos::Configuration> KerberosConfigurationFrom(const CommandLine& line) {
  kerberos::Configuration configuration;
  configuration.path = line.ValueOr("--krb5-config", "");
  if (!configuration.path.empty()) {
    EPA_RETURN_IF_ERROR(CheckReadable(configuration.path));
  }
  return configuration;
}

struct Login {
  std::string user;
  SecretBytes password;
};

// In full, as KRB5CCNAME: a path is a file's, whatever it contains.
std::string CacheName(const std::string& text) {
  const bool path = text.starts_with('/') || text.find(':') == std::string::npos;
  return path ? "FILE:" + text : text;
}

bool NamesRealm(const std::string& user) { return user.find('@') != std::string::npos; }

// Nothing without --user.
absl::StatusOr<std::optional<Login>> LoginFrom(const CommandLine& line) {
  const auto user = line.Value("--user");
  if (!user.has_value()) {
    return std::nullopt;
  }
  if (user->empty()) {
    return absl::InvalidArgumentError("--user is empty");
  }
  const auto file = line.Value("--password-file");
  Login login;
  login.user = *user;
  EPA_ASSIGN_OR_RETURN(login.password, file.has_value()
                                           ? ReadPasswordFile(*file)
                                           : PromptForPassword("Password of " + *user + ": "));
  return login;
}

// Those of a client, without what an explicit option decides.
absl::StatusOr<std::optional<registry::WindowsSettings>> ClientSettingsFrom(
    const CommandLine& line) {
  EPA_ASSIGN_OR_RETURN(auto settings, WindowsSettingsFrom(line));
  if (settings.has_value() && line.Has("--binding")) {
    settings->suppress_extended_protection = {};
  }
  return settings;
}

absl::StatusOr<std::optional<kerberos::InitiatorOptions>> KerberosInitiatorFrom(
    const CommandLine& line, const std::optional<Login>& login) {
  kerberos::InitiatorOptions options;
  if (const auto cache = line.Value("--ccache"); cache.has_value()) {
    constexpr std::string_view kFile = "FILE:";
    options.credential_cache = CacheName(*cache);
    if (options.credential_cache.starts_with(kFile)) {
      EPA_RETURN_IF_ERROR(CheckReadable(options.credential_cache.substr(kFile.size())));
    }
  } else if (login.has_value() && NamesRealm(login->user)) {
    options.principal = login->user;
    options.password = login->password.Clone();
  } else {
    return std::nullopt;
  }
  options.mutual_authentication = !line.Has("--no-mutual");
  EPA_ASSIGN_OR_RETURN(options.configuration, KerberosConfigurationFrom(line));
  EPA_ASSIGN_OR_RETURN(const auto settings, ClientSettingsFrom(line));
  if (settings.has_value()) {
    ApplyWindowsSettings(*settings, options);
  }
  return options;
}

absl::StatusOr<ntlm::InitiatorOptions> NtlmInitiatorFrom(const CommandLine& line,
                                                         const Login& login,
                                                         const std::shared_ptr<AuditSink>& audit) {
  ntlm::InitiatorOptions options;
  options.user = login.user;
  options.password = login.password.Clone();
  options.audit = audit;
  EPA_ASSIGN_OR_RETURN(const auto settings, ClientSettingsFrom(line));
  if (settings.has_value()) {
    ApplyWindowsSettings(*settings, options);
  }
  return options;
}

}  // namespace

absl::StatusOr<PackageSet> ClientPackagesFrom(const CommandLine& line,
                                              const std::shared_ptr<AuditSink>& audit) {
  EPA_RETURN_IF_ERROR(TellRegistryNotes(line));
  EPA_ASSIGN_OR_RETURN(const Wanted wanted, WantedFrom(line));
  const std::string user = line.ValueOr("--user", "");
  const bool ticket = line.Has("--ccache") || NamesRealm(user);
  EPA_RETURN_IF_ERROR(CheckGiven(
      wanted, line.Has("--user"), ticket,
      {"--user NAME", line.Knows("--ccache") ? "--ccache NAME or --user user@REALM" : ""}));
  EPA_RETURN_IF_ERROR(CheckUseful(line, "--ccache", wanted.negotiate || wanted.kerberos,
                                  "with --package Negotiate or Kerberos"));
  EPA_RETURN_IF_ERROR(CheckUseful(line, "--krb5-config", ticket, "with --ccache or user@REALM"));
  EPA_RETURN_IF_ERROR(CheckUseful(line, "--password-file", line.Has("--user"), "with --user"));
  PackageSet set;
  ClientPackages inside;
  std::optional<Login> login;
  if (wanted.negotiate || wanted.ntlm || !line.Has("--ccache")) {
    EPA_ASSIGN_OR_RETURN(login, LoginFrom(line));
  }
  if (wanted.negotiate && login.has_value()) {
    EPA_ASSIGN_OR_RETURN(inside.ntlm, NtlmInitiatorFrom(line, *login, audit));
  }
  if (wanted.negotiate || wanted.kerberos) {
    EPA_ASSIGN_OR_RETURN(inside.kerberos, KerberosInitiatorFrom(line, login));
  }
  if (inside.kerberos.has_value()) {
    EPA_ASSIGN_OR_RETURN(std::optional<kerberos::InitiatorOptions> kerberos,
                         KerberosInitiatorFrom(line, login));
    EPA_ASSIGN_OR_RETURN(set.kerberos, kerberos::CreateInitiatorCredentials(*std::move(kerberos)));
  }
  if ((wanted.negotiate || wanted.ntlm) && login.has_value()) {
    EPA_ASSIGN_OR_RETURN(ntlm::InitiatorOptions ntlm, NtlmInitiatorFrom(line, *login, audit));
    EPA_ASSIGN_OR_RETURN(set.ntlm, ntlm::CreateInitiatorCredentials(std::move(ntlm)));
  }
  if (inside.kerberos.has_value() || inside.ntlm.has_value()) {
    EPA_ASSIGN_OR_RETURN(set.negotiate, CreateClientCredentials(std::move(inside)));
  }
  return set;
}

std::vector<http::Scheme> HttpSchemesFor(const PackageSet& packages) {
  std::vector<http::Scheme> schemes;
  if (packages.negotiate != nullptr) {
    schemes.push_back({"Negotiate", packages.negotiate});
  }
  if (packages.kerberos != nullptr) {
    schemes.push_back({"Kerberos", packages.kerberos});
  }
  if (packages.ntlm != nullptr) {
    schemes.push_back({"NTLM", packages.ntlm});
  }
  return schemes;
}

}  // namespace epa::tool
