// QueryContextAttributes.
#include <cstring>
#include <limits>
#include <string>

#include "epa/sspi/epa_sspi.h"
#include "lib/sspi/context.h"
#include "lib/sspi/expiry.h"
#include "lib/sspi/key_info.h"
#include "lib/sspi/memory.h"
#include "lib/sspi/strings.h"

namespace epa::sspi {
namespace {

constexpr ULONG kNtlmSignatureSize = 16;  // [MS-NLMP] 2.2.2.9

// The caller's place for the answer. Nothing is written unless all of it can be.
struct Place {
  void* buffer;
  size_t size;

  template <typename Answer, typename Fill>
  SECURITY_STATUS Take(const Fill& fill) const {
    if (size < sizeof(Answer)) {
      return SEC_E_BUFFER_TOO_SMALL;
    }
    Answer answer{};
    const SECURITY_STATUS status = fill(answer);
    if (status == SEC_E_OK) {
      std::memcpy(buffer, &answer, sizeof(answer));
    }
    return status;
  }
};

// The account that logged in to an acceptor; null for guests, anonymous clients and a client's own
// side. Lives as long as the context.
const AccountIdentity* AccountOf(const Context& context) {
  const auto peer = context.login->peer();
  return peer.ok() ? peer->account() : nullptr;
}

// Who logged in, as Windows spells it.
std::string ClientNameOf(const Context& context) {
  if (!context.acceptor) {
    return Joined(context.login->initiator_name().value_or(InitiatorName()));
  }
  const AccountIdentity* const account = AccountOf(context);
  return account != nullptr ? Joined({account->user, account->domain, {}}) : std::string();
}

std::string PrincipalOf(const Context& context) {
  if (!context.acceptor) {
    const InitiatorName name = context.login->initiator_name().value_or(InitiatorName());
    return name.principal.empty() ? Joined(name) : name.principal;
  }
  const AccountIdentity* const account = AccountOf(context);
  return account != nullptr && account->authorization != nullptr &&
                 !account->authorization->principal.empty()
             ? account->authorization->principal
             : ClientNameOf(context);
}

// The service the client named, where it vouches for the name: a caller that compares it itself
// cannot know what else is to be asked of another voucher.
std::optional<std::string> TargetOf(const Context& context) {
  const auto evidence = context.login->evidence();
  return evidence.ok() && evidence->target_name_voucher == TargetNameVoucher::kClient
             ? evidence->target_name
             : std::nullopt;
}

// The package that carried the login, or while that is open the one of the credentials.
PackagePtr PackageOf(const Context& context) {
  const auto name = context.login->package_name();
  const PackagePtr package =
      name.ok() && *name != context.credentials->package->name ? FindPackage(*name) : nullptr;
  return package != nullptr ? package : context.credentials->package;
}

SECURITY_STATUS PutSizes(Context& context, SecPkgContext_Sizes& out) {
  out.cbMaxToken = static_cast<ULONG>(context.credentials->package->max_token_size);
  if (PackageOf(context)->id == PackageId::kNtlm) {
    // Whether or not anything was agreed on, as on Windows.
    out.cbMaxSignature = out.cbSecurityTrailer = kNtlmSignatureSize;
    return SEC_E_OK;
  }
  out.cbBlockSize = 1;
  if (const auto protection = context.login->message_protection(); protection.ok()) {
    out.cbMaxSignature = static_cast<ULONG>((*protection)->signature_size());
    out.cbSecurityTrailer = (*protection)->can_seal()
                                ? static_cast<ULONG>((*protection)->seal_signature_size())
                                : out.cbMaxSignature;
  }
  return SEC_E_OK;
}

SECURITY_STATUS PutSessionKey(const Context& context, SecPkgContext_SessionKey& out) {
  const auto key = context.login->ExportSessionKey();
  if (!key.ok()) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  out.SessionKey = static_cast<UCHAR*>(AllocateCopy(key->Expose()));
  out.SessionKeyLength = static_cast<ULONG>(key->size());
  return out.SessionKey != nullptr ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

template <typename Names>
SECURITY_STATUS PutName(const std::string& name, Names& out) {
  return name.empty() ? SEC_E_UNSUPPORTED_FUNCTION
                      : PutText(name, SEC_E_UNKNOWN_CREDENTIALS, out.sUserName);
}

template <typename Names>
SECURITY_STATUS PutNativeNames(const Context& context, Names& out) {
  SECURITY_STATUS status =
      PutText(PrincipalOf(context), SEC_E_UNKNOWN_CREDENTIALS, out.sClientName);
  if (status == SEC_E_OK) {
    const std::string server =
        context.acceptor ? TargetOf(context).value_or("") : std::string(context.target_name.get());
    status = PutText(server, SEC_E_TARGET_UNKNOWN, out.sServerName);
  }
  if (status != SEC_E_OK) {
    FreeBlock(out.sClientName);
  }
  return status;
}

// The domain or realm that vouches for the client.
template <typename Authority>
SECURITY_STATUS PutAuthority(const Context& context, Authority& out) {
  std::string name;
  if (const AccountIdentity* const account = AccountOf(context)) {
    const bool has_realm =
        account->authorization != nullptr && !account->authorization->realm.empty();
    name = has_realm ? account->authorization->realm : account->domain;
  }
  return name.empty() ? SEC_E_NO_AUTHENTICATING_AUTHORITY
                      : PutText(name, SEC_E_NO_AUTHENTICATING_AUTHORITY, out.sAuthorityName);
}

template <typename Info>
SECURITY_STATUS PutPackage(const Context& context, Info& out) {
  const PackagePtr package = PackageOf(context);
  return PutPackageInfos(std::span<const PackagePtr>(&package, 1), out.PackageInfo);
}

SECURITY_STATUS PutTarget(const Context& context, SecPkgContext_ClientSpecifiedTarget& out) {
  if (!context.acceptor) {
    return SEC_E_UNSUPPORTED_FUNCTION;
  }
  const auto target = TargetOf(context);
  return target.has_value() ? PutText(*target, SEC_E_TARGET_UNKNOWN, out.sTargetName)
                            : SEC_E_TARGET_UNKNOWN;
}

SECURITY_STATUS PutReason(const Context& context, EPA_SecPkgContext_Reason& out) {
  SECURITY_STATUS status =
      PutText(ReasonName(context.login->reason()), SEC_E_INTERNAL_ERROR, out.sReason);
  if (status == SEC_E_OK) {
    const std::string& detail = context.login->reason_detail();
    status = PutText(detail.substr(0, detail.find('\0')), SEC_E_INTERNAL_ERROR, out.sDetail);
  }
  if (status != SEC_E_OK) {
    FreeBlock(out.sReason);
  }
  return status;
}

SECURITY_STATUS QueryTls(const TlsBindings& tls, ULONG attribute, const Place& place) {
  const auto put = [&place](const std::optional<ChannelBindings>& bindings) {
    return bindings.has_value() ? place.Take<SecPkgContext_Bindings>(
                                      [&](auto& out) { return PutBindings(*bindings, out); })
                                : SEC_E_UNSUPPORTED_FUNCTION;
  };
  switch (attribute) {
    case SECPKG_ATTR_ENDPOINT_BINDINGS:
      return put(tls.endpoint);
    case SECPKG_ATTR_UNIQUE_BINDINGS:
      return put(tls.unique);
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

// What has a letter, A or W.
template <typename Char>
SECURITY_STATUS QueryText(Context& context, ULONG attribute, const Place& place) {
  using F = Form<Char>;
  switch (attribute) {
    case SECPKG_ATTR_NAMES:
      return place.Take<typename F::Names>(
          [&](auto& out) { return PutName(ClientNameOf(context), out); });
    case SECPKG_ATTR_NATIVE_NAMES:
      return place.Take<typename F::NativeNames>(
          [&](auto& out) { return PutNativeNames(context, out); });
    case SECPKG_ATTR_KEY_INFO:
      return place.Take<typename F::KeyInfo>(
          [&](auto& out) { return PutKeyInfo(*context.login, out); });
    case SECPKG_ATTR_AUTHORITY:
      return place.Take<typename F::Authority>(
          [&](auto& out) { return PutAuthority(context, out); });
    case SECPKG_ATTR_PACKAGE_INFO:
      return place.Take<typename F::PackageInfo>(
          [&](auto& out) { return PutPackage(context, out); });
    case SECPKG_ATTR_NEGOTIATION_INFO:
      return place.Take<typename F::NegotiationInfo>([&](auto& out) {
        out.NegotiationState = SECPKG_NEGOTIATION_COMPLETE;
        return PutPackage(context, out);
      });
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

template <typename Char>
SECURITY_STATUS QueryEstablished(Context& context, ULONG attribute, const Place& place) {
  switch (attribute) {
    case SECPKG_ATTR_SIZES:
      return place.Take<SecPkgContext_Sizes>([&](auto& out) { return PutSizes(context, out); });
    case SECPKG_ATTR_LIFESPAN:
      return place.Take<SecPkgContext_Lifespan>([&](auto& out) {
        PutTime(context.login->expiry_time().value_or(kNever), &out.tsExpiry);
        return SEC_E_OK;
      });
    case SECPKG_ATTR_FLAGS:
      return place.Take<SecPkgContext_Flags>([&](auto& out) {
        out.Flags = context.attributes;
        return SEC_E_OK;
      });
    case SECPKG_ATTR_SESSION_KEY:
      return place.Take<SecPkgContext_SessionKey>(
          [&](auto& out) { return PutSessionKey(context, out); });
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
      return place.Take<SecPkgContext_ClientSpecifiedTarget>(
          [&](auto& out) { return PutTarget(context, out); });
    default:
      return QueryText<Char>(context, attribute, place);
  }
}

// While messages are still to come.
template <typename Char>
SECURITY_STATUS QueryUnfinished(const Context& context, ULONG attribute, const Place& place) {
  if (attribute != SECPKG_ATTR_NEGOTIATION_INFO || context.ended) {
    return SEC_E_INVALID_HANDLE;
  }
  return place.Take<typename Form<Char>::NegotiationInfo>([&](auto& out) {
    out.NegotiationState = SECPKG_NEGOTIATION_IN_PROGRESS;
    return PutPackage(context, out);
  });
}

template <typename Char>
SECURITY_STATUS Query(const SecHandle* handle, ULONG attribute, const Place& place) {
  return WithContext(handle, [&](Context& context) {
    if (place.buffer == nullptr) {
      return SEC_E_INVALID_PARAMETER;
    }
    if (context.tls != nullptr) {
      return QueryTls(*context.tls, attribute, place);
    }
    if (attribute == EPA_SECPKG_ATTR_REASON) {
      return place.Take<EPA_SecPkgContext_Reason>(
          [&](auto& out) { return PutReason(context, out); });
    }
    return context.login->established() ? QueryEstablished<Char>(context, attribute, place)
                                        : QueryUnfinished<Char>(context, attribute, place);
  });
}

constexpr size_t kAsLargeAsNeeded = std::numeric_limits<size_t>::max();

}  // namespace
}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                      void* pBuffer) noexcept {
  using epa::sspi::kAsLargeAsNeeded;
  return epa::sspi::Query<SEC_CHAR>(phContext, ulAttribute, {pBuffer, kAsLargeAsNeeded});
}

SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                      void* pBuffer) noexcept {
  using epa::sspi::kAsLargeAsNeeded;
  return epa::sspi::Query<SEC_WCHAR>(phContext, ulAttribute, {pBuffer, kAsLargeAsNeeded});
}

SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                        void* pBuffer, ULONG cbBuffer) noexcept {
  return epa::sspi::Query<SEC_CHAR>(phContext, ulAttribute, {pBuffer, cbBuffer});
}

SECURITY_STATUS SEC_ENTRY epa_QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                        void* pBuffer, ULONG cbBuffer) noexcept {
  return epa::sspi::Query<SEC_WCHAR>(phContext, ulAttribute, {pBuffer, cbBuffer});
}
