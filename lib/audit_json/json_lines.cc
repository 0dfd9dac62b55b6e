#include "epa/audit_json/json_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "lib/audit_json/event_fields.h"

namespace epa {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStandardError = "-";
// Names of accounts are in there: for the owner and its group only.
constexpr mode_t kFileMode = 0640;

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
  // Pure ASCII: no line separator, terminal control or change of direction gets through.
  constexpr bool kEnsureAscii = true;
  return EventFields(event).dump(-1, ' ', kEnsureAscii, Json::error_handler_t::replace);
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
