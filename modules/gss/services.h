// The services that this process is, as epa.conf has them.
#ifndef EPA_MODULES_GSS_SERVICES_H_
#define EPA_MODULES_GSS_SERVICES_H_

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/channel.h"
#include "epa/service/service.h"
#include "modules/gss/gssapi.h"
#include "modules/process/services.h"

namespace epa::gss {

// One section of epa.conf that names this process.
struct ConfiguredService {
  service::ServiceName name;
  service::GssRule rule;  // as the program started; RulesOf goes by what is said now
  std::vector<std::string> acceptors;
  std::shared_ptr<service::Service> service;  // null with rule off

  // `ticket_service`: the components of a Kerberos service's name.
  bool Accepts(std::span<const std::string_view> ticket_service) const;
};

using ConfiguredServices = std::vector<ConfiguredService>;

// All of them. For several threads, and for children that are forked. What is wrong in epa.conf is
// looked at again with the next login, at most once a second.
class Services {
 public:
  static Services& OfThisProcess();

  // Whether epa.conf has anything for this process, or cannot be used.
  bool configured();
  // Empty where the process is not configured. An error for what refuses every login.
  absl::StatusOr<std::shared_ptr<const ConfiguredServices>> Current();

 private:
  void ReadUnlessDone();

  std::mutex mutex_;
  bool done_ = false;
  FileTime tried_ = 0;
  absl::StatusOr<std::shared_ptr<const ConfiguredServices>> services_ =
      std::make_shared<const ConfiguredServices>();
};

using process::LegacyPolicy;
using process::LoginRules;

// `given`: what the program says of its channel; may be null, or say nothing.
absl::StatusOr<LoginRules> RulesOf(const ConfiguredService& configured,
                                   gss_channel_bindings_t given);

// A channel of exactly these bindings; a plain one where they are null or say nothing.
absl::StatusOr<Channel> ChannelOf(gss_channel_bindings_t given);

}  // namespace epa::gss

#endif  // EPA_MODULES_GSS_SERVICES_H_
