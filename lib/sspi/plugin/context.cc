#include "lib/sspi/plugin/context.h"

#include <array>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sspi/plugin/answers.h"

namespace epa::sspi {
namespace {

constexpr int kMostSteps = 32;
constexpr ULONG kLongestSessionKey = 512;

// "DOMAIN\user"; a name in another form is the user's, whole.
AccountIdentity AccountOf(const std::string& name) {
  AccountIdentity account;
  const size_t backslash = name.find('\\');
  if (backslash == std::string::npos) {
    account.user = name;
  } else {
    account.domain = name.substr(0, backslash);
    account.user = name.substr(backslash + 1);
  }
  return account;
}

bool Continues(SECURITY_STATUS status) {
  return status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED || status == SEC_I_COMPLETE_NEEDED ||
         status == SEC_I_COMPLETE_AND_CONTINUE;
}

}  // namespace

PluginContext::~PluginContext() {
  if (exists_) {
    table().DeleteSecurityContext(&handle_);
  }
}

absl::StatusOr<MechanismResult> PluginContext::Step(std::span<const uint8_t> token) {
  if (token.size() > credentials_->longest_token()) {
    return MechanismResult::Rejected(Reason::kTokenTooLarge);
  }
  if (++steps_ > kMostSteps) {
    return MechanismResult::Rejected(Reason::kUnexpectedMessage, "the exchange has no end");
  }
  std::vector<uint8_t> received(token.begin(), token.end());
  std::vector<uint8_t> bindings = request_.bindings;
  std::vector<uint8_t> answer(credentials_->longest_token());
  SEC_CHANNEL_BINDINGS_RESULT result{0};

  // A buffer that is not asked for stays behind the count.
  std::array<SecBuffer, 2> in{};
  ULONG inputs = 0;
  if (request_.acceptor || exists_) {
    in[inputs++] = {static_cast<ULONG>(received.size()), SECBUFFER_TOKEN, received.data()};
  }
  if (!bindings.empty()) {
    in[inputs++] = {static_cast<ULONG>(bindings.size()), SECBUFFER_CHANNEL_BINDINGS,
                    bindings.data()};
  }
  std::array<SecBuffer, 2> out = {
      SecBuffer{static_cast<ULONG>(answer.size()), SECBUFFER_TOKEN, answer.data()},
      SecBuffer{sizeof(result), SECBUFFER_CHANNEL_BINDINGS_RESULT, &result}};
  SecBufferDesc input = {SECBUFFER_VERSION, inputs, in.data()};
  SecBufferDesc output = {SECBUFFER_VERSION, request_.ask_for_result ? 2u : 1u, out.data()};

  SECURITY_STATUS status =
      request_.acceptor ? CallAcceptor(&input, &output) : CallInitiator(&input, &output);
  exists_ = exists_ || status >= SEC_E_OK;
  status = Complete(status, &output);
  if (out[0].pvBuffer != answer.data() || out[0].cbBuffer > answer.size()) {
    return absl::InternalError("the plug-in's token is not in the room it was given");
  }
  answer.resize(Continues(status) ? out[0].cbBuffer : 0);
  evidence_.binding = EvidenceOfResult(result.flags, !bindings.empty());
  return Conclude(status, std::move(answer));
}

SECURITY_STATUS PluginContext::CallAcceptor(PSecBufferDesc input, PSecBufferDesc output) {
  TimeStamp expiry{};
  return table().AcceptSecurityContext(credentials_->handle(), exists_ ? &handle_ : nullptr, input,
                                       request_.flags, SECURITY_NETWORK_DREP, &handle_, output,
                                       &attributes_, &expiry);
}

SECURITY_STATUS PluginContext::CallInitiator(PSecBufferDesc input, PSecBufferDesc output) {
  std::vector<SEC_WCHAR> target;
  if (request_.target_name.has_value()) {
    auto wide = WideTextOf(*request_.target_name);
    if (!wide.ok()) {
      return SEC_E_TARGET_UNKNOWN;
    }
    target = *std::move(wide);
  }
  TimeStamp expiry{};
  return table().InitializeSecurityContextW(
      credentials_->handle(), exists_ ? &handle_ : nullptr,
      target.empty() ? nullptr : target.data(), request_.flags, 0, SECURITY_NETWORK_DREP,
      input->cBuffers == 0 ? nullptr : input, 0, &handle_, output, &attributes_, &expiry);
}

// The older way of ending a token.
SECURITY_STATUS PluginContext::Complete(SECURITY_STATUS status, PSecBufferDesc output) {
  if (status != SEC_I_COMPLETE_NEEDED && status != SEC_I_COMPLETE_AND_CONTINUE) {
    return status;
  }
  if (table().CompleteAuthToken == nullptr) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  const SECURITY_STATUS completed = table().CompleteAuthToken(&handle_, output);
  if (completed != SEC_E_OK) {
    return completed;
  }
  return status == SEC_I_COMPLETE_NEEDED ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
}

absl::StatusOr<MechanismResult> PluginContext::Conclude(SECURITY_STATUS status,
                                                        std::vector<uint8_t> token) {
  if (status == SEC_I_CONTINUE_NEEDED) {
    if (token.empty()) {
      return absl::InternalError("the plug-in wants to go on and has nothing to send");
    }
    return MechanismResult::Continue(std::move(token));
  }
  if (status != SEC_E_OK) {
    return ResultOfFailure(status, evidence_.binding);
  }
  if (evidence_.binding == BindingEvidence::kMatched) {
    evidence_.matched_binding = 0;
  }
  if ((request_.must_sign && !protects_messages()) || (request_.must_seal && !seals_messages())) {
    return MechanismResult::Rejected(Reason::kServerFlagsUnacceptable);
  }
  if (request_.acceptor) {
    EPA_RETURN_IF_ERROR(QueryClient());
  }
  return MechanismResult::Verified(std::move(token));
}

absl::Status PluginContext::QueryClient() {
  SecPkgContext_NamesW names{};
  const SECURITY_STATUS status =
      table().QueryContextAttributesW(&handle_, SECPKG_ATTR_NAMES, &names);
  if (status != SEC_E_OK) {
    return FaultOf(status, "SECPKG_ATTR_NAMES");
  }
  const auto name = BoundedTextOf(names.sUserName);
  Free(names.sUserName);
  if (!name.has_value()) {
    return absl::InternalError("the plug-in's name of the client cannot be read");
  }
  if ((attributes_ & ASC_RET_NULL_SESSION) == 0) {
    identity_ = PeerIdentity::Account(AccountOf(*name));
  }
  SecPkgContext_ClientSpecifiedTarget target{};
  if (table().QueryContextAttributesW(&handle_, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target) ==
      SEC_E_OK) {
    evidence_.target_name = BoundedTextOf(target.sTargetName);
    evidence_.target_name_voucher = TargetNameVoucher::kClient;
    Free(target.sTargetName);
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> PluginContext::ExportSessionKey() const {
  SecPkgContext_SessionKey key{};
  const SECURITY_STATUS status =
      table().QueryContextAttributesW(handle(), SECPKG_ATTR_SESSION_KEY, &key);
  if (status != SEC_E_OK) {
    return FaultOf(status, "SECPKG_ATTR_SESSION_KEY");
  }
  const bool usable = key.SessionKey != nullptr && key.SessionKeyLength <= kLongestSessionKey;
  SecretBytes copy;
  if (usable) {
    const std::span<uint8_t> octets(key.SessionKey, key.SessionKeyLength);
    copy = SecretBytes(std::span<const uint8_t>(octets));
    WipeMemory(octets);
  }
  Free(key.SessionKey);
  if (!usable) {
    return absl::InternalError("the plug-in's session key is missing or too long");
  }
  return copy;
}

absl::StatusOr<SecPkgContext_Sizes> PluginContext::QuerySizes() const {
  SecPkgContext_Sizes sizes{};
  const SECURITY_STATUS status =
      table().QueryContextAttributesW(handle(), SECPKG_ATTR_SIZES, &sizes);
  if (status != SEC_E_OK) {
    return FaultOf(status, "SECPKG_ATTR_SIZES");
  }
  return sizes;
}

void PluginContext::Free(void* buffer) const {
  if (buffer != nullptr) {
    table().FreeContextBuffer(buffer);
  }
}

bool PluginContext::protects_messages() const {
  const ULONG integrity = request_.acceptor ? ASC_RET_INTEGRITY : ISC_RET_INTEGRITY;
  return (attributes_ & integrity) != 0 || seals_messages();
}

bool PluginContext::seals_messages() const {
  const ULONG confidentiality =  // NOLINTNEXTLINE(bugprone-branch-clone): the same by chance
      request_.acceptor ? ASC_RET_CONFIDENTIALITY : ISC_RET_CONFIDENTIALITY;
  return (attributes_ & confidentiality) != 0;
}

}  // namespace epa::sspi
