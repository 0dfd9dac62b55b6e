// An exchange carried by a plug-in.
#ifndef EPA_LIB_SSPI_PLUGIN_MECHANISM_H_
#define EPA_LIB_SSPI_PLUGIN_MECHANISM_H_

#include <memory>
#include <utility>

#include "lib/sspi/plugin/context.h"
#include "lib/sspi/plugin/messages.h"

namespace epa::sspi {

class PluginMechanism : public Mechanism {
 public:
  static absl::StatusOr<std::unique_ptr<Mechanism>> Accept(
      std::shared_ptr<const PluginCredentials> credentials, const Channel& channel);
  static absl::StatusOr<std::unique_ptr<Mechanism>> Initiate(
      std::shared_ptr<const PluginCredentials> credentials, const Channel& channel,
      const InitiatorParameters& parameters);

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override;
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override;
  std::string_view package_name() const override { return credentials_->package().name; }
  const PeerIdentity& identity() const override { return identity_; }
  const ExtendedProtectionEvidence& evidence() const override { return evidence_; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override;
  AgreedProtection agreed_protection() const override {
    return {context_->protects_messages(), context_->seals_messages()};
  }
  absl::StatusOr<MessageProtection*> message_protection() override;

 private:
  enum class State : uint8_t { kExchanging, kPending, kVerified, kEnded };
  struct Call;
  class Work;

  PluginMechanism(std::shared_ptr<const PluginCredentials> credentials, ContextRequest request)
      : credentials_(std::move(credentials)),
        context_(std::make_shared<PluginContext>(credentials_, std::move(request))) {}
  absl::StatusOr<MechanismResult> Conclude(absl::StatusOr<MechanismResult> result);

  std::shared_ptr<const PluginCredentials> credentials_;
  // An initiator's that has no binding yet; null for others.
  const Channel* channel_ = nullptr;
  // Shared with pending work, which may outlive this.
  std::shared_ptr<PluginContext> context_;
  State state_ = State::kExchanging;
  std::shared_ptr<Call> call_;
  const PendingWork* pending_ = nullptr;
  // What the context reported in the last step; its own may change while work runs.
  PeerIdentity identity_;
  ExtendedProtectionEvidence evidence_;
  std::unique_ptr<PluginMessages> messages_;
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PLUGIN_MECHANISM_H_
