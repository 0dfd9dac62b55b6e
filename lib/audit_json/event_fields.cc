#include "lib/audit_json/event_fields.h"

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

#include "lib/audit_json/rfc3339.h"

namespace epa {
namespace {

using Json = nlohmann::ordered_json;

std::string StatusCode(uint32_t status) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08X", status);
  return std::string(text.data(), static_cast<size_t>(size));
}

void AddUnlessEmpty(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) {
    json[key] = value;
  }
}

void AddPeer(Json& json, const AuditEvent& event) {
  AddUnlessEmpty(json, "connection", event.connection);
  AddUnlessEmpty(json, "package", event.package);
  AddUnlessEmpty(json, "user", event.user);
  AddUnlessEmpty(json, "domain", event.domain);
  AddUnlessEmpty(json, "claimed_user", event.claims.user);
  AddUnlessEmpty(json, "claimed_domain", event.claims.domain);
  AddUnlessEmpty(json, "workstation", event.claims.workstation);
  json["identity"] = IdentityKindName(event.identity);
  json["identity_verified"] = event.identity_verified;
}

void AddNegotiation(Json& json, const NegotiationRecord& record) {
  Json& negotiation = json["negotiation"];
  negotiation["offered"] = record.offered;
  AddUnlessEmpty(negotiation, "taken", record.taken);
  negotiation["passed_over"] = Json::array();
  for (const PassedOverMechanism& passed_over : record.passed_over) {
    negotiation["passed_over"].push_back({{"mechanism", passed_over.mechanism},
                                          {"reason", PassedOverReasonName(passed_over.reason)}});
  }
}

void AddProtection(Json& json, const AuditEvent& event) {
  json["channel"] = ChannelKindName(event.channel);
  json["mode"] = ExtendedProtectionModeName(event.mode);
  json["audit_only"] = event.audit_only;
  json["binding"] = BindingEvidenceName(event.binding);
  if (event.matched_binding.has_value()) {
    json["matched_binding"] = ChannelBindingTypeName(*event.matched_binding);
  }
  if (event.target_name.has_value()) {
    json["target_name"] = *event.target_name;
    json["target_name_voucher"] = TargetNameVoucherName(event.target_name_voucher);
  }
  json["mic"] = MicEvidenceName(event.mic);
  json["pac"] = PacEvidenceName(event.pac);
  if (event.accepted_if_required.has_value()) {
    json["accepted_if_required"] = *event.accepted_if_required;
    json["reason_if_required"] = ReasonName(event.reason_if_required);
  }
}

std::string Hex64(uint64_t value) {
  std::array<char, 20> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%016" PRIx64, value);
  return std::string(text.data(), static_cast<size_t>(size));
}

Json WindowsEventToJson(const WindowsEvent& event) {
  Json json;
  json["id"] = event.id;
  json["log"] = event.log;
  json["provider"] = event.provider;
  json["level"] = static_cast<int>(event.level);
  json["task"] = event.task;
  if (event.keywords != 0) {
    json["keywords"] = Hex64(event.keywords);
  }
  for (const WindowsEventField& field : event.fields) {
    json["data"][std::string(field.name)] = field.value;
  }
  return json;
}

}  // namespace

Json EventFields(const AuditEvent& event) {
  Json json;
  json["time"] = FormatRfc3339(event.time);
  json["outcome"] = AuditOutcomeName(event.outcome);
  json["reason"] = ReasonName(event.reason);
  json["status"] = SecurityStatusName(event.status);
  json["status_code"] = StatusCode(static_cast<uint32_t>(event.status));
  if (event.status != SecurityStatus::kOk) {
    json["nt_status"] = StatusCode(NtStatusOf(event.reason));
  }
  AddUnlessEmpty(json, "detail", event.detail);
  AddPeer(json, event);
  if (event.negotiation.has_value()) {
    AddNegotiation(json, *event.negotiation);
  }
  AddProtection(json, event);
  if (event.windows_event.has_value()) {
    json["windows_event"] = WindowsEventToJson(*event.windows_event);
  }
  return json;
}

}  // namespace epa
