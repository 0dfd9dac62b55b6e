#include "epa/audit_json/journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/audit_json/event_fields.h"
#include "lib/base/byte_writer.h"
#include "lib/base/file_descriptor.h"
#include "lib/base/json_text.h"

namespace epa {
namespace {

// syslog(3)'s levels.
char PriorityOf(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kAccepted:
      return '6';  // information
    case AuditOutcome::kAbandoned:
    case AuditOutcome::kNoticed:
      return '5';  // notice
    case AuditOutcome::kRefused:
      return '4';  // warning
    case AuditOutcome::kFault:
      return '3';  // error
  }
  return '3';
}

std::string FullName(const std::string& domain, const std::string& user) {
  return domain.empty() ? user : domain + "\\" + user;
}

// One line for people, in ASCII.
std::string MessageOf(const AuditEvent& event) {
  std::string text(AuditOutcomeName(event.outcome));
  if (!event.user.empty()) {
    text += " " + JsonString(FullName(event.domain, event.user));
  } else if (!event.claims.user.empty()) {
    text += " who claims to be " + JsonString(FullName(event.claims.domain, event.claims.user));
  }
  if (!event.connection.empty()) {
    text += " from " + JsonString(event.connection);
  }
  return text + ": " + std::string(ReasonText(event.reason));
}

// A name of capitals, digits and underscores, as the journal demands.
std::string FieldName(std::string_view prefix, std::string_view key) {
  std::string name(prefix);
  for (const char letter : key) {
    const bool lower = letter >= 'a' && letter <= 'z';
    name += lower ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return name;
}

void WriteText(std::string_view text, ByteWriter& out) {
  out.WriteBytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

// The form for values with any octets: name, line feed, length, value, line feed.
void WriteField(std::string_view name, std::string_view value, ByteWriter& out) {
  WriteText(name, out);
  out.WriteU8('\n');
  out.WriteU64(value.size());
  WriteText(value, out);
  out.WriteU8('\n');
}

// Names of a group's fields begin with the group's.
class JournalFieldWriter final : public EventFieldWriter {
 public:
  explicit JournalFieldWriter(ByteWriter& out) : out_(out) {}

  void Text(std::string_view name, std::string_view text) override {
    WriteField(FieldName(prefixes_.back(), name), text, out_);
  }
  void Value(std::string_view name, std::string_view json) override { Text(name, json); }
  void Begin(std::string_view name) override {
    prefixes_.push_back(FieldName(prefixes_.back(), name) + "_");
  }
  void End() override { prefixes_.pop_back(); }

 private:
  ByteWriter& out_;
  std::vector<std::string> prefixes_ = {"EPA_"};
};

std::vector<uint8_t> EntryOf(const AuditEvent& event) {
  constexpr size_t kUsualSize = 2048;
  ByteWriter entry(kUsualSize);
  WriteField("MESSAGE", MessageOf(event), entry);
  WriteField("PRIORITY", std::string(1, PriorityOf(event.outcome)), entry);
  WriteField("SYSLOG_IDENTIFIER", "epa", entry);
  JournalFieldWriter fields(entry);
  WriteEventFields(event, fields);
  return std::move(entry).Take();
}

bool SendOnce(int socket, const msghdr& message) {
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

// To the address, where a journal that was restarted is; from a chroot, which has no such path, to
// the journal that was there when the socket was connected.
bool SendMessage(int socket, msghdr message) {
  if (SendOnce(socket, message)) {
    return true;
  }
  if (errno != ENOENT && errno != EACCES) {
    return false;
  }
  message.msg_name = nullptr;
  message.msg_namelen = 0;
  return SendOnce(socket, message);
}

// Entries beyond the size of a datagram travel in a sealed memory file.
bool SendInMemoryFile(int socket, sockaddr_un& address, std::span<const uint8_t> entry) {
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  const FileDescriptor file(memfd_create("epa-audit", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() ||
      write(file.number(), entry.data(), entry.size()) != static_cast<ssize_t>(entry.size()) ||
      fcntl(file.number(), F_ADD_SEALS, kSeals) != 0) {
    return false;
  }
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof(address);
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = file.number();
  std::memcpy(CMSG_DATA(header), &number, sizeof(number));
  return SendMessage(socket, message);
}

bool Send(int socket, sockaddr_un address, std::span<uint8_t> entry) {
  iovec part{.iov_base = entry.data(), .iov_len = entry.size()};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof(address);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (SendMessage(socket, message)) {
    return true;
  }
  return (errno == EMSGSIZE || errno == ENOBUFS) && SendInMemoryFile(socket, address, entry);
}

}  // namespace

struct JournalAuditSink::Impl {
  Impl(int number, const sockaddr_un& path) : socket(number), address(path) {}

  const FileDescriptor socket;
  const sockaddr_un address;
  std::atomic<uint64_t> lost = 0;
};

JournalAuditSink::JournalAuditSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JournalAuditSink::~JournalAuditSink() = default;

absl::StatusOr<std::shared_ptr<JournalAuditSink>> JournalAuditSink::Create(
    const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError("journal socket \"" + socket_path +
                                      "\": empty or too long for a socket's path");
  }
  std::ranges::copy(socket_path, address.sun_path);
  const int number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (number < 0) {
    return absl::FailedPreconditionError("journal socket: " +
                                         std::generic_category().message(errno));
  }
  // Fails where there is no journal yet.
  connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return std::shared_ptr<JournalAuditSink>(
      new JournalAuditSink(std::make_unique<Impl>(number, address)));
}

void JournalAuditSink::OnEvent(const AuditEvent& event) {
  std::vector<uint8_t> entry = EntryOf(event);
  if (!Send(impl_->socket.number(), impl_->address, entry)) {
    impl_->lost.fetch_add(1, std::memory_order_relaxed);
  }
}

uint64_t JournalAuditSink::lost_events() const {
  return impl_->lost.load(std::memory_order_relaxed);
}

}  // namespace epa
