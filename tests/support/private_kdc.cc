#include "tests/support/private_kdc.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "lib/base/status_macros.h"

namespace epa::test {
namespace {

constexpr std::chrono::seconds kStartTimeout(20);

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// A port that was free a moment ago, for UDP and TCP alike.
int FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  int port = 0;
  if (bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0) {
    port = ntohs(address.sin_port);
  }
  close(descriptor);
  return port;
}

bool Answers(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const bool connected =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return connected;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<pid_t> Spawn(std::vector<std::string> arguments, const std::string& directory,
                            const std::string& input) {
  std::vector<std::string> environment = {
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "KRB5_CONFIG=" + directory + "/krb5.conf",
      "KRB5_KDC_PROFILE=" + directory + "/kdc.conf", "KRB5RCACHENAME=none:", "TMPDIR=" + directory};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, (directory + "/output").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t process = -1;
  const int error = posix_spawnp(&process, arguments.front().c_str(), &actions, nullptr,
                                 Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::ErrnoToStatus(error, arguments.front());
  }
  return process;
}

void WriteFile(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateKdc>> PrivateKdc::Start(KdcOptions options) {
  std::string directory = (std::filesystem::temp_directory_path() / "epa-kdc-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) {
    return absl::ErrnoToStatus(errno, "mkdtemp");
  }
  std::unique_ptr<PrivateKdc> kdc(new PrivateKdc(std::move(directory), options.realm));
  EPA_RETURN_IF_ERROR(kdc->WriteFiles());
  EPA_RETURN_IF_ERROR(kdc->CreateDatabase(options));
  EPA_RETURN_IF_ERROR(kdc->StartServer());
  return kdc;
}

PrivateKdc::~PrivateKdc() {
  Stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PrivateKdc::Stop() {
  if (server_ > 0) {
    kill(server_, SIGKILL);
    waitpid(std::exchange(server_, -1), nullptr, 0);
  }
}

absl::Status PrivateKdc::WriteFiles() {
  port_ = FreePort();
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  configuration_ = "[libdefaults]\n default_realm = " + realm_ +
                   "\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
                   " dns_canonicalize_hostname = false\n rdns = false\n forwardable = true\n"
                   "[realms]\n " +
                   realm_ + " = {\n  kdc = " + address +
                   "\n }\n[domain_realm]\n .test.example = " + realm_ + "\n";
  WriteFile(configuration_path(), configuration_);
  WriteFile(directory_ + "/kdc.conf", "[kdcdefaults]\n kdc_listen = " + address +
                                          "\n kdc_tcp_listen = " + address + "\n[realms]\n " +
                                          realm_ + " = {\n  database_name = " + directory_ +
                                          "/principal\n  key_stash_file = " + directory_ +
                                          "/stash\n  acl_file = " + directory_ +
                                          "/acl\n  max_life = 10h\n  max_renewable_life = 7d\n }\n"
                                          "[logging]\n kdc = FILE:" +
                                          directory_ + "/kdc.log\n");
  return absl::OkStatus();
}

absl::Status PrivateKdc::Run(std::vector<std::string> arguments, std::string_view input) const {
  const std::string input_path = directory_ + "/input";
  WriteFile(input_path, input);
  WriteFile(directory_ + "/output", "");
  EPA_ASSIGN_OR_RETURN(const pid_t process, Spawn(arguments, directory_, input_path));
  int status = 0;
  waitpid(process, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(arguments.front() + ": " + ReadFile(directory_ + "/output"));
  }
  return absl::OkStatus();
}

absl::Status PrivateKdc::CreateDatabase(const KdcOptions& options) {
  EPA_RETURN_IF_ERROR(Run({"kdb5_util", "create", "-s", "-r", realm_, "-P", "master"}, ""));
  std::string commands;
  for (const std::string& user : options.users) {
    commands += "addprinc -pw secret-" + user + " " + user + "\n";
  }
  for (const std::string& service : options.services) {
    commands += "addprinc -randkey " + service + "\n";
    commands += "ktadd -k " + keytab_path() + " " + service + "\n";
  }
  for (const std::string& command : options.commands) {
    commands += command + "\n";
  }
  return Run({"kadmin.local", "-r", realm_}, commands);
}

absl::Status PrivateKdc::StartServer() {
  EPA_ASSIGN_OR_RETURN(server_, Spawn({"krb5kdc", "-n", "-r", realm_}, directory_, "/dev/null"));
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (!Answers(port_)) {
    if (std::chrono::steady_clock::now() > deadline || waitpid(server_, nullptr, WNOHANG) != 0) {
      return absl::UnavailableError("krb5kdc: " + ReadFile(directory_ + "/output"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return absl::OkStatus();
}

absl::Status PrivateKdc::Admin(std::string_view command) const {
  return Run({"kadmin.local", "-r", realm_}, std::string(command) + "\n");
}

absl::StatusOr<std::string> PrivateKdc::Login(const std::string& user,
                                              std::vector<std::string> options) const {
  std::string path = directory_ + "/cache-XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, "mkstemp");
  }
  close(descriptor);
  std::vector<std::string> arguments = {"kinit", "-c", "FILE:" + path};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(user + "@" + realm_);
  EPA_RETURN_IF_ERROR(Run(std::move(arguments), "secret-" + user + "\n"));
  return "FILE:" + path;
}

}  // namespace epa::test
