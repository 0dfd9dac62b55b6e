#include "modules/gss/report.h"

#include <vector>

#include "lib/base/hex.h"
#include "lib/base/json_text.h"
#include "modules/gss/services.h"

namespace epa::gss {
namespace {

using service::GssRule;

std::string_view RuleName(GssRule rule) {
  switch (rule) {
    case GssRule::kOff:
      return "off";
    case GssRule::kApplication:
      return "application";
    case GssRule::kCertificate:
      break;
  }
  return "certificate";
}

std::string Switch(bool value) { return value ? "true" : "false"; }

std::string List(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) {
    list += (list.empty() ? "" : ",") + value;
  }
  return "[" + list + "]";
}

std::string CertificatesOf(const service::ServiceParts& parts) {
  std::vector<std::string> list;
  if (parts.certificates != nullptr) {
    for (const tls::CertificateOnFile& file : parts.certificates->List()) {
      JsonObject one;
      one.AddText("path", file.path);
      if (file.binding.bindings.has_value()) {
        one.AddText("application_data", EncodeHex(file.binding.bindings->application_data()));
      }
      list.push_back(std::move(one).Take());
    }
  }
  return List(list);
}

std::string TextOf(const ConfiguredService& configured) {
  JsonObject one;
  one.AddText("section", SectionTitle(configured.name));
  std::vector<std::string> acceptors;
  for (const std::string& acceptor : configured.acceptors) {
    acceptors.push_back(JsonString(acceptor));
  }
  one.AddJson("acceptors", List(acceptors));
  if (configured.service == nullptr) {
    one.AddText("rule", RuleName(GssRule::kOff));
    return std::move(one).Take();
  }
  const auto parts = configured.service->parts();
  one.AddText("rule", RuleName(parts->settings.gss.value_or(GssRule::kCertificate)));
  one.AddText("scenario", ScenarioName(parts->scenario));
  one.AddText("mode", ExtendedProtectionModeName(parts->policy->mode()));
  one.AddJson("audit_only", Switch(parts->policy->audit_only()));
  one.AddJson("kerberos", Switch(parts->packages.kerberos != nullptr));
  one.AddJson("ntlm", Switch(parts->packages.ntlm != nullptr));
  one.AddJson("certificates", CertificatesOf(*parts));
  return std::move(one).Take();
}

}  // namespace

std::string ReportText() {
  const auto services = Services::OfThisProcess().Current();
  JsonObject report;
  if (!services.ok()) {
    report.AddText("error", std::string(services.status().message()));
    return std::move(report).Take();
  }
  std::vector<std::string> list;
  for (const ConfiguredService& configured : **services) {
    list.push_back(TextOf(configured));
  }
  report.AddJson("services", List(list));
  return std::move(report).Take();
}

}  // namespace epa::gss
