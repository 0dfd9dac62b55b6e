// Signing and sealing by a plug-in.
#ifndef EPA_LIB_SSPI_PLUGIN_MESSAGES_H_
#define EPA_LIB_SSPI_PLUGIN_MESSAGES_H_

#include <memory>
#include <utility>

#include "lib/sspi/plugin/context.h"

namespace epa::sspi {

// For plug-ins whose signatures and trailers always have the size that they announce.
class PluginMessages : public MessageProtection {
 public:
  // Fails where signing was not negotiated, a function is missing or a size is out of bounds.
  static absl::StatusOr<std::unique_ptr<PluginMessages>> Create(
      std::shared_ptr<PluginContext> context);

  size_t signature_size() const override { return sizes_.cbMaxSignature; }
  size_t seal_signature_size() const override { return sizes_.cbSecurityTrailer; }
  bool can_seal() const override { return context_->seals_messages(); }
  absl::Status Sign(std::span<const uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Verify(std::span<const uint8_t> message,
                      std::span<const uint8_t> signature) override;
  absl::Status Seal(std::span<uint8_t> message, std::span<uint8_t> signature) override;
  absl::Status Unseal(std::span<uint8_t> message, std::span<const uint8_t> signature) override;

 private:
  PluginMessages(std::shared_ptr<PluginContext> context, const SecPkgContext_Sizes& sizes)
      : context_(std::move(context)), sizes_(sizes) {}

  std::shared_ptr<PluginContext> context_;
  const SecPkgContext_Sizes sizes_;
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PLUGIN_MESSAGES_H_
