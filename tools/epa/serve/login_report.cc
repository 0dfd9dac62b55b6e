#include "tools/epa/serve/login_report.h"

#include "tools/epa/common/output.h"

namespace epa::tool {

std::string LoginReport(const SecurityContext& context, const ExtendedProtectionPolicy& policy) {
  const auto peer = context.peer();
  const auto package = context.package_name();
  const auto evidence = context.evidence();
  const auto decision = context.extended_protection();
  if (!peer.ok() || !package.ok() || !evidence.ok() || !decision.ok()) {
    return "{}\n";
  }
  Json protection;
  protection["mode"] = ExtendedProtectionModeName(policy.mode());
  protection["binding"] = BindingEvidenceName(evidence->binding);
  protection["target_name"] =
      evidence->target_name.has_value() ? Json(*evidence->target_name) : Json(nullptr);
  if (evidence->target_name.has_value()) {
    protection["target_name_voucher"] = TargetNameVoucherName(evidence->target_name_voucher);
  }
  protection["decision"] = decision->compliant ? "accepted" : "reported";
  protection["reason"] = ReasonName(decision->reason);
  Json report;
  const AccountIdentity* const account = peer->account();
  report["user"] = account != nullptr ? Json(account->user) : Json(nullptr);
  report["domain"] = account != nullptr ? Json(account->domain) : Json(nullptr);
  if (account == nullptr) {
    report["identity"] = IdentityKindName(peer->kind());
  }
  report["package"] = *package;
  report["extended_protection"] = std::move(protection);
  return JsonLine(report) + "\n";
}

}  // namespace epa::tool
