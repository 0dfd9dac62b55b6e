#include "tools/epa/serve/login_report.h"

#include <utility>

#include "lib/base/json_text.h"

namespace epa::tool {

std::string LoginReport(const SecurityContext& context, const ExtendedProtectionPolicy& policy) {
  const auto peer = context.peer();
  const auto package = context.package_name();
  const auto evidence = context.evidence();
  const auto decision = context.extended_protection();
  if (!peer.ok() || !package.ok() || !evidence.ok() || !decision.ok()) {
    return "{}\n";
  }
  JsonObject protection;
  protection.AddText("mode", ExtendedProtectionModeName(policy.mode()));
  protection.AddText("binding", BindingEvidenceName(evidence->binding));
  if (evidence->target_name.has_value()) {
    protection.AddText("target_name", *evidence->target_name);
    protection.AddText("target_name_voucher", TargetNameVoucherName(evidence->target_name_voucher));
  } else {
    protection.AddJson("target_name", "null");
  }
  protection.AddText("decision", decision->compliant ? "accepted" : "reported");
  protection.AddText("reason", ReasonName(decision->reason));
  JsonObject report;
  if (const AccountIdentity* const account = peer->account()) {
    report.AddText("user", account->user);
    report.AddText("domain", account->domain);
  } else {
    report.AddJson("user", "null");
    report.AddJson("domain", "null");
    report.AddText("identity", IdentityKindName(peer->kind()));
  }
  report.AddText("package", *package);
  report.AddJson("extended_protection", std::move(protection).Take());
  return std::move(report).Take() + "\n";
}

}  // namespace epa::tool
