#include "epa/audit_json/json_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "lib/audit_json/rfc3339.h"

namespace epa {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStandardError = "-";
// Names of accounts are in there: for the owner and its group only.
constexpr mode_t kFileMode = 0640;

std::string StatusCode(SecurityStatus status) {
  std::array<char, 16> text{};
  const int size = std::snprintf(text.data(), text.size(), "0x%08X", static_cast<uint32_t>(status));
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
  AddUnlessEmpty(json, "workstation", event.workstation);
  json["identity"] = IdentityKindName(event.identity);
  json["identity_verified"] = event.identity_verified;
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
    json["target_name_trusted"] = event.target_name_trusted;
  }
  json["mic"] = MicEvidenceName(event.mic);
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

absl::Status OpenError(const std::string& path, int error) {
  const std::string text = "audit file \"" + path + "\": " + std::generic_category().message(error);
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

// What write(2) says, once it was not interrupted.
ssize_t WriteOnce(int file, std::string_view line) {
  ssize_t written = -1;
  do {
    written = write(file, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written;
}

}  // namespace

std::string AuditEventToJson(const AuditEvent& event) {
  Json json;
  json["time"] = FormatRfc3339(event.time);
  json["outcome"] = AuditOutcomeName(event.outcome);
  json["reason"] = ReasonName(event.reason);
  json["status"] = SecurityStatusName(event.status);
  json["status_code"] = StatusCode(event.status);
  AddUnlessEmpty(json, "detail", event.detail);
  AddPeer(json, event);
  AddProtection(json, event);
  if (event.windows_event.has_value()) {
    json["windows_event"] = WindowsEventToJson(*event.windows_event);
  }
  // Pure ASCII: no line separator, terminal control or change of direction gets through.
  constexpr bool kEnsureAscii = true;
  return json.dump(-1, ' ', kEnsureAscii, Json::error_handler_t::replace);
}

struct JsonLinesAuditSink::Impl {
  explicit Impl(int descriptor) : file(descriptor) {}
  ~Impl() {
    if (file != STDERR_FILENO) {
      close(file);
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const int file;
  std::atomic<uint64_t> lost = 0;
  // The last line was cut off (a full disk): the next one starts with a line feed of its own.
  std::atomic<bool> torn = false;
};

JsonLinesAuditSink::JsonLinesAuditSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonLinesAuditSink::~JsonLinesAuditSink() = default;

absl::StatusOr<std::shared_ptr<JsonLinesAuditSink>> JsonLinesAuditSink::Create(
    const std::string& path) {
  int file = STDERR_FILENO;
  if (path != kStandardError) {
    file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kFileMode);
    if (file < 0) {
      return OpenError(path, errno);
    }
  }
  return std::shared_ptr<JsonLinesAuditSink>(new JsonLinesAuditSink(std::make_unique<Impl>(file)));
}

void JsonLinesAuditSink::OnEvent(const AuditEvent& event) {
  std::string line = impl_->torn.exchange(false) ? "\n" : "";
  const bool after_torn_line = !line.empty();
  line += AuditEventToJson(event);
  line += '\n';
  const ssize_t written = WriteOnce(impl_->file, line);
  if (written == static_cast<ssize_t>(line.size())) {
    return;
  }
  impl_->lost.fetch_add(1, std::memory_order_relaxed);
  if (written > 0 || after_torn_line) {
    impl_->torn.store(true);
  }
}

uint64_t JsonLinesAuditSink::lost_events() const {
  return impl_->lost.load(std::memory_order_relaxed);
}

}  // namespace epa
