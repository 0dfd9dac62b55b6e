// InitializeSecurityContext: the client's side.
#include <memory>
#include <string>
#include <utility>

#include "lib/sspi/exchange.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kSigning =
    ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY;

InitiatorParameters ParametersOf(const Context& context) {
  InitiatorParameters parameters;
  parameters.target_name = context.target_name.get();
  parameters.target_name_untrusted = (context.request & ISC_REQ_UNVERIFIED_TARGET_NAME) != 0;
  parameters.want_signing = (context.request & kSigning) != 0;
  parameters.want_sealing = (context.request & ISC_REQ_CONFIDENTIALITY) != 0;
  return parameters;
}

std::unique_ptr<const char[]> KeptText(const std::string& text) {
  auto kept = std::make_unique<char[]>(text.size() + 1);
  text.copy(kept.get(), text.size());
  return kept;
}

SECURITY_STATUS Advance(Context& context, const Message& message, ULONG request) {
  const bool allocate = (request & ISC_REQ_ALLOCATE_MEMORY) != 0;
  const SECURITY_STATUS status =
      Exchange(context, message, allocate, (context.request & ISC_REQ_EXTENDED_ERROR) != 0);
  if (Succeeded(status)) {
    context.attributes =
        InitiatorAttributes(context) | (allocate ? ULONG{ISC_RET_ALLOCATED_MEMORY} : 0);
  }
  return status;
}

SECURITY_STATUS Begin(const ExchangeArguments& arguments, const Message& message,
                      std::optional<std::string> target_name) {
  if (arguments.new_context == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  const auto context = std::make_shared<Context>();
  context->credentials = TheCredentials().Find(arguments.credentials);
  if (context->credentials == nullptr) {
    return SEC_E_INVALID_HANDLE;
  }
  if (context->credentials->initiator == nullptr) {
    return SEC_E_NO_CREDENTIALS;
  }
  if (!target_name.has_value()) {
    return SEC_E_TARGET_UNKNOWN;
  }
  context->target_name = KeptText(*target_name);
  context->request = arguments.request;
  InitiateOptions options;
  options.credentials = context->credentials->initiator;
  options.parameters = ParametersOf(*context);
  const SECURITY_STATUS taken = TakeBindings(message, *context);
  if (taken != SEC_E_OK) {
    return taken;
  }
  options.channel = context->bindings != nullptr ? context->bindings->channel : Channel::Plain();
  auto login = SecurityContext::Initiate(std::move(options));
  if (!login.ok()) {
    return absl::IsInvalidArgument(login.status()) ? SEC_E_TARGET_UNKNOWN
                                                   : StatusFrom(login.status());
  }
  context->login = *std::move(login);
  return EndFirstCall(Advance(*context, message, arguments.request), context, arguments, message);
}

// Many programs pass their bindings together with the server's challenge only. NTLM sends them in
// its answer; where Kerberos' message has left they come too late, and the server judges.
SECURITY_STATUS LearnBindings(Context& context, const Message& message) {
  if (context.bindings != nullptr) {
    return CheckSameBindings(context, message);
  }
  const SECURITY_STATUS status = TakeBindings(message, context);
  if (status == SEC_E_OK && context.bindings != nullptr && !context.ended) {
    return StatusFrom(context.login->SetChannel(context.bindings->channel));
  }
  return status;
}

SECURITY_STATUS Continue(Context& context, const ExchangeArguments& arguments,
                         const Message& message) {
  if (context.login == nullptr || context.acceptor) {
    return SEC_E_INVALID_HANDLE;
  }
  if (!message.token.has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  SECURITY_STATUS checked = CheckSameCredentials(context, arguments.credentials);
  if (checked == SEC_E_OK) {
    checked = LearnBindings(context, message);
  }
  if (checked != SEC_E_OK) {
    return checked;
  }
  const SECURITY_STATUS status = Advance(context, message, arguments.request);
  if (Succeeded(status)) {
    GiveAnswer(context, arguments);
  }
  return status;
}

template <typename Char>
SECURITY_STATUS Initialize(const Char* target_name, const ExchangeArguments& arguments) {
  return Entry([&] {
    Message message;
    const SECURITY_STATUS read = ReadMessage(arguments, message);
    if (read != SEC_E_OK) {
      return read;
    }
    if (arguments.context == nullptr) {
      return Begin(arguments, message, TextOf(target_name));
    }
    return WithContext(arguments.context,
                       [&](Context& context) { return Continue(context, arguments, message); });
  });
}

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName, ULONG fContextReq,
    ULONG, ULONG, PSecBufferDesc pInput, ULONG, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    PULONG pfContextAttr, PTimeStamp ptsExpiry) noexcept {
  return epa::sspi::Initialize(pszTargetName, {phCredential, phContext, fContextReq, pInput,
                                               pOutput, phNewContext, pfContextAttr, ptsExpiry});
}

SECURITY_STATUS SEC_ENTRY epa_InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName, ULONG fContextReq,
    ULONG, ULONG, PSecBufferDesc pInput, ULONG, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    PULONG pfContextAttr, PTimeStamp ptsExpiry) noexcept {
  return epa::sspi::Initialize(pszTargetName, {phCredential, phContext, fContextReq, pInput,
                                               pOutput, phNewContext, pfContextAttr, ptsExpiry});
}
