// Credentials of a plug-in's package.
#ifndef EPA_LIB_SSPI_PLUGIN_CREDENTIALS_H_
#define EPA_LIB_SSPI_PLUGIN_CREDENTIALS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/core/security_package.h"
#include "epa/sspi/plugin.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

class PluginCredentials : public Credentials {
 public:
  // `use`: SECPKG_CRED_INBOUND or SECPKG_CRED_OUTBOUND.
  static absl::StatusOr<std::shared_ptr<const PluginCredentials>> Acquire(PluginOptions options,
                                                                          ULONG use);
  ~PluginCredentials() override;
  PluginCredentials(const PluginCredentials&) = delete;
  PluginCredentials& operator=(const PluginCredentials&) = delete;

  const PackageInfo& package() const override { return info_; }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel& channel) const override;
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel& channel, InitiatorParameters parameters) const override;
  bool RecognizesToken(std::span<const uint8_t> token) const override;

  const SecurityFunctionTableW& table() const { return options_.plugin->table(); }
  bool blocks() const { return options_.blocks; }
  ULONG longest_token() const { return static_cast<ULONG>(info_.max_token_size); }
  // SSPI takes handles by pointers that it does not write to.
  PCredHandle handle() const { return const_cast<PCredHandle>(&handle_); }

 private:
  PluginCredentials(PluginOptions options, ULONG use) : options_(std::move(options)), use_(use) {}
  absl::Status CheckRole() const;
  absl::Status QueryPackage();
  absl::Status AcquireHandle();

  PluginOptions options_;
  const ULONG use_;
  std::string comment_;
  PackageInfo info_;
  bool acquired_ = false;
  CredHandle handle_{};
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_PLUGIN_CREDENTIALS_H_
