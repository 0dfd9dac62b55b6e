// krb5 contexts, which serve one thread at a time and are dear to make.
#ifndef EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_
#define EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_

#include <krb5/krb5.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/kerberos/kerberos.h"
#include "providers/kerberos/memory_file.h"

namespace epa::kerberos {

// What one thread works with.
struct Workspace {
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace();

  krb5_context context = nullptr;
  // The service's keys, filled by KeytabSource, and which state of the source they are.
  krb5_keytab keytab = nullptr;
  std::string keytab_state;
};

class ContextPool : public std::enable_shared_from_this<ContextPool> {
 public:
  // A workspace of one's own until it is destroyed. Keeps the pool alive.
  class Lease {
   public:
    Lease(std::shared_ptr<ContextPool> pool, std::unique_ptr<Workspace> workspace)
        : pool_(std::move(pool)), workspace_(std::move(workspace)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    krb5_context context() const { return workspace_->context; }
    Workspace& workspace() const { return *workspace_; }

   private:
    std::shared_ptr<ContextPool> pool_;
    std::unique_ptr<Workspace> workspace_;
  };

  static absl::StatusOr<std::shared_ptr<ContextPool>> Create(const Configuration& configuration,
                                                             bool allow_weak_encryption,
                                                             const Clock* clock);

  absl::StatusOr<Lease> Acquire();
  bool allow_weak_encryption() const { return allow_weak_encryption_; }
  // In seconds; `clockskew` of the configuration.
  int clock_skew() const { return clock_skew_; }

 private:
  ContextPool(std::string name, std::string profile_path, std::vector<MemoryFile> files,
              bool allow_weak_encryption, const Clock* clock)
      : name_(std::move(name)),
        profile_path_(std::move(profile_path)),
        files_(std::move(files)),
        allow_weak_encryption_(allow_weak_encryption),
        clock_(clock) {}

  absl::StatusOr<std::unique_ptr<Workspace>> MakeWorkspace();
  void Return(std::unique_ptr<Workspace> workspace);

  std::string name_;  // what messages call the configuration
  std::string profile_path_;
  // Lie behind `profile_path_`.
  std::vector<MemoryFile> files_;
  bool allow_weak_encryption_;
  const Clock* clock_;  // null: the system's, as libkrb5 reads it
  std::atomic<int> clock_skew_ = 0;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

// Whether an encryption type is one of those that `allow_weak_encryption` is about.
bool IsWeakEncryption(krb5_enctype type);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_CONTEXT_POOL_H_
