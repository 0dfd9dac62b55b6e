#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "epa/smb2/server_connection.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/openssl_library.h"
#include "lib/smb2/option_checks.h"
#include "lib/smb2/sequence_window.h"
#include "lib/smb2/spn_check_audit.h"

namespace epa::smb2 {
namespace {

constexpr uint32_t kMinTransfer = 65536;
constexpr uint32_t kMaxTransfer = 8 * 1024 * 1024;

absl::Status CheckLimits(const ServerOptions& options) {
  if (options.max_sessions < 1 || options.max_half_open_sessions < 1 || options.max_rounds < 1 ||
      options.max_failures < 1) {
    return absl::InvalidArgumentError("limits on sessions, rounds and failures are 1 or more");
  }
  if (options.max_credits < 1 || options.max_credits > SequenceWindow::kMaxCredits) {
    return absl::InvalidArgumentError("max_credits is 1 to 1024");
  }
  if (options.max_transfer_size < kMinTransfer || options.max_transfer_size > kMaxTransfer) {
    return absl::InvalidArgumentError("max_transfer_size is 65536 to 8388608 octets");
  }
  return absl::OkStatus();
}

absl::Status CheckPolicy(const ServerOptions& options) {
  if (options.credentials == nullptr || options.policy == nullptr) {
    return absl::InvalidArgumentError("an SMB server needs credentials and a policy");
  }
  EPA_RETURN_IF_ERROR(CheckAudit(*options.policy, options.audit));
  EPA_RETURN_IF_ERROR(options.policy->CheckChannel(ChannelKind::kPlain));
  const ExtendedProtectionOptions& policy = options.policy->options();
  const bool must_protect =
      options.require_signing || options.encryption == EncryptionPolicy::kRequired;
  if (must_protect && (policy.allow_guest || policy.allow_anonymous)) {
    return absl::InvalidArgumentError(
        "signing or encryption is required, which guest and anonymous sessions cannot have: "
        "admit them or require it");
  }
  return absl::OkStatus();
}

// What the package says first. A package without a list of mechanisms says nothing.
absl::StatusOr<std::vector<uint8_t>> MechanismHint(const Credentials& credentials) {
  const Channel channel = Channel::Plain();
  EPA_ASSIGN_OR_RETURN(const auto mechanism, credentials.CreateAcceptor(channel));
  EPA_ASSIGN_OR_RETURN(MechanismResult result, mechanism->Step({}));
  return result.outcome == MechanismResult::Outcome::kContinue ? std::move(result.token)
                                                               : std::vector<uint8_t>();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ServerConfig>> ServerConfig::Create(ServerOptions options) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireSmb());
  EPA_RETURN_IF_ERROR(CheckPolicy(options));
  EPA_RETURN_IF_ERROR(CheckLimits(options));
  EPA_RETURN_IF_ERROR(CheckAlgorithms(options.dialects, options.ciphers, options.signing_algorithms,
                                      options.encryption));
  options.clock = options.clock != nullptr ? options.clock : &SystemClock();
  options.random = options.random != nullptr ? options.random : &SystemRandom();
  EPA_ASSIGN_OR_RETURN(std::vector<uint8_t> hint, MechanismHint(*options.credentials));
  if (std::all_of(options.server_guid.begin(), options.server_guid.end(),
                  [](uint8_t octet) { return octet == 0; })) {
    options.random->Fill(options.server_guid);
  }
  if (options.audit != NoAudit()) {
    options.audit =
        std::make_shared<SpnCheckAudit>(std::move(options.audit), WithLoopback(options.names));
  }
  std::shared_ptr<ServerConfig> config(new ServerConfig(std::move(options)));
  config->mechanism_hint_ = std::move(hint);
  return config;
}

}  // namespace epa::smb2
