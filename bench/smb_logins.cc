#include "bench/smb_logins.h"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "bench/contender.h"
#include "bench/require.h"
#include "bench/smbpasswd_line.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "epa/smb2/client_connection.h"
#include "epa/smb2/framing.h"
#include "lib/realm/child_process.h"
#include "lib/realm/loopback_port.h"

namespace epa::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;

constexpr std::chrono::seconds kStartTimeout(20);

// A directory that goes with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    path_ = (std::filesystem::temp_directory_path() / "epa-bench-XXXXXX").string();
    Require(mkdtemp(path_.data()) != nullptr, "cannot make a directory");
    // Samba becomes the user who logs in.
    Require(chmod(path_.c_str(), 0755) == 0, "cannot open a directory to others");
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void WriteFile(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << text;
}

struct Account {
  std::string user;
  uid_t id;
};

// Samba's users are users of the machine, and without root's rights smbd can become no other. Every
// Debian machine has the one for an smbd that root starts.
Account SmbAccount() {
  const passwd* const found = getuid() == 0 ? getpwnam("daemon") : getpwuid(getuid());
  Require(found != nullptr, "the user has no name");
  return {found->pw_name, found->pw_uid};
}

class ServerProcess final : public SmbServer {
 public:
  // `prepare` makes the files in a directory; the command that serves there on a port is returned.
  using Prepare = std::function<std::vector<std::string>(const std::string& directory, int port)>;

  ServerProcess(std::string name, const Prepare& prepare) : name_(std::move(name)) {
    std::filesystem::create_directory(directory_.path() + "/share");
    process_ = Value(tool::Companion::Start(prepare(directory_.path(), port_.number()), {}));
    const auto deadline = Clock::now() + kStartTimeout;
    while (!tool::LoopbackPortAnswers(port_.number())) {
      Require(!process_->HasEnded() && Clock::now() < deadline, name_ + " does not start");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  const std::string& name() const override { return name_; }
  uint16_t port() const override { return static_cast<uint16_t>(port_.number()); }

 private:
  const std::string name_;
  const TemporaryDirectory directory_;
  const tool::ReservedLoopbackPort port_;
  std::unique_ptr<tool::Companion> process_;
};

std::vector<std::string> PrepareOurs(const std::string& directory, int port) {
  WriteFile(directory + "/accounts", ":" + SmbAccount().user + ":" + std::string(kPassword) + "\n");
  return {EPA_BENCH_EPA_COMMAND,
          "serve",
          "smb",
          "--listen",
          "127.0.0.1:" + std::to_string(port),
          "--share",
          "docs=" + directory + "/share",
          "--accounts",
          directory + "/accounts"};
}

std::vector<std::string> PrepareSamba(const std::string& directory, int port) {
  const std::string configuration = directory + "/smb.conf";
  std::string text = "[global]\n smb ports = " + std::to_string(port) +
                     "\n interfaces = 127.0.0.1\n bind interfaces only = yes\n"
                     " disable netbios = yes\n load printers = no\n disable spoolss = yes\n"
                     " server signing = mandatory\n log level = 0\n";
  for (const char* const kind : {"private dir", "lock directory", "state directory",
                                 "cache directory", "pid directory", "ncalrpc dir"}) {
    text += " " + std::string(kind) + " = " + directory + "\n";
  }
  text += " log file = " + directory + "/log\n passdb backend = smbpasswd:" + directory +
          "/accounts\n[docs]\n path = " + directory + "/share\n read only = yes\n";
  WriteFile(configuration, text);
  const Account account = SmbAccount();
  WriteFile(directory + "/accounts", SmbpasswdLine(account.user, account.id));
  return {"/usr/sbin/smbd", "--foreground", "--no-process-group", "--log-basename",
          directory,        "--configfile", configuration};
}

smb2::ClientOptions ClientOptionsForAll() {
  ntlm::InitiatorOptions ntlm;
  ntlm.user = SmbAccount().user;
  ntlm.nt_hash = std::make_shared<ntlm::NtHash>(kNtHash);
  smb2::ClientOptions options;
  options.credentials = Value(negotiate::CreateInitiatorCredentials(
      {Value(ntlm::CreateInitiatorCredentials(std::move(ntlm)))}));
  options.parameters.target_name = "cifs/127.0.0.1";
  options.server_name = "127.0.0.1";
  options.user_name = SmbAccount().user;
  return options;
}

void SendAll(int descriptor, std::span<const uint8_t> octets) {
  while (!octets.empty()) {
    const ssize_t sent = send(descriptor, octets.data(), octets.size(), MSG_NOSIGNAL);
    Require(sent > 0, "the server takes nothing");
    octets = octets.subspan(static_cast<size_t>(sent));
  }
}

void LogIn(uint16_t port, const smb2::ClientOptions& options) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = tool::LoopbackAddress(port);
  Require(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0,
          "the server takes no connection");
  const auto client = Value(smb2::ClientConnection::Create(options));
  smb2::FrameReader frames;
  std::array<uint8_t, 4096> piece;
  SendAll(descriptor, client->Start());
  while (!client->established()) {
    const ssize_t size = recv(descriptor, piece.data(), piece.size(), 0);
    Require(size > 0, "the server closes the connection");
    frames.Append(std::span(piece).first(static_cast<size_t>(size)));
    if (const auto message = Value(frames.Next(client->max_message_size())); message.has_value()) {
      SendAll(descriptor, Value(client->OnMessage(*message)).send);
      Require(!client->refusal().has_value(), "a login is refused");
    }
  }
  // Not one port for each login kept waiting.
  constexpr linger kAtOnce{.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &kAtOnce, sizeof(kAtOnce));
  close(descriptor);
}

// Logins of all clients together in a slice of time, as a rate.
double Rate(uint16_t port, size_t clients, double seconds) {
  const smb2::ClientOptions options = ClientOptionsForAll();
  std::vector<size_t> counts(clients);
  std::barrier<> start(static_cast<ptrdiff_t>(clients) + 1);
  std::vector<std::thread> threads;
  for (size_t& count : counts) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto end = Clock::now() + duration<double>(seconds);
      do {
        LogIn(port, options);
        ++count;
      } while (Clock::now() < end);
    });
  }
  start.arrive_and_wait();
  const auto begin = Clock::now();
  size_t sum = 0;
  for (size_t i = 0; i < clients; ++i) {
    threads[i].join();
    sum += counts[i];
  }
  return static_cast<double>(sum) / duration<double>(Clock::now() - begin).count();
}

}  // namespace

std::unique_ptr<SmbServer> StartOurSmbServer() {
  return std::make_unique<ServerProcess>("epa serve smb", PrepareOurs);
}

std::unique_ptr<SmbServer> StartSamba() {
  return std::make_unique<ServerProcess>("Samba's smbd", PrepareSamba);
}

std::vector<SmbSeries> CompareSmbLogins(const std::vector<const SmbServer*>& servers,
                                        const Effort& effort) {
  // A login takes Samba milliseconds: a slice has to hold several.
  constexpr double kSlices = 10;
  std::vector<SmbSeries> all;
  for (const SmbServer* server : servers) {
    all.push_back({server->name(), {}, {}});
  }
  for (size_t round = 0; round < effort.rounds; ++round) {
    for (size_t i = 0; i < servers.size(); ++i) {
      const double seconds = kSlices * effort.slice_seconds;
      all[i].one_client.push_back(Rate(servers[i]->port(), 1, seconds));
      all[i].two_clients.push_back(Rate(servers[i]->port(), 2, seconds));
    }
  }
  return all;
}

}  // namespace epa::bench
