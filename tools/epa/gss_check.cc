#include "tools/epa/gss_check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "epa/service/configuration_file.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--config", "FILE", "the configuration file; default /etc/epa/epa.conf"},
    {"--process", "PID", "use the environment of this process of the service"},
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa gss check SERVICE [options]",
    .summary =
        "Says whether programs of SERVICE, a section of epa.conf such as \"http intranet\", load\n"
        "the GSS-API plug-in, and what it would require of logins, by loading GSS-API in a child\n"
        "process as the service would. Exit status 0 only if clients without a binding, or with a\n"
        "wrong one, would be refused.",
    .options = kOptions,
    .example = "  epa gss check http --process $(pidof -s apache2)",
    .max_positional = 1,
};

// The plug-in's, which is loaded by name (modules/gss).
constexpr std::string_view kEngineFile = "libepa-gss-engine.so";
constexpr char kReportFunction[] = "epa_gss_report_1";
constexpr uint32_t kGreatestProcess = 4194304;  // proc(5), pid_max
constexpr size_t kMaxReport = size_t{1} << 20;
constexpr size_t kMaxEnvironment = size_t{4} << 20;

// What the child found.
struct Finding {
  bool loaded = false;
  Json report;
};

int FindEngine(dl_phdr_info* info, size_t /*size*/, void* found) {
  const std::string_view path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  if (!path.ends_with(kEngineFile)) {
    return 0;
  }
  *static_cast<std::string*>(found) = path;
  return 1;
}

// In the child: has GSS-API load its mechanisms, as every program's first call does. The engine is
// there afterwards only where the plug-in found this process configured.
std::string EngineReport() {
  using IndicateMechs = uint32_t (*)(uint32_t*, void**);
  using Report = char* (*)();
  void* const library = dlopen("libgssapi_krb5.so.2", RTLD_NOW);
  void* const function = library == nullptr ? nullptr : dlsym(library, "gss_indicate_mechs");
  uint32_t minor = 0;
  void* mechs = nullptr;
  if (function == nullptr || reinterpret_cast<IndicateMechs>(function)(&minor, &mechs) != 0) {
    return "";
  }
  std::string path;
  dl_iterate_phdr(FindEngine, &path);
  void* const engine = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  void* const get = engine == nullptr ? nullptr : dlsym(engine, kReportFunction);
  char* const report = get == nullptr ? nullptr : reinterpret_cast<Report>(get)();
  return report == nullptr ? "" : report;
}

// The environment of /proc/PID/environ in place of this process's.
absl::Status TakeEnvironment(const std::string& process) {
  const std::string path = "/proc/" + process + "/environ";
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMaxEnvironment, '\0');
  const ssize_t size = file.valid() ? read(file.number(), text.data(), text.size()) : -1;
  if (size < 0) {
    return FileFault(path, errno);
  }
  text.resize(static_cast<size_t>(size));
  text.push_back('\0');
  clearenv();
  for (size_t begin = 0; begin < text.size(); begin = text.find('\0', begin) + 1) {
    const std::string line = text.c_str() + begin;
    if (const size_t equals = line.find('='); equals != std::string::npos && equals != 0) {
      setenv(line.substr(0, equals).c_str(), line.c_str() + equals + 1, 1);
    }
  }
  return absl::OkStatus();
}

std::string ReadAll(int file) {
  std::string text(kMaxReport, '\0');
  size_t filled = 0;
  ssize_t size = 0;
  while (filled < text.size() &&
         (size = read(file, text.data() + filled, text.size() - filled)) > 0) {
    filled += static_cast<size_t>(size);
  }
  text.resize(filled);
  return text;
}

[[noreturn]] void BeTheService(const std::string& service, const std::string& configuration,
                               int answer) {
  setenv("EPA_SERVICE", service.c_str(), 1);
  setenv("EPA_CONF", configuration.c_str(), 1);
  const std::string report = EngineReport();
  const bool written =
      write(answer, report.data(), report.size()) == static_cast<ssize_t>(report.size());
  _exit(written ? 0 : 1);
}

absl::StatusOr<Finding> AskChild(const std::string& service, const std::string& configuration) {
  int ends[2] = {};
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::UnavailableError("cannot create a pipe");
  }
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const pid_t child = fork();
  if (child < 0) {
    return absl::UnavailableError("cannot start a process");
  }
  if (child == 0) {
    BeTheService(service, configuration, writing.number());
  }
  writing = FileDescriptor();
  const std::string report = ReadAll(reading.number());
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError("the child process ended early");
  }
  Finding finding;
  finding.loaded = !report.empty();
  finding.report = Json::parse(finding.loaded ? report : "{}");
  return finding;
}

bool Enforces(const Json& service) {
  return service.value("rule", "off") != "off" && service.value("mode", "legacy") != "legacy" &&
         !service.value("audit_only", false) &&
         (service.value("kerberos", false) || service.value("ntlm", false));
}

// Empty: it would enforce.
std::string WhyNot(const Finding& finding) {
  if (!finding.loaded) {
    return "GSS-API did not load the plug-in: look at /etc/gss/mech.d and GSS_MECH_CONFIG";
  }
  if (finding.report.contains("error")) {
    return "every login is refused: " + finding.report["error"].get<std::string>();
  }
  for (const Json& service : finding.report["services"]) {
    if (!Enforces(service)) {
      return service["section"].get<std::string>() + " demands nothing of its clients";
    }
  }
  return "";
}

void Print(const Finding& finding) {
  Table table;
  table.AddRow({{"plug-in"}, {finding.loaded ? "loaded" : "not loaded"}});
  for (const Json& service : finding.report.value("services", Json::array())) {
    for (const auto& [name, value] : service.items()) {
      if (name == "certificates") {
        for (const Json& certificate : value) {
          table.AddRow({{"certificate"}, {certificate["path"].get<std::string>()}});
        }
      } else {
        table.AddRow({{name}, {value.is_string() ? value.get<std::string>() : value.dump()}});
      }
    }
  }
  Write(table.Render(Printer()));
}

Ending Check(const CommandLine& line) {
  if (line.positional().empty()) {
    return FailUsage(absl::InvalidArgumentError("which service? Such as: epa gss check http"));
  }
  const auto process = line.Value("--process");
  if (process.has_value()) {
    if (const auto number = ParseNumber(*process, 1, kGreatestProcess, "--process"); !number.ok()) {
      return FailUsage(number.status());
    }
  }
  const std::string configuration = line.ValueOr("--config", service::kConfigurationPath);
  const auto file = service::ConfigurationFile::Read(configuration);
  if (!file.ok()) {
    return FailUsage(file.status());
  }
  if (process.has_value()) {
    if (const absl::Status status = TakeEnvironment(*process); !status.ok()) {
      return FailUsage(status);
    }
  }
  const auto finding = AskChild(line.positional().front(), configuration);
  if (!finding.ok()) {
    return Fail(kExitFault, std::string(finding.status().message()));
  }
  const std::string why_not = WhyNot(*finding);
  if (line.Has("--json")) {
    Json document = finding->report;
    document["loaded"] = finding->loaded;
    document["enforces"] = why_not.empty();
    WriteJson(document);
  } else {
    Print(*finding);
  }
  return why_not.empty() ? Ending(kExitDone) : Ending(kExitRefused, why_not, true);
}

}  // namespace

int RunGssCheck(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Check);
}

}  // namespace epa::tool
