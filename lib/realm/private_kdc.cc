#include "lib/realm/private_kdc.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "lib/base/status_macros.h"

namespace epa::tool {
namespace {

constexpr std::chrono::seconds kStartTimeout(20);

// Where Debian has it; the search path of an ordinary user leaves that directory out.
std::string AdministratorsProgram(const std::string& name) {
  const std::string path = "/usr/sbin/" + name;
  return access(path.c_str(), X_OK) == 0 ? path : name;
}

void WriteFile(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What kdb5_util refuses to replace, and ktadd would add to.
void RemoveFormerRealm(const std::string& directory) {
  for (const char* const name : {"principal", "principal.ok", "principal.kadm5",
                                 "principal.kadm5.lock", "stash", "service.keytab"}) {
    std::error_code ignored;
    std::filesystem::remove(directory + "/" + name, ignored);
  }
}

absl::StatusOr<std::string> DirectoryFor(const KdcOptions& options) {
  if (!options.directory.empty()) {
    if (mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
      return absl::ErrnoToStatus(errno, options.directory);
    }
    RemoveFormerRealm(options.directory);
    return options.directory;
  }
  std::string directory = (std::filesystem::temp_directory_path() / "epa-kdc-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, directory);
  }
  return directory;
}

}  // namespace

bool PrivateKdc::IsInstalled() {
  for (const char* const name : {"krb5kdc", "kdb5_util", "kadmin.local"}) {
    // Each explains itself, with whatever exit status.
    if (!RunChild({AdministratorsProgram(name), "-?"}, {}).ok()) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<std::unique_ptr<PrivateKdc>> PrivateKdc::Start(KdcOptions options) {
  EPA_ASSIGN_OR_RETURN(std::string directory, DirectoryFor(options));
  std::unique_ptr<PrivateKdc> kdc(new PrivateKdc(std::move(options), std::move(directory)));
  kdc->WriteFiles();
  EPA_RETURN_IF_ERROR(kdc->CreateDatabase());
  EPA_RETURN_IF_ERROR(kdc->StartServer());
  return kdc;
}

PrivateKdc::~PrivateKdc() {
  Stop();
  if (options_.directory.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
}

// TCP alone: a port of UDP could not be kept free for the KDC, as a second socket there would take
// its requests.
void PrivateKdc::WriteFiles() {
  const std::string address = "127.0.0.1:" + std::to_string(port_.number());
  configuration_ = "[libdefaults]\n default_realm = " + realm() +
                   "\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
                   " dns_canonicalize_hostname = false\n rdns = false\n qualify_shortname = \"\"\n"
                   " forwardable = true\n udp_preference_limit = 1\n[realms]\n " +
                   realm() + " = {\n  kdc = " + address + "\n }\n[domain_realm]\n";
  for (const std::string& host : options_.hosts) {
    configuration_ += " " + host + " = " + realm() + "\n";
  }
  WriteFile(configuration_path(), configuration_);
  WriteFile(directory_ + "/kdc.conf",
            "[kdcdefaults]\n kdc_listen = \"\"\n kdc_tcp_listen = " + address + "\n[realms]\n " +
                realm() + " = {\n  database_name = " + directory_ +
                "/principal\n  key_stash_file = " + directory_ +
                "/stash\n  acl_file = " + directory_ +
                "/acl\n  max_life = 10h\n  max_renewable_life = 7d\n }\n"
                "[logging]\n kdc = FILE:" +
                directory_ + "/kdc.log\n");
}

std::vector<std::string> PrivateKdc::Environment() const {
  return {"KRB5_CONFIG=" + configuration_path(), "KRB5_KDC_PROFILE=" + directory_ + "/kdc.conf",
          "KRB5RCACHENAME=none:", "TMPDIR=" + directory_};
}

absl::Status PrivateKdc::Run(std::vector<std::string> arguments, std::string_view input) const {
  ChildOptions options;
  options.input = input;
  options.environment = Environment();
  options.keep_errors = true;
  EPA_ASSIGN_OR_RETURN(const ChildResult result, RunChild(arguments, options));
  return result.exit_status == 0 ? absl::OkStatus()
                                 : absl::InternalError(arguments.front() + ": " + result.output);
}

absl::Status PrivateKdc::CreateDatabase() const {
  EPA_RETURN_IF_ERROR(
      Run({AdministratorsProgram("kdb5_util"), "create", "-s", "-r", realm(), "-P", "master"}, ""));
  std::string commands;
  for (const KdcUser& user : options_.users) {
    commands += "addprinc -pw " + user.password + " " + user.name + "\n";
  }
  for (const std::string& service : options_.services) {
    commands += "addprinc -randkey " + service + "\n";
    commands += "ktadd -k " + keytab_path() + " " + service + "\n";
  }
  for (const std::string& command : options_.commands) {
    commands += command + "\n";
  }
  return Run({AdministratorsProgram("kadmin.local"), "-r", realm()}, commands);
}

absl::Status PrivateKdc::StartServer() {
  EPA_ASSIGN_OR_RETURN(
      server_,
      Companion::Start({AdministratorsProgram("krb5kdc"), "-n", "-r", realm()}, Environment()));
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!LoopbackPortAnswers(port_.number())) {
    if (std::chrono::steady_clock::now() > deadline || server_->HasEnded()) {
      return absl::UnavailableError("krb5kdc does not start: " + ReadFile(directory_ + "/kdc.log"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::OkStatus();
}

absl::Status PrivateKdc::Admin(std::string_view command) const {
  return Run({AdministratorsProgram("kadmin.local"), "-r", realm()}, std::string(command) + "\n");
}

absl::Status PrivateKdc::Login(const std::string& user, const std::string& file,
                               std::vector<std::string> options) const {
  std::string password;
  for (const KdcUser& known : options_.users) {
    password = known.name == user ? known.password : password;
  }
  std::vector<std::string> arguments = {"kinit", "-c", "FILE:" + file};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(user + "@" + realm());
  return Run(std::move(arguments), password + "\n");
}

absl::StatusOr<std::string> PrivateKdc::Login(const std::string& user,
                                              std::vector<std::string> options) const {
  std::string path = directory_ + "/cache-XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  close(descriptor);
  EPA_RETURN_IF_ERROR(Login(user, path, std::move(options)));
  return "FILE:" + path;
}

}  // namespace epa::tool
