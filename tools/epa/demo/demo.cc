#include "tools/epa/demo/demo.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/demo/clients.h"
#include "tools/epa/demo/report.h"
#include "tools/epa/demo/world.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--json", "", "one JSON document on standard output"},
    {"--server", "NAME",
     "use apache or nginx with this project's module instead of epa's own server"},
    {"--module", "FILE", "the module, unless it is where Debian's package installs it"},
    {"--dir", "DIR", "keep certificates, accounts, keys and passwords here, to continue by hand"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa demo [--json] [--server apache|nginx] [--module FILE] [--dir DIR]",
    .summary =
        "Starts a KDC and HTTPS servers on this machine, one in each mode of extended protection,\n"
        "logs in with every kind of client, attackers and the real programs found here included,\n"
        "and compares what happens with the published truth table. Exit status 0 only if all of\n"
        "it matches.",
    .options = kOptions,
    .example =
        "  epa demo --dir /tmp/demo\n"
        "  epa serve https --cert /tmp/demo/server.pem --key /tmp/demo/server.key \\\n"
        "    --accounts /tmp/demo/accounts --keytab /tmp/demo/kdc/service.keytab\n"
        "  epa login https https://localhost:PORT/ --ca /tmp/demo/ca.pem --ccache /tmp/demo/ccache",
};

DemoCell RunCell(const DemoClient& client, const DemoWorld& world, const DemoSite& site) {
  DemoCell cell;
  cell.mode = site.mode;
  site.audit->Take();
  const absl::StatusOr<DemoLogin> login = client.log_in(world, site);
  const std::optional<AuditEvent> event = site.audit->Take();
  const ClientState seen = ClientStateOf(event.value_or(AuditEvent()).binding);
  cell.state = client.state.value_or(seen);
  cell.expected = PublishedCell(cell.state, site.mode);
  if (!login.ok()) {
    cell.fault = std::string(login.status().message());
  } else if (event.has_value()) {
    cell.accepted = event->outcome == AuditOutcome::kAccepted;
    cell.reason = event->reason;
    if (cell.accepted != login->accepted) {
      cell.fault = "the client and the server disagree on what happened";
    } else if (cell.accepted && event->package != client.package) {
      cell.fault = "the login was carried by " + event->package;
    }
  } else if (!login->accepted && login->own_reason != Reason::kNone) {
    cell.reason = login->own_reason;
  } else {
    cell.fault = "the server saw no login";
  }
  return cell;
}

DemoRow RunRow(const DemoClient& client, const DemoWorld& world) {
  DemoRow row{client.group, client.label, client.package, client.scheme, client.relayed, {}};
  for (const DemoSite& site : world.sites()) {
    DemoCell& cell = row.cells.emplace_back(RunCell(client, world, site));
    if (cell.fault.empty() && cell.state != row.cells.front().state) {
      cell.fault = "it says something different about its channel than in mode 0";
    }
  }
  if (!client.state.has_value()) {
    row.label += " (" + std::string(BindingInWords(row.cells.front().state)) + ")";
  }
  return row;
}

DemoReport RunAll(const DemoWorld& world) {
  std::vector<DemoClient> clients = OwnClients(world);
  FoundClients found = FindClients(world);
  for (DemoClient& client : found.clients) {
    clients.push_back(std::move(client));
  }
  DemoReport report;
  report.left_out = std::move(found.left_out);
  for (const DemoClient& client : clients) {
    report.rows.push_back(RunRow(client, world));
  }
  return report;
}

// As the web server, which runs elsewhere, finds it. Empty: where Debian's package puts it.
absl::StatusOr<std::string> ModuleFrom(const CommandLine& line) {
  const auto module = line.Value("--module");
  if (!module.has_value()) {
    return std::string();
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(*module, error)) {
    return absl::InvalidArgumentError("--module '" + *module + "': expected the module's file");
  }
  return std::filesystem::absolute(*module).string();
}

// No value: our own server.
absl::StatusOr<std::optional<DemoWebServer>> WebServerFrom(const CommandLine& line) {
  const std::string name = line.ValueOr("--server", "");
  if (name == "apache" || name == "nginx") {
    EPA_ASSIGN_OR_RETURN(std::string module, ModuleFrom(line));
    return DemoWebServer{name == "apache" ? WebServerKind::kApache : WebServerKind::kNginx,
                         std::move(module)};
  }
  if (line.Has("--server")) {
    return absl::InvalidArgumentError("--server '" + name + "': expected apache or nginx");
  }
  if (line.Has("--module")) {
    return absl::InvalidArgumentError("--module is of use with --server only");
  }
  return std::nullopt;
}

Ending Demonstrate(const CommandLine& line) {
  const auto web_server = WebServerFrom(line);
  if (!web_server.ok()) {
    return Fail(kExitUsage, std::string(web_server.status().message()));
  }
  const auto world = DemoWorld::Create(line.Value("--dir"), *web_server);
  if (!world.ok()) {
    const bool usage = world.status().code() == absl::StatusCode::kInvalidArgument;
    return Fail(usage ? kExitUsage : kExitFault, std::string(world.status().message()));
  }
  const DemoReport report = RunAll(**world);
  if (line.Has("--json")) {
    WriteJson(DemoReportAsJson(report));
  } else {
    Write(DemoReportForPeople(report));
  }
  return report.MatchingCount() == report.CellCount() ? kExitDone : kExitRefused;
}

}  // namespace

int RunDemo(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Demonstrate);
}

}  // namespace epa::tool
