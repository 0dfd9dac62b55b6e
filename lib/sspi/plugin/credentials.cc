#include "lib/sspi/plugin/credentials.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/sspi/plugin/answers.h"
#include "lib/sspi/plugin/mechanism.h"

namespace epa::sspi {
namespace {

constexpr ULONG kLongestToken = 1 << 20;

}  // namespace

absl::StatusOr<std::shared_ptr<const PluginCredentials>> PluginCredentials::Acquire(
    PluginOptions options, ULONG use) {
  if (options.plugin == nullptr || options.package.empty()) {
    return absl::InvalidArgumentError("a plug-in and the name of its package are needed");
  }
  std::shared_ptr<PluginCredentials> credentials(new PluginCredentials(std::move(options), use));
  EPA_RETURN_IF_ERROR(credentials->CheckRole());
  EPA_RETURN_IF_ERROR(credentials->QueryPackage());
  EPA_RETURN_IF_ERROR(credentials->AcquireHandle());
  return credentials;
}

PluginCredentials::~PluginCredentials() {
  if (acquired_) {
    table().FreeCredentialsHandle(&handle_);
  }
}

absl::Status PluginCredentials::CheckRole() const {
  const bool present = use_ == SECPKG_CRED_INBOUND ? table().AcceptSecurityContext != nullptr
                                                   : table().InitializeSecurityContextW != nullptr;
  return present
             ? absl::OkStatus()
             : absl::InvalidArgumentError(use_ == SECPKG_CRED_INBOUND
                                              ? "the plug-in has no AcceptSecurityContext"
                                              : "the plug-in has no InitializeSecurityContextW");
}

absl::Status PluginCredentials::QueryPackage() {
  EPA_ASSIGN_OR_RETURN(std::vector<SEC_WCHAR> name, WideTextOf(options_.package));
  PSecPkgInfoW answer = nullptr;
  const SECURITY_STATUS status = table().QuerySecurityPackageInfoW(name.data(), &answer);
  if (status != SEC_E_OK || answer == nullptr) {
    return FaultOf(status, "QuerySecurityPackageInfoW");
  }
  const ULONG longest_token = answer->cbMaxToken;
  comment_ = BoundedTextOf(answer->Comment).value_or("");
  table().FreeContextBuffer(answer);
  if (longest_token == 0 || longest_token > kLongestToken) {
    return absl::InvalidArgumentError("the plug-in's longest token has " +
                                      std::to_string(longest_token) + " octets");
  }
  info_.name = options_.package;
  info_.comment = comment_;
  info_.mechanism_oids = options_.mechanism_oids;
  info_.max_token_size = longest_token;
  return absl::OkStatus();
}

absl::Status PluginCredentials::AcquireHandle() {
  EPA_ASSIGN_OR_RETURN(std::vector<SEC_WCHAR> name, WideTextOf(options_.package));
  EPA_ASSIGN_OR_RETURN(std::vector<SEC_WCHAR> principal, WideTextOf(options_.principal));
  TimeStamp expiry{};
  const SECURITY_STATUS status = table().AcquireCredentialsHandleW(
      options_.principal.empty() ? nullptr : principal.data(), name.data(), use_, nullptr,
      std::exchange(options_.auth_data, nullptr), nullptr, nullptr, &handle_, &expiry);
  if (status != SEC_E_OK) {
    return FaultOf(status, "AcquireCredentialsHandleW");
  }
  acquired_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Mechanism>> PluginCredentials::CreateAcceptor(
    const Channel& channel) const {
  if (use_ != SECPKG_CRED_INBOUND) {
    return Credentials::CreateAcceptor(channel);
  }
  return PluginMechanism::Accept(
      std::static_pointer_cast<const PluginCredentials>(shared_from_this()), channel);
}

absl::StatusOr<std::unique_ptr<Mechanism>> PluginCredentials::CreateInitiator(
    const Channel& channel, InitiatorParameters parameters) const {
  if (use_ != SECPKG_CRED_OUTBOUND) {
    return Credentials::CreateInitiator(channel, std::move(parameters));
  }
  return PluginMechanism::Initiate(
      std::static_pointer_cast<const PluginCredentials>(shared_from_this()), channel, parameters);
}

bool PluginCredentials::RecognizesToken(std::span<const uint8_t> token) const {
  const auto& prefix = options_.token_prefix;
  return !prefix.empty() && token.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), token.begin());
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateAcceptorCredentials(
    PluginOptions options) {
  return PluginCredentials::Acquire(std::move(options), SECPKG_CRED_INBOUND);
}

absl::StatusOr<std::shared_ptr<const Credentials>> CreateInitiatorCredentials(
    PluginOptions options) {
  return PluginCredentials::Acquire(std::move(options), SECPKG_CRED_OUTBOUND);
}

}  // namespace epa::sspi
