#include "tools/epa/login/login_output.h"

#include <utility>

#include "absl/status/status.h"
#include "lib/base/hex.h"

namespace epa::tool {
namespace {

std::string Text(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The name in a report of `epa serve`, a directory's "Who am I?", or what there is instead of one.
std::string ServerSays(const Json& says) {
  if (says.is_object() && says.contains("capabilities")) {
    std::string all;
    for (const Json& one : says["capabilities"]) {
      all += (all.empty() ? "" : ", ") + one.get<std::string>();
    }
    return all.empty() ? "nothing" : all;
  }
  if (const std::string identity = Text(says, "authorization_identity"); !identity.empty()) {
    return identity;
  }
  const std::string user = Text(says, "user");
  const std::string domain = Text(says, "domain");
  if (user.empty()) {
    return "nothing about who we are";
  }
  if (Text(says, "package") == "Kerberos") {
    return user + "@" + domain;
  }
  return (domain.empty() ? "" : domain + "\\") + user;
}

std::string BoundInWords(const Json& bound) {
  if (bound["said"] == "bound") {
    return bound["type"].get<std::string>() + ", token " + bound["token"].get<std::string>();
  }
  return bound["said"] == "none" ? "nothing: said that there is no channel"
                                 : "nothing, and said nothing about it";
}

// About the channel.
Json BoundTo(BindingRequest request, const Channel& channel) {
  Json bound;
  if (request == BindingRequest::kOmit) {
    bound["said"] = "nothing";
  } else if (request == BindingRequest::kExplicitNone || !channel.has_bindings()) {
    bound["said"] = "none";
  } else {
    const ChannelBindings& binding = channel.bindings().front();
    bound["said"] = "bound";
    bound["type"] = ChannelBindingTypeName(binding.type());
    bound["token"] = EncodeHex(binding.token().octets);
  }
  return bound;
}

}  // namespace

std::string ServerProofInWords(const Json& report) {
  if (report["server_proved"]) {
    return "proved that it has the key of " + report.value("target_name", "the service");
  }
  return report["binding"]["said"] == "bound" ? "proved nothing but its certificate"
                                              : "proved nothing";
}

absl::StatusOr<BindingRequest> BindingFrom(const CommandLine& line) {
  const std::string text = line.ValueOr("--binding", "auto");
  if (text == "auto") {
    return BindingRequest::kFromChannel;
  }
  if (text == "none") {
    return BindingRequest::kExplicitNone;
  }
  if (text == "omit") {
    return BindingRequest::kOmit;
  }
  return absl::InvalidArgumentError("--binding '" + text + "': expected auto, none or omit");
}

absl::StatusOr<Channel> ClientChannelOf(SSL* ssl, BindingRequest request,
                                        tls::UndefinedHashRule rule) {
  if (ssl == nullptr) {
    return Channel::Plain();
  }
  // A client that binds nothing can live with a certificate that has no binding.
  const bool binds = request == BindingRequest::kFromChannel;
  return tls::ChannelOf(ssl, {}, binds ? rule : tls::UndefinedHashRule::kUnbound);
}

void ReportClaims(const InitiatorParameters& parameters, const Channel& channel, Json& report) {
  report["binding"] = BoundTo(parameters.binding, channel);
  if (parameters.binding != BindingRequest::kOmit) {
    report["target_name"] = parameters.target_name;
  }
}

std::string ReasonInWords(Reason reason, const std::string& detail) {
  return std::string(ReasonText(reason)) + (detail.empty() ? "" : " (" + detail + ")");
}

Json ServerReport(const std::string& text) {
  Json says = Json::parse(text, nullptr, false);
  return says.is_discarded() ? Json(nullptr) : says;
}

void PrintLogin(const Json& report, const std::string& place, const std::string& how) {
  const Printer printer;
  const bool accepted = report["accepted"];
  Write(printer.Styled(accepted ? "accepted" : "refused", accepted ? Style::kGood : Style::kBad) +
        " by " + place + "\n");
  Table table;
  if (accepted) {
    table.AddRow({{"server says", Style::kDim}, {ServerSays(report["server_says"])}});
    table.AddRow({{"package", Style::kDim}, {report["package"].get<std::string>() + how}});
  }
  if (report.contains("server_proved")) {
    table.AddRow({{"server", Style::kDim}, {ServerProofInWords(report)}});
  }
  if (report.contains("passed_over")) {
    table.AddRow({{"passed over", Style::kDim}, {report["passed_over"].get<std::string>()}});
  }
  table.AddRow({{"bound", Style::kDim}, {BoundInWords(report["binding"])}});
  table.AddRow({{"target name", Style::kDim}, {report.value("target_name", "none")}});
  Write(table.Render(printer));
}

Ending FailLogin(const absl::Status& status) {
  int exit_status = kExitFault;
  if (absl::IsInvalidArgument(status)) {
    exit_status = kExitUsage;
  } else if (absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status)) {
    exit_status = kExitRefused;
  }
  return Fail(exit_status, std::string(status.message()));
}

}  // namespace epa::tool
