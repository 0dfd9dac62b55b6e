// ntlm_auth's protocols, as a protocol of the common server.
#ifndef EPA_TOOLS_EPA_SERVE_HELPER_SITE_H_
#define EPA_TOOLS_EPA_SERVE_HELPER_SITE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/audit.h"
#include "epa/core/channel.h"
#include "epa/core/extended_protection.h"
#include "epa/core/security_package.h"
#include "tools/epa/serve/conversation.h"
#include "tools/epa/serve/half_open_logins.h"

namespace epa::tool {

struct HelperSettings {
  // Null: that protocol is not served, and its logins fail by a fault.
  std::shared_ptr<const Credentials> ntlm;
  std::shared_ptr<const Credentials> negotiate;
  std::shared_ptr<const Credentials> ntlm_server;  // as CreateNtlmServerCredentials
  std::shared_ptr<const ExtendedProtectionPolicy> policy;
  std::shared_ptr<AuditSink> audit;
  // Of a login that begins now: a helper sees no connection of a client.
  std::function<absl::StatusOr<Channel>()> channel;
  // How long a login may be half-way.
  std::chrono::seconds login_time{30};
  const Clock* clock = &SystemClock();
};

// What all helpers share. A helper stays for as long as its front end, so each of its logins begins
// with the settings of that time. For several threads.
class HelperService {
 public:
  HelperService(HelperSettings settings, size_t most_half_open)
      : settings_(std::make_shared<const HelperSettings>(std::move(settings))),
        limit_(std::make_shared<HalfOpenLimit>(most_half_open)) {}

  std::shared_ptr<const HelperSettings> settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
  }
  void Replace(HelperSettings settings) {
    auto made = std::make_shared<const HelperSettings>(std::move(settings));
    const std::lock_guard lock(mutex_);
    settings_.swap(made);
  }
  const std::shared_ptr<HalfOpenLimit>& limit() const { return limit_; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const HelperSettings> settings_;
  const std::shared_ptr<HalfOpenLimit> limit_;
};

class HelperSite final : public Site {
 public:
  explicit HelperSite(std::shared_ptr<const HelperService> service)
      : service_(std::move(service)) {}

  std::unique_ptr<Conversation> Begin(Channel channel, std::string peer) const override;
  ServerTransport& transport() const override { return *transport_; }
  // A helper whose front end has nothing to do; one that is sent away comes back.
  std::chrono::seconds idle_time() const override { return std::chrono::hours(24); }
  std::vector<std::string> Warnings() const override;

 private:
  const std::shared_ptr<const HelperService> service_;
  const std::unique_ptr<ServerTransport> transport_ = ServerTransport::Clear();
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HELPER_SITE_H_
