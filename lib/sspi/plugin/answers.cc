#include "lib/sspi/plugin/answers.h"

#include "absl/strings/str_cat.h"
#include "lib/base/utf16.h"

namespace epa::sspi {
namespace {

constexpr size_t kLongestText = 1024;

std::string StatusText(SECURITY_STATUS status) {
  return absl::StrCat("0x", absl::Hex(static_cast<uint32_t>(status), absl::kZeroPad8));
}

Reason ReasonOfBadBindings(BindingEvidence binding) {
  switch (binding) {
    case BindingEvidence::kAbsent:
      return Reason::kBindingMissing;
    case BindingEvidence::kExplicitNone:
      return Reason::kBindingExplicitlyNone;
    case BindingEvidence::kNotChecked:
    case BindingEvidence::kMatched:
    case BindingEvidence::kMismatched:
      break;
  }
  return Reason::kBindingMismatch;
}

std::optional<Reason> ReasonOf(SECURITY_STATUS status, BindingEvidence binding) {
  switch (status) {
    case SEC_E_INVALID_TOKEN:
    case SEC_E_INCOMPLETE_MESSAGE:
    case SEC_E_ILLEGAL_MESSAGE:
      return Reason::kMalformedToken;
    case SEC_E_OUT_OF_SEQUENCE:
      return Reason::kUnexpectedMessage;
    case SEC_E_LOGON_DENIED:
      return Reason::kWrongPassword;
    case SEC_E_MESSAGE_ALTERED:
      return Reason::kMicInvalid;
    case SEC_E_BAD_BINDINGS:
      return ReasonOfBadBindings(binding);
    case SEC_E_DOWNGRADE_DETECTED:
      return Reason::kNegotiationAltered;
    case SEC_E_TIME_SKEW:
      return Reason::kClockSkew;
    case SEC_E_CONTEXT_EXPIRED:
      return Reason::kTicketExpired;
    case SEC_E_WRONG_PRINCIPAL:
      return Reason::kMutualAuthenticationFailed;
    case SEC_E_TARGET_UNKNOWN:
      return Reason::kTargetUnknown;
    case SEC_E_NO_CREDENTIALS:
      return Reason::kNoCredentials;
    default:
      return std::nullopt;
  }
}

}  // namespace

BindingEvidence EvidenceOfResult(ULONG flags, bool bindings_given) {
  constexpr ULONG kSupport = SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT;
  constexpr ULONG kAbsent = SEC_CHANNEL_BINDINGS_RESULT_ABSENT;
  switch (flags) {
    case SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED:
    case kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED:
      return bindings_given ? BindingEvidence::kMatched : BindingEvidence::kNotChecked;
    // Bound to some channel, which is not one of this process.
    case SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY:
    case kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY:
    case SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH:
    case kSupport | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH:
      return BindingEvidence::kMismatched;
    case kSupport | kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING:
      return BindingEvidence::kExplicitNone;
    case kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING:
    case kAbsent | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING:
      return BindingEvidence::kAbsent;
    default:
      return BindingEvidence::kNotChecked;
  }
}

absl::StatusOr<MechanismResult> ResultOfFailure(SECURITY_STATUS status, BindingEvidence binding) {
  if (const std::optional<Reason> reason = ReasonOf(status, binding)) {
    return MechanismResult::Rejected(*reason, "the plug-in answered " + StatusText(status));
  }
  return FaultOf(status, "a step");
}

absl::Status FaultOf(SECURITY_STATUS status, std::string_view function) {
  const std::string text =
      "the plug-in answered " + StatusText(status) + " to " + std::string(function);
  return status == SEC_E_NO_AUTHENTICATING_AUTHORITY ? absl::UnavailableError(text)
                                                     : absl::InternalError(text);
}

std::optional<std::string> BoundedTextOf(const SEC_WCHAR* text) {
  if (text == nullptr) {
    return std::nullopt;
  }
  std::vector<uint8_t> octets;
  for (size_t i = 0; i < kLongestText; ++i) {
    if (text[i] == 0) {
      return Utf16LeToUtf8(octets);
    }
    octets.push_back(static_cast<uint8_t>(text[i]));
    octets.push_back(static_cast<uint8_t>(text[i] >> 8));
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<SEC_WCHAR>> WideTextOf(std::string_view text) {
  const auto octets = Utf8ToUtf16Le(text);
  if (!octets.has_value()) {
    return absl::InvalidArgumentError("a name for the plug-in is not UTF-8");
  }
  std::vector<SEC_WCHAR> wide;
  wide.reserve(octets->size() / 2 + 1);
  for (size_t i = 0; i + 1 < octets->size(); i += 2) {
    wide.push_back(static_cast<SEC_WCHAR>((*octets)[i] | (*octets)[i + 1] << 8));
  }
  wide.push_back(0);
  return wide;
}

}  // namespace epa::sspi
