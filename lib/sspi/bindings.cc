#include "lib/sspi/bindings.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "lib/sspi/entry.h"
#include "lib/sspi/memory.h"

namespace epa::sspi {
namespace {

SECURITY_STATUS PutOctets(std::span<const uint8_t> octets, SecPkgContext_Bindings& out) {
  void* const block = AllocateCopy(octets);
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  out.Bindings = static_cast<SEC_CHANNEL_BINDINGS*>(block);
  out.BindingsLength = static_cast<ULONG>(octets.size());
  return SEC_E_OK;
}

SECURITY_STATUS SetFlags(PSecPkgContext_Bindings pBindings, ULONG flags) {
  if (pBindings == nullptr || pBindings->Bindings == nullptr ||
      (flags & ~ULONG{SEC_CHANNEL_BINDINGS_VALID_FLAGS}) != 0) {
    return SEC_E_INVALID_PARAMETER;
  }
  const auto parsed = ChannelBindings::ParseSecChannelBindings(
      {reinterpret_cast<const uint8_t*>(pBindings->Bindings), pBindings->BindingsLength});
  if (!parsed.ok()) {
    return SEC_E_INVALID_PARAMETER;
  }
  void* const former = pBindings->Bindings;
  const SECURITY_STATUS status =
      PutOctets(parsed->bindings.ToSecChannelBindingsEx(flags), *pBindings);
  if (status == SEC_E_OK) {
    FreeBlock(former);
  }
  return status;
}

}  // namespace

SECURITY_STATUS BindingsReader::Read(std::span<const uint8_t> octets,
                                     std::shared_ptr<const GivenBindings>& out) {
  const std::lock_guard lock(lock_);
  const auto known = std::ranges::find_if(last_, [octets](const auto& given) {
    return given != nullptr && std::ranges::equal(given->octets, octets);
  });
  if (known != last_.end()) {
    out = *known;
    return SEC_E_OK;
  }
  auto parsed = ChannelBindings::ParseSecChannelBindings(octets);
  if (!parsed.ok()) {
    return SEC_E_INVALID_TOKEN;
  }
  const uint32_t flags = parsed->extended_flags.value_or(0);
  if ((flags & ~uint32_t{SEC_CHANNEL_BINDINGS_VALID_FLAGS}) != 0) {
    return SEC_E_INVALID_TOKEN;
  }
  out = std::make_shared<const GivenBindings>(
      GivenBindings{{octets.begin(), octets.end()},
                    Channel::Tls(std::move(parsed->bindings)),
                    (flags & SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS) != 0});
  last_[next_++ % last_.size()] = out;
  return SEC_E_OK;
}

ULONG ResultFlags(BindingEvidence evidence, Comparison comparison, bool forgives_absence) {
  constexpr ULONG kSupport = SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT;
  constexpr ULONG kAbsent = SEC_CHANNEL_BINDINGS_RESULT_ABSENT;
  constexpr ULONG kMissing = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
  const bool compared = comparison != Comparison::kNothing;
  switch (evidence) {
    case BindingEvidence::kNotChecked:
      return 0;
    case BindingEvidence::kAbsent:
      if (!compared) {
        return kAbsent;
      }
      return kAbsent |
             (forgives_absence ? ULONG{SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING} : kMissing);
    case BindingEvidence::kExplicitNone:
      return kSupport | kAbsent | (compared ? kMissing : 0);
    case BindingEvidence::kMatched:
    case BindingEvidence::kMismatched:
      break;
  }
  switch (comparison) {
    case Comparison::kNothing:
      return kSupport;
    case Comparison::kSomeTls:
      return kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY;
    case Comparison::kChannel:
      break;
  }
  return kSupport | (evidence == BindingEvidence::kMatched
                         ? ULONG{SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED}
                         : ULONG{SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH});
}

SECURITY_STATUS CheckRoomForResult(const BufferList& output) {
  SecBuffer* const buffer = output.Find(SECBUFFER_CHANNEL_BINDINGS_RESULT);
  if (buffer == nullptr) {
    return SEC_E_OK;
  }
  if (!OctetsOf(*buffer).has_value()) {
    return SEC_E_INVALID_TOKEN;
  }
  if (buffer->cbBuffer < sizeof(SEC_CHANNEL_BINDINGS_RESULT)) {
    buffer->cbBuffer = sizeof(SEC_CHANNEL_BINDINGS_RESULT);
    return SEC_E_BUFFER_TOO_SMALL;
  }
  return SEC_E_OK;
}

void WriteResult(ULONG flags, const BufferList& output) {
  SecBuffer* const buffer = output.Find(SECBUFFER_CHANNEL_BINDINGS_RESULT);
  if (buffer == nullptr) {
    return;
  }
  const SEC_CHANNEL_BINDINGS_RESULT result = {flags};
  std::memcpy(buffer->pvBuffer, &result, sizeof(result));
  buffer->cbBuffer = sizeof(result);
}

SECURITY_STATUS PutBindings(const ChannelBindings& bindings, SecPkgContext_Bindings& out) {
  return PutOctets(bindings.ToSecChannelBindings(), out);
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_SspiSetChannelBindingFlags(PSecPkgContext_Bindings pBindings,
                                                         ULONG flags) noexcept {
  return epa::sspi::Entry([&] { return epa::sspi::SetFlags(pBindings, flags); });
}
