#include "lib/sspi/plugin/messages.h"

#include <array>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/sspi/plugin/answers.h"

namespace epa::sspi {
namespace {

constexpr ULONG kLongestSignature = 1 << 16;
constexpr size_t kLongestMessage = 1 << 30;

// A message and its signature, as SSPI wants them.
class Message {
 public:
  Message(std::span<uint8_t> signature, std::span<uint8_t> data)
      : signature_(signature),
        data_(data),
        buffers_{SecBuffer{static_cast<ULONG>(signature.size()), SECBUFFER_TOKEN, signature.data()},
                 SecBuffer{static_cast<ULONG>(data.size()), SECBUFFER_DATA, data.data()}},
        description_{SECBUFFER_VERSION, 2, buffers_.data()} {}

  PSecBufferDesc description() { return &description_; }

  // After a call that worked: that it left both where they were.
  absl::Status Check() const {
    const bool kept = buffers_[0].pvBuffer == signature_.data() &&
                      buffers_[0].cbBuffer == signature_.size() &&
                      buffers_[1].pvBuffer == data_.data() && buffers_[1].cbBuffer == data_.size();
    return kept ? absl::OkStatus()
                : absl::InternalError("the plug-in's message has another size than announced");
  }

 private:
  std::span<uint8_t> signature_;
  std::span<uint8_t> data_;
  std::array<SecBuffer, 2> buffers_;
  SecBufferDesc description_;
};

absl::Status Refusal(SECURITY_STATUS status, std::string_view function) {
  switch (status) {
    case SEC_E_MESSAGE_ALTERED:
      return absl::DataLossError("the message was altered");
    case SEC_E_OUT_OF_SEQUENCE:
      return absl::OutOfRangeError("the message is a replay or out of sequence");
    default:
      return FaultOf(status, function);
  }
}

absl::Status CheckSize(std::span<const uint8_t> message) {
  return message.size() <= kLongestMessage ? absl::OkStatus()
                                           : absl::InvalidArgumentError("the message is too long");
}

absl::Status CheckSealing(const PluginContext& context, std::span<const uint8_t> message) {
  return context.seals_messages() ? CheckSize(message)
                                  : absl::FailedPreconditionError("sealing was not negotiated");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PluginMessages>> PluginMessages::Create(
    std::shared_ptr<PluginContext> context) {
  const SecurityFunctionTableW& table = context->table();
  if (!context->protects_messages() || table.MakeSignature == nullptr ||
      table.VerifySignature == nullptr || table.EncryptMessage == nullptr ||
      table.DecryptMessage == nullptr) {
    return absl::FailedPreconditionError("neither signing nor sealing was negotiated");
  }
  EPA_ASSIGN_OR_RETURN(const SecPkgContext_Sizes sizes, context->QuerySizes());
  if (sizes.cbMaxSignature == 0 || sizes.cbMaxSignature > kLongestSignature ||
      sizes.cbSecurityTrailer > kLongestSignature) {
    return absl::InternalError("the plug-in's signatures have an impossible size");
  }
  return std::unique_ptr<PluginMessages>(new PluginMessages(std::move(context), sizes));
}

absl::Status PluginMessages::Sign(std::span<const uint8_t> message, std::span<uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckSize(message));
  std::vector<uint8_t> copy(message.begin(), message.end());
  Message call(signature, copy);
  const SECURITY_STATUS status =
      context_->table().MakeSignature(context_->handle(), 0, call.description(), 0);
  return status == SEC_E_OK ? call.Check() : Refusal(status, "MakeSignature");
}

absl::Status PluginMessages::Verify(std::span<const uint8_t> message,
                                    std::span<const uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckSize(message));
  std::vector<uint8_t> copy(message.begin(), message.end());
  std::vector<uint8_t> signature_copy(signature.begin(), signature.end());
  Message call(signature_copy, copy);
  ULONG quality = 0;
  const SECURITY_STATUS status =
      context_->table().VerifySignature(context_->handle(), call.description(), 0, &quality);
  return status == SEC_E_OK ? call.Check() : Refusal(status, "VerifySignature");
}

absl::Status PluginMessages::Seal(std::span<uint8_t> message, std::span<uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckSealing(*context_, message));
  Message call(signature, message);
  const SECURITY_STATUS status =
      context_->table().EncryptMessage(context_->handle(), 0, call.description(), 0);
  return status == SEC_E_OK ? call.Check() : Refusal(status, "EncryptMessage");
}

absl::Status PluginMessages::Unseal(std::span<uint8_t> message,
                                    std::span<const uint8_t> signature) {
  EPA_RETURN_IF_ERROR(CheckSealing(*context_, message));
  std::vector<uint8_t> signature_copy(signature.begin(), signature.end());
  Message call(signature_copy, message);
  ULONG quality = 0;
  const SECURITY_STATUS status =
      context_->table().DecryptMessage(context_->handle(), call.description(), 0, &quality);
  absl::Status outcome = status == SEC_E_OK ? call.Check() : Refusal(status, "DecryptMessage");
  // A message that was "decrypted" and not encrypted is not what Unseal is for.
  if (outcome.ok() && quality == SECQOP_WRAP_NO_ENCRYPT) {
    outcome = absl::DataLossError("the message is signed, not sealed");
  }
  if (!outcome.ok()) {
    WipeMemory(message);
  }
  return outcome;
}

}  // namespace epa::sspi
