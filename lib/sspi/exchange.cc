#include "lib/sspi/exchange.h"

#include <algorithm>
#include <utility>

#include "lib/sspi/expiry.h"

namespace epa::sspi {
namespace {

// A fault of ours that ended the login; its reason has a code that says more than the fault. What
// is wrong with a client's arguments, found when its package begins, is the target.
SECURITY_STATUS StatusOfFault(const Context& context, const absl::Status& fault) {
  if (!context.acceptor && absl::IsInvalidArgument(fault)) {
    return SEC_E_TARGET_UNKNOWN;
  }
  const Reason reason = context.login->reason();
  return reason != Reason::kNone ? StatusFrom(StatusOf(reason)) : StatusFrom(fault);
}

// False for a buffer of this type without its octets.
bool FindOctets(const BufferList& list, ULONG type, std::optional<std::span<const uint8_t>>& out) {
  const SecBuffer* const buffer = list.Find(type);
  if (buffer != nullptr) {
    out = OctetsOf(*buffer);
  }
  return buffer == nullptr || out.has_value();
}

absl::StatusOr<StepResult> StepOnce(Context& context, std::span<const uint8_t> token) {
  context.ended = true;  // should the step not come to its end
  absl::StatusOr<StepResult> step = StepBlocking(*context.login, token);
  if (step.ok()) {
    context.ended = step->state != StepState::kContinue;
  }
  return step;
}

}  // namespace

ContextTable& TheContexts() {
  static ContextTable& table = *new ContextTable();
  return table;
}

SECURITY_STATUS ReadMessage(const ExchangeArguments& arguments, Message& out) {
  out.input = BufferList::Of(arguments.input);
  out.output = BufferList::Of(arguments.output);
  if (!out.input.has_value() || !out.output.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  return FindOctets(*out.input, SECBUFFER_TOKEN, out.token) &&
                 FindOctets(*out.input, SECBUFFER_CHANNEL_BINDINGS, out.bindings)
             ? SEC_E_OK
             : SEC_E_INVALID_TOKEN;
}

SECURITY_STATUS TakeBindings(const Message& message, Context& context) {
  return message.bindings.has_value()
             ? context.credentials->bindings.Read(*message.bindings, context.bindings)
             : SEC_E_OK;
}

SECURITY_STATUS CheckSameBindings(const Context& context, const Message& message) {
  if (!message.bindings.has_value()) {
    return SEC_E_OK;
  }
  std::shared_ptr<const GivenBindings> given;
  const SECURITY_STATUS status = context.credentials->bindings.Read(*message.bindings, given);
  if (status != SEC_E_OK || given == context.bindings) {
    return status;
  }
  const bool same = context.bindings != nullptr && given->token() == context.bindings->token() &&
                    (given->audit_only || !context.bindings->audit_only);
  return same ? SEC_E_OK : SEC_E_BAD_BINDINGS;
}

SECURITY_STATUS Exchange(Context& context, const Message& message, bool allocate, bool tell_peer) {
  absl::StatusOr<StepResult> step;
  if (context.undelivered != nullptr) {
    step = std::move(*context.undelivered);
    context.undelivered.reset();
  } else if (context.ended) {
    return SEC_E_OUT_OF_SEQUENCE;
  } else {
    step = StepOnce(context, message.token.value_or(std::span<const uint8_t>()));
  }
  if (!step.ok()) {
    return StatusOfFault(context, step.status());
  }
  const bool refused = step->state == StepState::kRejected;
  const std::span<const uint8_t> token =
      refused && !tell_peer ? std::span<const uint8_t>() : std::span(step->token);
  const SECURITY_STATUS given = GiveToken(token, allocate, *message.output);
  if (!refused && given != SEC_E_OK) {
    context.undelivered = std::make_unique<StepResult>(*std::move(step));
    return given;
  }
  return StatusFrom(step->status);
}

SECURITY_STATUS CheckSameCredentials(const Context& context, const SecHandle* credentials) {
  if (credentials == nullptr) {
    return SEC_E_OK;
  }
  const auto named = TheCredentials().Find(credentials);
  if (named == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  return named == context.credentials ? SEC_E_OK : SEC_E_WRONG_CREDENTIAL_HANDLE;
}

SECURITY_STATUS EndFirstCall(SECURITY_STATUS status, const std::shared_ptr<Context>& context,
                             const ExchangeArguments& arguments, const Message& message) {
  SecBuffer* const token = message.output->Find(SECBUFFER_TOKEN);
  if (status == SEC_E_BUFFER_TOO_SMALL && token != nullptr) {
    token->cbBuffer = std::max(token->cbBuffer,
                               static_cast<ULONG>(context->credentials->package->max_token_size));
  }
  if (Succeeded(status)) {
    *arguments.new_context = TheContexts().Insert(context);
    GiveAnswer(*context, arguments);
  }
  return status;
}

void GiveAnswer(const Context& context, const ExchangeArguments& arguments) {
  if (arguments.attributes != nullptr) {
    *arguments.attributes = context.attributes;
  }
  if (arguments.context != nullptr && arguments.new_context != nullptr) {
    *arguments.new_context = *arguments.context;
  }
  PutTime(context.login->expiry_time().value_or(kNever), arguments.expiry);
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_DeleteSecurityContext(PCtxtHandle phContext) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::TheContexts().Remove(phContext) != nullptr ? SEC_E_OK : SEC_E_INVALID_HANDLE;
  });
}
