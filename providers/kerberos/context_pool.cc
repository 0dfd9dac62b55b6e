#include "providers/kerberos/context_pool.h"

#include <profile.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "providers/kerberos/faults.h"
#include "providers/kerberos/request_opener.h"

namespace epa::kerberos {
namespace {

// RFC 3962, RFC 6803, RFC 8009; strongest first.
constexpr std::array<krb5_enctype, 7> kStrongEncryption = {ENCTYPE_AES256_CTS_HMAC_SHA1_96,
                                                           ENCTYPE_AES128_CTS_HMAC_SHA1_96,
                                                           ENCTYPE_AES256_CTS_HMAC_SHA384_192,
                                                           ENCTYPE_AES128_CTS_HMAC_SHA256_128,
                                                           ENCTYPE_CAMELLIA256_CTS_CMAC,
                                                           ENCTYPE_CAMELLIA128_CTS_CMAC,
                                                           ENCTYPE_NULL};

// Of krb5.conf(5): plugins/hostrealm/module. Those of libkrb5 itself look at DNS only where
// krb5_get_host_realm has found nothing, and then in another call.
bool HasHostRealmModules(const ConfigurationSection& root) {
  const auto plugins = root.sections.find("plugins");
  if (plugins == root.sections.end()) {
    return false;
  }
  const auto& interfaces = plugins->second.sections;
  const auto found = interfaces.find("hostrealm");
  return found != interfaces.end() && found->second.relations.contains("module");
}

}  // namespace

bool IsWeakEncryption(krb5_enctype type) {
  return type == ENCTYPE_NULL ||
         std::ranges::find(kStrongEncryption, type) == kStrongEncryption.end();
}

Workspace::Workspace() = default;

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
  EPA_ASSIGN_OR_RETURN(auto tree, ConfigurationTree::Read(configuration));
  std::shared_ptr<ContextPool> pool(new ContextPool(std::move(tree), allow_weak_encryption, clock));
  constexpr int kDefaultClockSkew = 300;
  const ProfileOwner profile(ConfigurationTree::MakeProfile(pool->configuration_));
  (void)profile_get_integer(profile.get(), "libdefaults", "clockskew", nullptr, kDefaultClockSkew,
                            &pool->clock_skew_);
  pool->knows_host_realms_ = !HasHostRealmModules(pool->configuration_->root());
  // Now, so that a broken configuration is found here.
  EPA_ASSIGN_OR_RETURN(auto workspace, pool->MakeWorkspace());
  pool->Return(std::move(workspace));
  return pool;
}

absl::StatusOr<std::unique_ptr<Workspace>> ContextPool::MakeWorkspace() {
  const ProfileOwner profile(ConfigurationTree::MakeProfile(configuration_));
  auto workspace = std::make_unique<Workspace>();
  // Secure: libkrb5 then ignores the environment.
  const krb5_error_code code =
      krb5_init_context_profile(profile.get(), KRB5_INIT_CONTEXT_SECURE, &workspace->context);
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
