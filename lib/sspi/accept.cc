// AcceptSecurityContext: the server's side.
#include <utility>

#include "lib/sspi/exchange.h"
#include "lib/sspi/policies.h"

namespace epa::sspi {
namespace {

Comparison ComparisonUnder(const ExtendedProtectionOptions& policy, bool has_bindings) {
  if (policy.mode == ExtendedProtectionMode::kLegacy) {
    return Comparison::kNothing;
  }
  if (policy.scenario == ProtectionScenario::kTrustedProxy) {
    return policy.proxy_cohosting ? Comparison::kNothing : Comparison::kSomeTls;
  }
  return has_bindings ? Comparison::kChannel : Comparison::kNothing;
}

Channel ChannelUnder(const ExtendedProtectionOptions& policy, const GivenBindings* given) {
  if (given != nullptr) {
    return given->channel;
  }
  return policy.scenario == ProtectionScenario::kTrustedProxy ? Channel::TrustedProxy()
                                                              : Channel::Plain();
}

// Hears what the caller asked with SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS to be told in its
// SECBUFFER_CHANNEL_BINDINGS_RESULT, where there is no other sink.
class ResultBufferAudit final : public AuditSink {
  void OnEvent(const AuditEvent&) override {}
};

const std::shared_ptr<AuditSink>& AuditUnder(const CredentialSet& credentials,
                                             const ExtendedProtectionPolicy& policy) {
  static const auto& result_buffer =
      *new std::shared_ptr<AuditSink>(std::make_shared<ResultBufferAudit>());
  if (credentials.audit != nullptr) {
    return credentials.audit;
  }
  return policy.audit_only() ? result_buffer : NoAudit();
}

SECURITY_STATUS Advance(Context& context, const Message& message, ULONG request) {
  const bool allocate = (request & ASC_REQ_ALLOCATE_MEMORY) != 0;
  const SECURITY_STATUS status =
      Exchange(context, message, allocate, (context.request & ASC_REQ_EXTENDED_ERROR) != 0);
  WriteResult(
      ResultFlags(context.login->binding_evidence(), context.comparison, context.forgives_absence),
      *message.output);
  if (Succeeded(status)) {
    context.attributes =
        AcceptorAttributes(context) | (allocate ? ULONG{ASC_RET_ALLOCATED_MEMORY} : 0);
  }
  return status;
}

// The flags and the buffers of a first call, or the credentials' own policy, as what to demand.
SECURITY_STATUS Demand(const ExchangeArguments& arguments, Context& context,
                       AcceptOptions& options) {
  const GivenBindings* const given = context.bindings.get();
  const bool has_bindings = given != nullptr;
  if (context.credentials->policy != nullptr) {
    options.policy = context.credentials->policy;
  } else if (has_bindings && (arguments.request & ASC_REQ_PROXY_BINDINGS) != 0) {
    return SEC_E_INVALID_PARAMETER;  // two rules at once; nobody has written down which one holds
  } else {
    options.policy = WindowsPolicy(arguments.request, given);
  }
  const ExtendedProtectionOptions& policy = options.policy->options();
  context.comparison = ComparisonUnder(policy, has_bindings);
  context.forgives_absence = policy.mode == ExtendedProtectionMode::kAllow;
  options.channel = ChannelUnder(policy, given);
  return SEC_E_OK;
}

SECURITY_STATUS Begin(const ExchangeArguments& arguments, const Message& message) {
  if (arguments.new_context == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  const auto context = std::make_shared<Context>();
  context->credentials = TheCredentials().Find(arguments.credentials);
  if (context->credentials == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  if (context->credentials->acceptor == nullptr) {
    return SEC_E_NO_CREDENTIALS;
  }
  context->acceptor = true;
  context->request = arguments.request;
  AcceptOptions options;
  SECURITY_STATUS status = TakeBindings(message, *context);
  if (status == SEC_E_OK) {
    status = Demand(arguments, *context, options);
  }
  if (status != SEC_E_OK) {
    return status;
  }
  options.credentials = context->credentials->acceptor;
  options.audit = AuditUnder(*context->credentials, *options.policy);
  auto login = SecurityContext::Accept(std::move(options));
  if (!login.ok()) {
    return absl::IsInvalidArgument(login.status()) ? SEC_E_INVALID_PARAMETER
                                                   : StatusFrom(login.status());
  }
  context->login = *std::move(login);
  return EndFirstCall(Advance(*context, message, arguments.request), context, arguments, message);
}

// Whether a later call's flags are stricter than the first's.
bool DemandsMore(const Context& context, const ExchangeArguments& arguments, bool has_bindings) {
  if (context.credentials->policy != nullptr) {
    return false;
  }
  const bool proxy = (arguments.request & ASC_REQ_PROXY_BINDINGS) != 0;
  const bool strict = (arguments.request & ASC_REQ_ALLOW_MISSING_BINDINGS) == 0;
  return (proxy && (context.request & ASC_REQ_PROXY_BINDINGS) == 0) ||
         ((proxy || has_bindings) && strict && context.forgives_absence);
}

SECURITY_STATUS Continue(Context& context, const ExchangeArguments& arguments,
                         const Message& message) {
  if (context.login == nullptr || !context.acceptor) {
    return SEC_E_INVALID_HANDLE;
  }
  SECURITY_STATUS checked = CheckSameCredentials(context, arguments.credentials);
  if (checked == SEC_E_OK) {
    checked = CheckSameBindings(context, message);
  }
  if (checked != SEC_E_OK) {
    return checked;
  }
  if (DemandsMore(context, arguments, message.bindings.has_value())) {
    return SEC_E_BAD_BINDINGS;
  }
  const SECURITY_STATUS status = Advance(context, message, arguments.request);
  if (Succeeded(status)) {
    GiveAnswer(context, arguments);
  }
  return status;
}

SECURITY_STATUS Accept(const ExchangeArguments& arguments) {
  Message message;
  SECURITY_STATUS status = ReadMessage(arguments, message);
  if (status == SEC_E_OK && !message.token.has_value()) {
    status = SEC_E_INVALID_TOKEN;
  }
  if (status == SEC_E_OK) {
    status = CheckRoomForResult(*message.output);
  }
  if (status != SEC_E_OK) {
    return status;
  }
  if (arguments.context == nullptr) {
    return Begin(arguments, message);
  }
  return WithContext(arguments.context,
                     [&](Context& context) { return Continue(context, arguments, message); });
}

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                    PSecBufferDesc pInput, ULONG fContextReq, ULONG,
                                                    PCtxtHandle phNewContext,
                                                    PSecBufferDesc pOutput, PULONG pfContextAttr,
                                                    PTimeStamp ptsExpiry) noexcept {
  return epa::sspi::Entry([&] {
    return epa::sspi::Accept({phCredential, phContext, fContextReq, pInput, pOutput, phNewContext,
                              pfContextAttr, ptsExpiry});
  });
}
