#include "tools/epa/serve/serve_loop.h"

#include <pthread.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/thread_group.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/setting_options.h"
#include "tools/epa/serve/audit_log.h"
#include "tools/epa/serve/operator_log.h"
#include "tools/epa/serve/serve_options.h"
#include "tools/epa/serve/server_report.h"
#include "tools/epa/serve/service_manager.h"

namespace epa::tool {
namespace {

// How often the operator's view is looked at.
constexpr timespec kBeat{.tv_sec = 1, .tv_nsec = 0};
constexpr std::chrono::seconds kReloadFarewell{1};
// Besides connections: standard ones, the listener, workers, files.
constexpr rlim_t kOwnDescriptors = 64;

// Threads started later inherit the mask, so only the loop sees the signals. What was read before
// could still be interrupted.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// A connection is a descriptor, and shells usually allow 1,024 where the system allows more.
rlim_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return RLIM_INFINITY;
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

class Loop {
 public:
  explicit Loop(const ServedProtocol& served)
      : served_(served), manager_(ServiceManager::FromEnvironment()) {}

  absl::Status Start(const CommandLine& line);
  // Where it listens; Run may begin when somebody knows.
  std::string address() const { return server_->listening_on(); }
  // Until SIGTERM or SIGINT. False where a thread hangs, and with it all that it uses.
  bool Run();

 private:
  absl::Status Use(const service::ServiceParts& parts);
  absl::StatusOr<TcpServerOptions> ServerOptionsFrom(const service::ServiceParts& parts);
  void OnBeat(int signal);
  void StartReload();
  void Reload();
  bool Stop();

  const ServedProtocol& served_;
  const ServiceManager manager_;
  OperatorLog& log_ = OperatorLog::StandardError();
  const std::shared_ptr<AuditLog> audit_ = std::make_shared<AuditLog>();
  std::shared_ptr<const Site> first_site_;
  std::unique_ptr<TcpServer> server_;
  std::unique_ptr<service::Service> service_;
  sigset_t signals_{};
  std::string status_;  // as the manager was told
  bool reload_wanted_ = false;
  ThreadGroup reloaders_;  // one that reads, or none
};

absl::Status Loop::Use(const service::ServiceParts& parts) {
  const std::shared_ptr<const Site> before = server_ == nullptr ? nullptr : server_->site();
  EPA_ASSIGN_OR_RETURN(std::shared_ptr<const Site> site,
                       served_.make_site(parts, audit_, before.get()));
  audit_->Replace(parts.audit);
  for (const std::string& note : parts.notes) {
    log_.SayOnce(LogLevel::kInfo, "note: " + note);
  }
  for (const std::string& warning : site->Warnings()) {
    log_.SayOnce(LogLevel::kWarning, warning);
  }
  if (server_ != nullptr) {
    server_->Replace(std::move(site));
  } else {
    first_site_ = std::move(site);
  }
  return absl::OkStatus();
}

absl::StatusOr<TcpServerOptions> Loop::ServerOptionsFrom(const service::ServiceParts& parts) {
  const service::ServiceSettings& settings = parts.settings;
  EPA_ASSIGN_OR_RETURN(TcpServerOptions options,
                       TcpServerOptionsFrom(parts, served_.max_connections));
  options.farewell = served_.farewell;
  EPA_ASSIGN_OR_RETURN(options.socket, TakePassedSocket());
  for (const char* name : {"listen", "socket-mode", "socket-group"}) {
    if (options.socket.has_value() && settings.Has(name)) {
      return settings.Fault(name, "a listening socket was passed on: one of them");
    }
  }
  options.on_fault = [this](const std::string& text) {
    log_.SayUnlessFlooded(LogLevel::kError, text);
  };
  const rlim_t descriptors = RaiseDescriptorLimit();
  if (descriptors < options.max_connections + kOwnDescriptors) {
    log_.Say(LogLevel::kWarning,
             settings.Spelled("max-connections") + " " + std::to_string(options.max_connections) +
                 " is out of reach: the limit of descriptors is " + std::to_string(descriptors));
  }
  return options;
}

absl::Status Loop::Start(const CommandLine& line) {
  EPA_ASSIGN_OR_RETURN(service::ServiceOptions options, ServiceOptionsFrom(line, served_.protocol));
  options.tls_end = served_.tls_end;
  options.use = [this](const auto& parts) { return Use(*parts); };
  options.observer = TellOperator;
  EPA_ASSIGN_OR_RETURN(service_, service::Service::Create(std::move(options)));
  EPA_ASSIGN_OR_RETURN(TcpServerOptions tcp, ServerOptionsFrom(*service_->parts()));
  EPA_ASSIGN_OR_RETURN(server_, TcpServer::Create(std::move(tcp), std::move(first_site_)));
  signals_ = BlockSignals();
  server_->Start();
  return absl::OkStatus();
}

bool Loop::Run() {
  manager_.Ready();
  while (true) {
    const int signal = sigtimedwait(&signals_, nullptr, &kBeat);
    if (signal == SIGTERM || signal == SIGINT) {
      return Stop();
    }
    try {
      OnBeat(signal);
    } catch (const std::exception&) {
      // Neither memory nor a thread to be had: the server goes on, and the next beat comes.
    }
  }
}

// `signal`: the one that came; negative where none did.
void Loop::OnBeat(int signal) {
  if (signal == SIGUSR1) {
    log_.Say(LogLevel::kInfo, StatusLine(*server_, *audit_));
  }
  reload_wanted_ = reload_wanted_ || signal == SIGHUP;
  if (reload_wanted_ && reloaders_.Wait(std::chrono::seconds(0))) {
    StartReload();
    reload_wanted_ = false;
  }
  SayWhatIsWrong(*server_, *audit_, log_);
  if (std::string status = StatusLine(*server_, *audit_); status != status_) {
    manager_.Status(status);
    status_ = std::move(status);
  }
}

// Files may hang: they are read on a thread that does nothing else.
void Loop::StartReload() {
  reloaders_.Start([this] {
    try {
      Reload();
    } catch (const std::exception&) {
      log_.SayAsIs("epa: settings stay as they were: out of memory\n");
    }
    manager_.Ready();
  });
}

void Loop::Reload() {
  manager_.Reloading();
  log_.Renew();
  const absl::Status read = service_->Reload();
  if (read.ok()) {
    log_.Say(LogLevel::kInfo, "settings read again");
  } else {
    log_.Say(LogLevel::kError, "settings stay as they were: " + std::string(read.message()));
  }
}

bool Loop::Stop() {
  manager_.Stopping();
  const bool ended = server_->Stop();
  const bool read = reloaders_.Join(kReloadFarewell);
  SayWhatIsWrong(*server_, *audit_, log_);
  log_.Say(LogLevel::kInfo, StatusLine(*server_, *audit_));
  return ended && read;
}

}  // namespace

Ending ServeUntilTerminated(const CommandLine& line, const ServedProtocol& served) {
  Loop loop(served);
  if (const absl::Status started = loop.Start(line); !started.ok()) {
    return FailUsage(started);
  }
  Write("listening on " + loop.address() + "\n");
  if (!OutputFault().empty()) {
    return Fail(kExitFault, OutputFault());
  }
  if (!loop.Run()) {
    std::_Exit(kExitDone);
  }
  return kExitDone;
}

}  // namespace epa::tool
