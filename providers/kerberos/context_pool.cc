#include "providers/kerberos/context_pool.h"

#include <profile.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"

namespace epa::kerberos {
namespace {

constexpr std::string_view kSystemConfiguration = "/etc/krb5.conf";

// Read before the caller's configuration, so it wins. Resolving the user's host name through DNS
// would let whoever controls DNS choose the service (CVE-2026-20929).
constexpr std::string_view kOurSettings =
    "[libdefaults]\n"
    "dns_canonicalize_hostname = false\n"
    "rdns = false\n"
    "client_aware_channel_bindings = false\n";

std::span<const uint8_t> OctetsOfText(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// RFC 3962, RFC 6803, RFC 8009; strongest first.
constexpr std::array<krb5_enctype, 7> kStrongEncryption = {ENCTYPE_AES256_CTS_HMAC_SHA1_96,
                                                           ENCTYPE_AES128_CTS_HMAC_SHA1_96,
                                                           ENCTYPE_AES256_CTS_HMAC_SHA384_192,
                                                           ENCTYPE_AES128_CTS_HMAC_SHA256_128,
                                                           ENCTYPE_CAMELLIA256_CTS_CMAC,
                                                           ENCTYPE_CAMELLIA128_CTS_CMAC,
                                                           ENCTYPE_NULL};

}  // namespace

bool IsWeakEncryption(krb5_enctype type) {
  return type == ENCTYPE_NULL ||
         std::ranges::find(kStrongEncryption, type) == kStrongEncryption.end();
}

Workspace::~Workspace() {
  if (keytab != nullptr) {
    krb5_kt_close(context, keytab);
  }
  if (context != nullptr) {
    krb5_free_context(context);
  }
}

ContextPool::Lease::~Lease() {
  if (workspace_ != nullptr) {
    pool_->Return(std::move(workspace_));
  }
}

absl::StatusOr<std::shared_ptr<ContextPool>> ContextPool::Create(const Configuration& configuration,
                                                                 bool allow_weak_encryption,
                                                                 const Clock* clock) {
  if (!configuration.path.empty() && !configuration.contents.empty()) {
    return absl::InvalidArgumentError("give the configuration's path or its contents, not both");
  }
  std::vector<MemoryFile> files;
  EPA_ASSIGN_OR_RETURN(auto ours, MemoryFile::Create(OctetsOfText(kOurSettings)));
  files.push_back(std::move(ours));
  std::string name = configuration.path;
  std::string theirs = configuration.path;
  if (!configuration.contents.empty()) {
    EPA_ASSIGN_OR_RETURN(auto file, MemoryFile::Create(OctetsOfText(configuration.contents)));
    files.push_back(std::move(file));
    name = "given as text";
    theirs = files.back().path();
  } else if (name.empty()) {
    name = theirs = kSystemConfiguration;
  }
  std::string path = files.front().path() + ":" + theirs;
  std::shared_ptr<ContextPool> pool(new ContextPool(
      std::move(name), std::move(path), std::move(files), allow_weak_encryption, clock));
  // Now, so that a broken configuration is found here.
  EPA_ASSIGN_OR_RETURN(auto workspace, pool->MakeWorkspace());
  pool->Return(std::move(workspace));
  return pool;
}

absl::StatusOr<std::unique_ptr<Workspace>> ContextPool::MakeWorkspace() {
  profile_t profile = nullptr;
  const auto unreadable =
      static_cast<krb5_error_code>(profile_init_path(profile_path_.c_str(), &profile));
  if (unreadable != 0) {
    return absl::InvalidArgumentError("the Kerberos configuration " + name_ + ": " +
                                      ErrorText(nullptr, unreadable));
  }
  constexpr int kDefaultClockSkew = 300;
  int skew = kDefaultClockSkew;
  (void)profile_get_integer(profile, "libdefaults", "clockskew", nullptr, kDefaultClockSkew, &skew);
  clock_skew_ = skew;
  auto workspace = std::make_unique<Workspace>();
  // Secure: libkrb5 then ignores the environment.
  const krb5_error_code code =
      krb5_init_context_profile(profile, KRB5_INIT_CONTEXT_SECURE, &workspace->context);
  profile_release(profile);
  if (code != 0) {
    return absl::InternalError("libkrb5 cannot be initialised: " + ErrorText(nullptr, code));
  }
  if (!allow_weak_encryption_) {
    auto types = kStrongEncryption;
    EPA_RETURN_IF_ERROR(FaultOf(workspace->context,
                                krb5_set_default_tgs_enctypes(workspace->context, types.data())));
  }
  return workspace;
}

absl::StatusOr<ContextPool::Lease> ContextPool::Acquire() {
  std::unique_ptr<Workspace> workspace;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      workspace = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (workspace == nullptr) {
    EPA_ASSIGN_OR_RETURN(workspace, MakeWorkspace());
  }
  Lease lease(shared_from_this(), std::move(workspace));
  if (clock_ != nullptr) {
    const FileTime since_epoch = clock_->Now() - kUnixEpochTicks;
    EPA_RETURN_IF_ERROR(
        FaultOf(lease.context(),
                krb5_set_real_time(lease.context(),
                                   static_cast<krb5_timestamp>(since_epoch / kTicksPerSecond),
                                   static_cast<krb5_int32>(since_epoch % kTicksPerSecond / 10))));
  }
  return lease;
}

void ContextPool::Return(std::unique_ptr<Workspace> workspace) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(std::move(workspace));
}

}  // namespace epa::kerberos
