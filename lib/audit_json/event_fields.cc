#include "lib/audit_json/event_fields.h"

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

#include "lib/audit_json/rfc3339.h"
#include "lib/base/json_text.h"

namespace epa {
namespace {

std::string StatusCode(uint32_t status) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08X", status);
  return std::string(text.data(), static_cast<size_t>(size));
}

std::string Hex64(uint64_t value) {
  std::array<char, 20> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%016" PRIx64, value);
  return std::string(text.data(), static_cast<size_t>(size));
}

void WriteBool(std::string_view name, bool value, EventFieldWriter& out) {
  out.Value(name, value ? "true" : "false");
}

void WriteUnlessEmpty(std::string_view name, std::string_view text, EventFieldWriter& out) {
  if (!text.empty()) {
    out.Text(name, text);
  }
}

void WritePeer(const AuditEvent& event, EventFieldWriter& out) {
  WriteUnlessEmpty("connection", event.connection, out);
  WriteUnlessEmpty("package", event.package, out);
  WriteUnlessEmpty("user", event.user, out);
  WriteUnlessEmpty("domain", event.domain, out);
  WriteUnlessEmpty("claimed_user", event.claims.user, out);
  WriteUnlessEmpty("claimed_domain", event.claims.domain, out);
  WriteUnlessEmpty("workstation", event.claims.workstation, out);
  out.Text("identity", IdentityKindName(event.identity));
  WriteBool("identity_verified", event.identity_verified, out);
}

// `element` appends one to the text.
template <typename List, typename AppendElement>
std::string JsonList(const List& list, AppendElement append_element) {
  std::string json = "[";
  for (const auto& element : list) {
    json += json.size() > 1 ? "," : "";
    append_element(element, json);
  }
  return json + "]";
}

void WriteNegotiation(const NegotiationRecord& record, EventFieldWriter& out) {
  out.Begin("negotiation");
  out.Value("offered", JsonList(record.offered, [](const std::string& name, std::string& json) {
              AppendJsonString(name, json);
            }));
  WriteUnlessEmpty("taken", record.taken, out);
  out.Value("passed_over",
            JsonList(record.passed_over, [](const PassedOverMechanism& one, std::string& json) {
              JsonObject object;
              object.AddText("mechanism", one.mechanism);
              object.AddText("reason", PassedOverReasonName(one.reason));
              json += std::move(object).Take();
            }));
  out.End();
}

void WriteProtection(const AuditEvent& event, EventFieldWriter& out) {
  out.Text("channel", ChannelKindName(event.channel));
  out.Text("mode", ExtendedProtectionModeName(event.mode));
  WriteBool("audit_only", event.audit_only, out);
  out.Text("binding", BindingEvidenceName(event.binding));
  if (event.matched_binding.has_value()) {
    out.Text("matched_binding", ChannelBindingTypeName(*event.matched_binding));
  }
  if (event.target_name.has_value()) {
    out.Text("target_name", *event.target_name);
    out.Text("target_name_voucher", TargetNameVoucherName(event.target_name_voucher));
  }
  out.Text("mic", MicEvidenceName(event.mic));
  out.Text("pac", PacEvidenceName(event.pac));
  if (event.accepted_if_required.has_value()) {
    WriteBool("accepted_if_required", *event.accepted_if_required, out);
    out.Text("reason_if_required", ReasonName(event.reason_if_required));
  }
}

void WriteWindowsEvent(const WindowsEvent& event, EventFieldWriter& out) {
  out.Begin("windows_event");
  out.Value("id", std::to_string(event.id));
  out.Text("log", event.log);
  out.Text("provider", event.provider);
  out.Value("level", std::to_string(static_cast<int>(event.level)));
  out.Value("task", std::to_string(event.task));
  if (event.keywords != 0) {
    out.Text("keywords", Hex64(event.keywords));
  }
  if (!event.fields.empty()) {
    out.Begin("data");
    for (const WindowsEventField& field : event.fields) {
      out.Text(field.name, field.value);
    }
    out.End();
  }
  out.End();
}

}  // namespace

void WriteEventFields(const AuditEvent& event, EventFieldWriter& out) {
  out.Text("time", FormatRfc3339(event.time));
  out.Text("outcome", AuditOutcomeName(event.outcome));
  out.Text("reason", ReasonName(event.reason));
  out.Text("status", SecurityStatusName(event.status));
  out.Text("status_code", StatusCode(static_cast<uint32_t>(event.status)));
  if (event.status != SecurityStatus::kOk) {
    out.Text("nt_status", StatusCode(NtStatusOf(event.reason)));
  }
  WriteUnlessEmpty("detail", event.detail, out);
  WritePeer(event, out);
  if (event.negotiation.has_value()) {
    WriteNegotiation(*event.negotiation, out);
  }
  WriteProtection(event, out);
  if (event.windows_event.has_value()) {
    WriteWindowsEvent(*event.windows_event, out);
  }
}

}  // namespace epa
