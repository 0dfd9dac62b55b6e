#include "epa/audit_json/json_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/audit_json/event_fields.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/json_text.h"

namespace epa {
namespace {

constexpr std::string_view kStandardError = "-";
// Names of accounts are in there: for the owner and its group only.
constexpr mode_t kFileMode = 0640;

absl::Status OpenError(const std::string& path, int error) {
  if (error == ENXIO) {
    return absl::FailedPreconditionError("audit pipe \"" + path + "\": nobody reads it");
  }
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

// Where lines go. A write that would have to wait is one that failed.
class Output {
 public:
  explicit Output(FileDescriptor file) : file_(std::move(file)) {}
  // Does not belong to this program alone, so it stays as it is: blocking, perhaps.
  static Output StandardError() { return Output(); }

  // The octets that were written.
  size_t Write(std::string_view line) const {
    if (file_.valid()) {
      return WriteOnce(file_.number(), line);
    }
    size_t written = 0;
    while (written < line.size() && HasRoom(STDERR_FILENO)) {
      const std::string_view piece = line.substr(written, kPiece);
      const size_t size = WriteOnce(STDERR_FILENO, piece);
      written += size;
      if (size < piece.size()) {
        break;
      }
    }
    return written;
  }

 private:
  Output() = default;

  // What a pipe that has room takes at once (pipe(7)).
  static constexpr size_t kPiece = PIPE_BUF;

  static size_t WriteOnce(int descriptor, std::string_view octets) {
    ssize_t written = -1;
    do {
      written = write(descriptor, octets.data(), octets.size());
    } while (written < 0 && errno == EINTR);
    return written > 0 ? static_cast<size_t>(written) : 0;
  }
  static bool HasRoom(int descriptor) {
    pollfd event{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return poll(&event, 1, 0) == 1 && (event.revents & POLLOUT) != 0;
  }

  FileDescriptor file_;
};

class JsonFieldWriter final : public EventFieldWriter {
 public:
  void Text(std::string_view name, std::string_view text) override {
    groups_.back().object.AddText(name, text);
  }
  void Value(std::string_view name, std::string_view json) override {
    groups_.back().object.AddJson(name, json);
  }
  void Begin(std::string_view name) override { groups_.push_back({std::string(name), {}}); }
  void End() override {
    Group group = std::move(groups_.back());
    groups_.pop_back();
    groups_.back().object.AddJson(group.name, std::move(group.object).Take());
  }
  std::string Take() && { return std::move(groups_.back().object).Take(); }

 private:
  struct Group {
    std::string name;
    JsonObject object;
  };

  // The whole event, and the groups that have begun.
  std::vector<Group> groups_{1};
};

}  // namespace

std::string AuditEventToJson(const AuditEvent& event) {
  JsonFieldWriter fields;
  WriteEventFields(event, fields);
  return std::move(fields).Take();
}

struct JsonLinesAuditSink::Impl {
  explicit Impl(Output lines) : output(std::move(lines)) {}

  const Output output;
  std::atomic<uint64_t> lost = 0;
  // The last line was cut off (a full disk): the next one starts with a line feed of its own.
  std::atomic<bool> torn = false;
};

JsonLinesAuditSink::JsonLinesAuditSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonLinesAuditSink::~JsonLinesAuditSink() = default;

absl::StatusOr<std::shared_ptr<JsonLinesAuditSink>> JsonLinesAuditSink::Create(
    const std::string& path) {
  const auto sink_of = [](Output output) {
    return std::shared_ptr<JsonLinesAuditSink>(
        new JsonLinesAuditSink(std::make_unique<Impl>(std::move(output))));
  };
  if (path == kStandardError) {
    return sink_of(Output::StandardError());
  }
  FileDescriptor file(open(
      path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, kFileMode));
  if (!file.valid()) {
    return OpenError(path, errno);
  }
  return sink_of(Output(std::move(file)));
}

void JsonLinesAuditSink::OnEvent(const AuditEvent& event) {
  std::string line = impl_->torn.exchange(false) ? "\n" : "";
  const bool after_torn_line = !line.empty();
  line += AuditEventToJson(event);
  line += '\n';
  const size_t written = impl_->output.Write(line);
  if (written == line.size()) {
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
