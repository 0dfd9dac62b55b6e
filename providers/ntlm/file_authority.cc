#include "providers/ntlm/file_authority.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "lib/base/file_descriptor.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/account_table.h"
#include "providers/ntlm/verification.h"

namespace epa::ntlm {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What changes when a file's content does.
struct FileStamp {
  explicit FileStamp(const struct stat& status)
      : device(status.st_dev),
        inode(status.st_ino),
        size(status.st_size),
        modified_seconds(status.st_mtim.tv_sec),
        modified_nanoseconds(status.st_mtim.tv_nsec),
        changed_seconds(status.st_ctim.tv_sec),
        changed_nanoseconds(status.st_ctim.tv_nsec) {}
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  dev_t device;
  ino_t inode;
  off_t size;
  time_t modified_seconds;
  long modified_nanoseconds;
  time_t changed_seconds;
  long changed_nanoseconds;
};

struct FileContent {
  // Absent while another change could leave the same stamp.
  std::optional<FileStamp> stamp;
  SecretBytes text;
};

// One reading of the file.
struct Snapshot {
  // Absent when the next check is to read the file whatever it looks like.
  std::optional<FileStamp> stamp;
  absl::StatusOr<AccountTable> table;
};

absl::Status FileError(const std::string& path) {
  return absl::UnavailableError(path + ": " + std::generic_category().message(errno));
}

std::optional<FileStamp> StampOf(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? std::optional(FileStamp(status)) : std::nullopt;
}

// File times move in steps of the kernel's tick, 10 ms at most: a file changed this recently may
// change once more and look the same.
bool ChangedJustNow(const struct stat& status) {
  constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
  constexpr int64_t kJustNow = kNanosecondsPerSecond / 10;
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t age = (now.tv_sec - status.st_ctim.tv_sec) * kNanosecondsPerSecond +
                      (now.tv_nsec - status.st_ctim.tv_nsec);
  return age >= 0 && age < kJustNow;
}

// Reads until `out` is full or the file ends; the number of octets read, or no value.
std::optional<size_t> ReadFully(const FileDescriptor& file, std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = read(file.number(), out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return std::nullopt;
    }
    if (count == 0) {
      break;
    }
    done += static_cast<size_t>(count);
  }
  return done;
}

// The stamp is taken before the content, so that a change in between is found at the next check.
absl::StatusOr<FileContent> ReadFile(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || fstat(file.number(), &status) != 0) {
    return FileError(path);
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(path + ": not a regular file");
  }
  const bool just_now = ChangedJustNow(status);
  SecretBytes text(static_cast<size_t>(status.st_size));
  const std::optional<size_t> size = ReadFully(file, text.ExposeMutable());
  if (!size.has_value()) {
    return FileError(path);
  }
  FileContent content;
  if (!just_now) {
    content.stamp = FileStamp(status);
  }
  content.text = SecretBytes(text.Expose().first(*size));
  return content;
}

absl::StatusOr<AccountTable> BuildTable(std::string_view text, const std::string& path) {
  EPA_ASSIGN_OR_RETURN(std::vector<Account> accounts, ParseAccounts(text, path));
  absl::StatusOr<AccountTable> table = AccountTable::Create(std::move(accounts));
  if (!table.ok()) {
    return absl::Status(table.status().code(), path + ": " + std::string(table.status().message()));
  }
  return table;
}

std::shared_ptr<const Snapshot> ReadSnapshot(const std::string& path) {
  const absl::StatusOr<FileContent> content = ReadFile(path);
  if (!content.ok()) {
    return std::make_shared<const Snapshot>(Snapshot{std::nullopt, content.status()});
  }
  return std::make_shared<const Snapshot>(
      Snapshot{content->stamp, BuildTable(content->text.ExposeText(), path)});
}

class FileAuthority final : public NtlmAuthority {
 public:
  FileAuthority(SteadyClock::duration interval, std::string path,
                std::shared_ptr<const Snapshot> snapshot)
      : interval_(interval),
        path_(std::move(path)),
        next_check_(SteadyClock::now() + interval),
        snapshot_(std::move(snapshot)) {}

  absl::StatusOr<LogonVerdict> Verify(const LogonRequest& request) const override {
    ReadAgainIfChanged();
    const std::shared_ptr<const Snapshot> snapshot = Current();
    EPA_RETURN_IF_ERROR(snapshot->table.status());
    return VerifyAccount(snapshot->table->Find(request.domain, request.user), request);
  }

 private:
  // One thread reads; the others go on with what there was.
  void ReadAgainIfChanged() const {
    const SteadyClock::time_point now = SteadyClock::now();
    if (now < next_check_.load(std::memory_order_relaxed)) {
      return;
    }
    const std::unique_lock reading(reading_, std::try_to_lock);
    if (!reading.owns_lock()) {
      return;
    }
    next_check_.store(now + interval_, std::memory_order_relaxed);
    const std::optional<FileStamp> stamp = StampOf(path_);
    if (stamp.has_value() && stamp == Current()->stamp) {
      return;
    }
    std::shared_ptr<const Snapshot> snapshot = ReadSnapshot(path_);
    const std::unique_lock replacing(snapshot_mutex_);
    snapshot_.swap(snapshot);
  }

  std::shared_ptr<const Snapshot> Current() const {
    const std::shared_lock lock(snapshot_mutex_);
    return snapshot_;
  }

  const SteadyClock::duration interval_;
  const std::string path_;
  mutable std::mutex reading_;
  mutable std::atomic<SteadyClock::time_point> next_check_;
  mutable std::shared_mutex snapshot_mutex_;
  mutable std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateFileAuthorityCheckedEvery(
    std::chrono::steady_clock::duration interval, std::string path) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireMd5());
  std::shared_ptr<const Snapshot> snapshot = ReadSnapshot(path);
  EPA_RETURN_IF_ERROR(snapshot->table.status());
  return std::make_shared<const FileAuthority>(interval, std::move(path), std::move(snapshot));
}

absl::StatusOr<std::shared_ptr<const NtlmAuthority>> CreateFileAuthority(std::string path) {
  return CreateFileAuthorityCheckedEvery(std::chrono::seconds(1), std::move(path));
}

}  // namespace epa::ntlm
