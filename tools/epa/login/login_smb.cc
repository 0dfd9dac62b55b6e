#include "tools/epa/login/login_smb.h"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/defaults/windows_settings.h"
#include "epa/smb2/client_connection.h"
#include "lib/base/ascii.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/audit_options.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/output.h"
#include "tools/epa/common/packages.h"
#include "tools/epa/common/registry_options.h"
#include "tools/epa/common/smb_options.h"
#include "tools/epa/login/login_output.h"
#include "tools/epa/login/smb_client.h"

namespace epa::tool {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--user", "NAME", "DOMAIN\\user, user@REALM or user"},
    {"--password-file", "FILE",
     "its first line is the password; without it, you are asked on the terminal"},
    kCcacheOption,
    kNoMutualOption,
    {"--krb5-config", "FILE", "instead of the system's krb5.conf"},
    {"--package", "NAME", "Negotiate (default: all with credentials), NTLM, Kerberos", true},
    {.name = "--spn",
     .value = "NAME",
     .help = "the service we mean; default cifs/HOST of the address",
     .may_be_empty = true},
    {"--binding", "none|omit",
     "say that there is no channel (default), or say nothing and name no service"},
    kSmbDialectOption,
    kSmbSigningOption,
    kSmbEncryptionOption,
    {"--insecure-guest", "RULE", "block (default), or allow: AllowInsecureGuestAuth"},
    {"--list", "", "also list the share's root directory"},
    {"--get", "FILE", "write only this file of the share to standard output"},
    {"--audit", "FILE",
     "where to write events about guests, one JSON object per line; - is standard error"},
    kRegistryOption,
    kWindowsOption,
    {"--json", "", "one JSON document on standard output"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa login smb //HOST[:PORT]/SHARE [--user NAME] [--ccache NAME] [options]",
    .summary =
        "Logs in to an SMB 2 or 3 server, connects to a share, and prints the dialect and how the\n"
        "session is protected. A server that makes us a guest is refused, as Windows does. Exit\n"
        "status 1 when refused, by the server or by our own policy.",
    .options = kOptions,
    .example =
        "  epa login smb //localhost:4450/docs --user 'DEMO\\alice' --password-file secret --list",
    .max_positional = 1,
};

// Of a listing: a hostile server could go on for ever.
constexpr size_t kMostEntries = 1'000'000;

// Keeps what is told and passes it on.
class EventCollector final : public AuditSink {
 public:
  explicit EventCollector(std::shared_ptr<AuditSink> next) : next_(std::move(next)) {}
  void OnEvent(const AuditEvent& event) override {
    if (event.windows_event.has_value()) {
      events_.push_back(*event.windows_event);
    }
    if (next_ != nullptr) {
      next_->OnEvent(event);
    }
  }
  const std::vector<WindowsEvent>& events() const { return events_; }

 private:
  std::shared_ptr<AuditSink> next_;
  std::vector<WindowsEvent> events_;
};

struct Login {
  SmbAddress address;
  smb2::ClientOptions client;
  std::shared_ptr<EventCollector> events;
  bool list = false;
  std::optional<std::string> get;
};

absl::StatusOr<bool> GuestAllowedFrom(const CommandLine& line) {
  const std::string rule = line.ValueOr("--insecure-guest", "block");
  if (rule != "block" && rule != "allow") {
    return absl::InvalidArgumentError("--insecure-guest '" + rule + "': expected block or allow");
  }
  return rule == "allow";
}

absl::StatusOr<InitiatorParameters> ParametersFrom(const CommandLine& line,
                                                   const SmbAddress& address) {
  const std::string binding = line.ValueOr("--binding", "none");
  if (binding != "none" && binding != "omit") {
    return absl::InvalidArgumentError("--binding '" + binding + "': expected none or omit");
  }
  InitiatorParameters parameters;
  parameters.target_name = line.ValueOr("--spn", "cifs/" + address.server.host);
  parameters.binding = binding == "omit" ? BindingRequest::kOmit : BindingRequest::kExplicitNone;
  return parameters;
}

absl::StatusOr<smb2::ClientOptions> ClientOptionsFrom(const CommandLine& line,
                                                      const SmbAddress& address,
                                                      const std::shared_ptr<AuditSink>& audit) {
  smb2::ClientOptions options;
  EPA_ASSIGN_OR_RETURN(options.parameters, ParametersFrom(line, address));
  EPA_ASSIGN_OR_RETURN(options.dialects, SmbDialectsFrom(line));
  EPA_ASSIGN_OR_RETURN(options.encryption, SmbEncryptionFrom(line));
  EPA_ASSIGN_OR_RETURN(const auto settings, WindowsSettingsFrom(line));
  if (settings.has_value()) {
    ApplyWindowsSettings(*settings, options);
  }
  if (line.Has("--signing")) {
    EPA_ASSIGN_OR_RETURN(options.require_signing, SmbSigningRequiredFrom(line));
  }
  if (line.Has("--insecure-guest")) {
    EPA_ASSIGN_OR_RETURN(options.allow_insecure_guest, GuestAllowedFrom(line));
  }
  EPA_ASSIGN_OR_RETURN(const PackageSet packages, ClientPackagesFrom(line, audit));
  options.credentials = packages.negotiate != nullptr ? packages.negotiate : packages.ntlm;
  options.server_name = address.server.host;
  options.user_name = line.ValueOr("--user", "");
  if (EqualsIgnoringAsciiCase(options.user_name, "guest")) {
    options.logon = smb2::LogonKind::kGuest;
  }
  return options;
}

absl::StatusOr<Login> LoginFrom(const CommandLine& line, const std::shared_ptr<AuditSink>& audit) {
  if (line.positional().empty()) {
    return absl::InvalidArgumentError("a share is needed: epa login smb //HOST[:PORT]/SHARE");
  }
  if (line.Has("--get") && (line.Has("--json") || line.Has("--list"))) {
    return absl::InvalidArgumentError("--get writes only the file: leave out --json and --list");
  }
  Login login;
  EPA_ASSIGN_OR_RETURN(login.address, ParseSmbAddress(line.positional().front()));
  EPA_ASSIGN_OR_RETURN(login.client, ClientOptionsFrom(line, login.address, audit));
  login.events = std::make_shared<EventCollector>(audit);
  login.client.audit = login.events;
  login.list = line.Has("--list");
  login.get = line.Value("--get");
  return login;
}

std::string_view SessionName(smb2::GrantedSession session) {
  switch (session) {
    case smb2::GrantedSession::kUser:
      return "user";
    case smb2::GrantedSession::kGuest:
      return "guest";
    case smb2::GrantedSession::kAnonymous:
      return "anonymous";
  }
  return "";
}

Json EventsOf(const std::vector<WindowsEvent>& events) {
  Json list = Json::array();
  for (const WindowsEvent& event : events) {
    Json json;
    json["id"] = event.id;
    json["log"] = event.log;
    json["data"] = Json::object();
    for (const WindowsEventField& field : event.fields) {
      json["data"][std::string(field.name)] = field.value;
    }
    list.push_back(std::move(json));
  }
  return list;
}

// What can be said of the connection whether or not it let us in.
Json ConnectionReport(const Login& login, const smb2::ClientConnection& connection) {
  Json report;
  report["accepted"] = connection.established();
  report["server"] = login.address.ToString();
  report["dialect"] = connection.dialect().has_value()
                          ? Json(smb2::DialectName(*connection.dialect()))
                          : Json(nullptr);
  ReportClaims(login.client.parameters, Channel::Plain(), report);  // SMB has no channel to bind
  if (const std::string_view over = connection.context().passed_over(); !over.empty()) {
    report["passed_over"] = over;
  }
  return report;
}

Json SessionReport(const Login& login, const smb2::ClientConnection& connection) {
  Json report = ConnectionReport(login, connection);
  report["session"] = SessionName(connection.granted());
  report["user"] = login.client.user_name;
  const auto package = connection.context().package_name();
  report["package"] = package.ok() ? Json(*package) : Json(nullptr);
  const auto server = connection.context().server();
  report["server_proved"] = server.ok() && server->mutually_authenticated;
  report["signing"] = connection.is_signed() && connection.signing_algorithm().has_value()
                          ? Json(smb2::SigningAlgorithmName(*connection.signing_algorithm()))
                          : Json(nullptr);
  report["encryption"] = connection.encrypts() && connection.cipher().has_value()
                             ? Json(smb2::CipherName(*connection.cipher()))
                             : Json(nullptr);
  return report;
}

std::string Hex(uint32_t number) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08x", number);
  return std::string(text.data(), static_cast<size_t>(size));
}

Json RefusalReport(const Login& login, const smb2::ClientConnection& connection) {
  Json report = ConnectionReport(login, connection);
  const smb2::ClientRefusal& refusal = *connection.refusal();
  report["refusal"] = RefusalText(refusal);
  if (refusal.reason != Reason::kNone) {
    report["reason"] = ReasonName(refusal.reason);
  }
  if (refusal.status != smb2::kStatusSuccess) {
    report["status"] = Hex(refusal.status);
    report["status_name"] = smb2::NtStatusName(refusal.status);
  }
  if (refusal.win32_error != 0) {
    report["win32_error"] = refusal.win32_error;
    report["hresult"] = Hex(refusal.hresult);
  }
  return report;
}

Json EntryReport(const DirectoryEntry& entry) {
  Json json;
  json["name"] = entry.name;
  json["directory"] = entry.facts.directory;
  json["size"] = entry.facts.size;
  return json;
}

std::string TextOr(const Json& report, const char* key, std::string_view otherwise) {
  const auto found = report.find(key);
  return found != report.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string(otherwise);
}

void PrintForPeople(const Json& report) {
  const Printer printer;
  const bool accepted = report["accepted"];
  Write(printer.Styled(accepted ? "accepted" : "refused", accepted ? Style::kGood : Style::kBad) +
        " by " + report["server"].get<std::string>() + "\n");
  Table table;
  const auto row = [&table](std::string_view title, std::string text) {
    table.AddRow({{std::string(title), Style::kDim}, {std::move(text)}});
  };
  row("dialect", TextOr(report, "dialect", "none agreed"));
  if (accepted) {
    row("session", TextOr(report, "session", "") + " " + TextOr(report, "user", ""));
    row("package", TextOr(report, "package", "none"));
    row("server", ServerProofInWords(report));
    row("target name", TextOr(report, "target_name", "none"));
    row("signing", TextOr(report, "signing", "none"));
    row("encryption", TextOr(report, "encryption", "none"));
  }
  if (report.contains("passed_over")) {
    row("passed over", TextOr(report, "passed_over", ""));
  }
  for (const Json& event : report["events"]) {
    row("event", event["id"].dump() + " of " + event["log"].get<std::string>());
  }
  Write(table.Render(printer));
}

void PrintEntries(const Json& entries) {
  Table table;
  for (const Json& entry : entries) {
    table.AddRow({{entry["name"].get<std::string>()},
                  {entry["directory"].get<bool>() ? "directory" : entry["size"].dump()}});
  }
  Write(table.Render(Printer()));
}

// What was asked for besides logging in.
absl::Status UseShare(const Login& login, SmbClient& client, Json& report) {
  EPA_RETURN_IF_ERROR(client.ConnectTree().status());
  if (login.list) {
    EPA_ASSIGN_OR_RETURN(const std::vector<DirectoryEntry> entries, client.List(kMostEntries));
    report["files"] = Json::array();
    for (const DirectoryEntry& entry : entries) {
      report["files"].push_back(EntryReport(entry));
    }
  }
  if (login.get.has_value()) {
    EPA_RETURN_IF_ERROR(client.Get(*login.get, [](std::span<const uint8_t> piece) {
      Write({reinterpret_cast<const char*>(piece.data()), piece.size()});
      return OutputFault().empty();
    }));
  }
  return client.LogOff();
}

void Print(const CommandLine& line, const Json& report) {
  if (line.Has("--json")) {
    WriteJson(report);
  } else if (!line.Has("--get")) {
    PrintForPeople(report);
    if (report.contains("files")) {
      PrintEntries(report["files"]);
    }
  }
}

// A server that cannot judge a login has not refused it; HTTP says 5xx.
bool IsServerFault(smb2::NtStatus status) {
  constexpr smb2::NtStatus kStatusNoLogonServers = 0xC000005E;  // [MS-ERREF] 2.3.1
  return status == smb2::kStatusInternalError || status == smb2::kStatusInsufficientResources ||
         status == kStatusNoLogonServers;
}

Ending LogIn(const CommandLine& line, const std::shared_ptr<AuditSink>& audit) {
  const absl::StatusOr<Login> login = LoginFrom(line, audit);
  if (!login.ok()) {
    return FailUsage(login.status());
  }
  const auto client = SmbClient::LogIn(login->address, login->client);
  if (!client.ok()) {
    return FailLogin(client.status());
  }
  const smb2::ClientConnection& connection = (*client)->connection();
  if (connection.refusal().has_value()) {
    Json report = RefusalReport(*login, connection);
    report["events"] = EventsOf(login->events->events());
    Print(line, report);
    return FailAfterReport(IsServerFault(connection.refusal()->status) ? kExitFault : kExitRefused,
                           RefusalText(*connection.refusal()));
  }
  Json report = SessionReport(*login, connection);
  report["events"] = EventsOf(login->events->events());
  if (absl::Status status = UseShare(*login, **client, report); !status.ok()) {
    return FailLogin(status);
  }
  Print(line, report);
  return kExitDone;
}

}  // namespace

int RunLoginSmb(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments,
                    [](const CommandLine& line) { return RunWithAudit(line, LogIn); });
}

}  // namespace epa::tool
