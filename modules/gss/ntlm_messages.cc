// Protection of messages: a signature of 16 octets, then the message ([MS-NLMP] 3.4).
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "modules/gss/ntlm.h"
#include "modules/gss/status.h"

namespace epa::gss::ntlm_mechanism {
namespace {

constexpr size_t kSignatureSize = 16;

OM_uint32 Fail(OM_uint32* minor, const absl::Status& status) {
  *minor = MinorOf(Reason::kInternalFault);
  if (absl::IsDataLoss(status) || absl::IsOutOfRange(status)) {
    *minor = MinorOf(Reason::kMalformedToken);
  }
  return absl::IsFailedPrecondition(status) ? GSS_S_UNAVAILABLE : MajorOf(status);
}

bool Seals(const Context& context) {
  return context.security->agreed_protection().value_or(AgreedProtection()).sealing;
}

OM_uint32 CheckQuality(gss_qop_t quality) {
  return quality == GSS_C_QOP_DEFAULT ? GSS_S_COMPLETE : GSS_S_BAD_QOP;
}

// The parts of a message in several buffers, as far as NTLM has them: one header, which is the
// signature, and data. A stream is both at once.
class Parts {
 public:
  Parts(gss_iov_buffer_desc* parts, int count) {
    for (int i = 0; i < count; ++i) {
      Add(parts[i]);
    }
  }

  bool good() const { return good_; }
  gss_iov_buffer_desc* header() const { return header_; }
  gss_iov_buffer_desc* mic() const { return mic_; }
  gss_iov_buffer_desc* stream() const { return stream_; }
  const std::vector<gss_iov_buffer_desc*>& data() const { return data_; }

  std::vector<uint8_t> Joined() const {
    std::vector<uint8_t> message;
    for (const gss_iov_buffer_desc* part : data_) {
      const auto octets = OctetsOf(&part->buffer);
      message.insert(message.end(), octets.begin(), octets.end());
    }
    return message;
  }
  void Split(std::span<const uint8_t> message) const {
    for (gss_iov_buffer_desc* part : data_) {
      std::copy_n(message.begin(), part->buffer.length, static_cast<uint8_t*>(part->buffer.value));
      message = message.subspan(part->buffer.length);
    }
  }
  // NTLM fills nothing up.
  void EmptyTheRest() const {
    for (gss_iov_buffer_desc* part : empty_) {
      part->buffer.length = 0;
    }
  }

 private:
  void Add(gss_iov_buffer_desc& part) {
    switch (GSS_IOV_BUFFER_TYPE(part.type)) {
      case GSS_IOV_BUFFER_TYPE_EMPTY:
        return;
      case GSS_IOV_BUFFER_TYPE_HEADER:
        return Take(part, header_);
      case GSS_IOV_BUFFER_TYPE_MIC_TOKEN:
        return Take(part, mic_);
      case GSS_IOV_BUFFER_TYPE_STREAM:
        return Take(part, stream_);
      case GSS_IOV_BUFFER_TYPE_DATA:
        return data_.push_back(&part);
      case GSS_IOV_BUFFER_TYPE_PADDING:
      case GSS_IOV_BUFFER_TYPE_TRAILER:
        return empty_.push_back(&part);
      default:
        good_ = false;  // what would be signed only, among others
    }
  }
  void Take(gss_iov_buffer_desc& part, gss_iov_buffer_desc*& place) {
    good_ = good_ && place == nullptr;
    place = &part;
  }

  bool good_ = true;
  gss_iov_buffer_desc* header_ = nullptr;
  gss_iov_buffer_desc* mic_ = nullptr;
  gss_iov_buffer_desc* stream_ = nullptr;
  std::vector<gss_iov_buffer_desc*> data_;
  std::vector<gss_iov_buffer_desc*> empty_;
};

// Room for a signature, the caller's or ours.
bool Provide(gss_iov_buffer_desc& part) {
  if ((part.type & GSS_IOV_BUFFER_FLAG_ALLOCATE) != 0) {
    part.buffer.value = malloc(kSignatureSize);
    part.type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
  } else if (part.buffer.length < kSignatureSize) {
    return false;
  }
  part.buffer.length = kSignatureSize;
  return part.buffer.value != nullptr;
}

OM_uint32 Refuse(OM_uint32* minor) {
  *minor = MinorOf(Reason::kInternalFault);
  return GSS_S_FAILURE;
}

OM_uint32 UnwrapStream(OM_uint32* minor, Context& context, const Parts& parts) {
  if (parts.data().size() != 1 || parts.header() != nullptr) {
    return Refuse(minor);
  }
  const auto message = context.security->Unwrap(OctetsOf(&parts.stream()->buffer));
  if (!message.ok()) {
    return Fail(minor, message.status());
  }
  gss_iov_buffer_desc& data = *parts.data().front();
  if ((data.type & GSS_IOV_BUFFER_FLAG_ALLOCATE) != 0) {
    if (!PutOctets(*message, &data.buffer)) {
      return Refuse(minor);
    }
    data.type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
    return GSS_S_COMPLETE;
  }
  // It stays where it is, behind its signature.
  auto* const begin = static_cast<uint8_t*>(parts.stream()->buffer.value) + kSignatureSize;
  std::ranges::copy(*message, begin);
  data.buffer = {message->size(), begin};
  return GSS_S_COMPLETE;
}

}  // namespace

OM_uint32 gss_get_mic(OM_uint32* minor, gss_ctx_id_t handle, gss_qop_t quality,
                      gss_buffer_t message, gss_buffer_t token) {
  *minor = 0;
  if (quality != GSS_C_QOP_DEFAULT) {
    return GSS_S_BAD_QOP;
  }
  auto protection = ContextOf(handle)->security->message_protection();
  if (!protection.ok()) {
    return Fail(minor, protection.status());
  }
  std::vector<uint8_t> signature((*protection)->signature_size());
  const absl::Status status = (*protection)->Sign(OctetsOf(message), signature);
  if (!status.ok()) {
    return Fail(minor, status);
  }
  return PutOctets(signature, token) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32 gss_verify_mic(OM_uint32* minor, gss_ctx_id_t handle, gss_buffer_t message,
                         gss_buffer_t token, gss_qop_t* quality) {
  *minor = 0;
  auto protection = ContextOf(handle)->security->message_protection();
  if (!protection.ok()) {
    return Fail(minor, protection.status());
  }
  const absl::Status status = (*protection)->Verify(OctetsOf(message), OctetsOf(token));
  if (!status.ok()) {
    return Fail(minor, status);
  }
  if (quality != nullptr) {
    *quality = GSS_C_QOP_DEFAULT;
  }
  return GSS_S_COMPLETE;
}

// Where sealing was agreed on, all messages are sealed: the peer cannot tell one from another.
OM_uint32 gss_wrap(OM_uint32* minor, gss_ctx_id_t handle, int /*seal*/, gss_qop_t quality,
                   gss_buffer_t message, int* sealed, gss_buffer_t token) {
  *minor = 0;
  Context& context = *ContextOf(handle);
  if (quality != GSS_C_QOP_DEFAULT) {
    return GSS_S_BAD_QOP;
  }
  const auto wrapped = context.security->Wrap(OctetsOf(message));
  if (!wrapped.ok()) {
    return Fail(minor, wrapped.status());
  }
  if (sealed != nullptr) {
    *sealed = Seals(context) ? 1 : 0;
  }
  return PutOctets(*wrapped, token) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32 gss_unwrap(OM_uint32* minor, gss_ctx_id_t handle, gss_buffer_t token,
                     gss_buffer_t message, int* sealed, gss_qop_t* quality) {
  *minor = 0;
  Context& context = *ContextOf(handle);
  const auto unwrapped = context.security->Unwrap(OctetsOf(token));
  if (!unwrapped.ok()) {
    return Fail(minor, unwrapped.status());
  }
  if (sealed != nullptr) {
    *sealed = Seals(context) ? 1 : 0;
  }
  if (quality != nullptr) {
    *quality = GSS_C_QOP_DEFAULT;
  }
  return PutOctets(*unwrapped, message) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32 gss_wrap_size_limit(OM_uint32* minor, gss_ctx_id_t handle, int /*seal*/,
                              gss_qop_t quality, OM_uint32 size, OM_uint32* limit) {
  *minor = 0;
  *limit = size > kSignatureSize ? size - static_cast<OM_uint32>(kSignatureSize) : 0;
  return ContextOf(handle)->security->established() ? CheckQuality(quality) : GSS_S_NO_CONTEXT;
}

OM_uint32 gss_wrap_iov(OM_uint32* minor, gss_ctx_id_t handle, int /*seal*/, gss_qop_t quality,
                       int* sealed, gss_iov_buffer_desc* buffers, int count) {
  *minor = 0;
  Context& context = *ContextOf(handle);
  const Parts parts(buffers, count);
  if (quality != GSS_C_QOP_DEFAULT) {
    return GSS_S_BAD_QOP;
  }
  if (!parts.good() || parts.header() == nullptr || parts.stream() != nullptr ||
      !Provide(*parts.header())) {
    return Refuse(minor);
  }
  const auto wrapped = context.security->Wrap(parts.Joined());
  if (!wrapped.ok()) {
    return Fail(minor, wrapped.status());
  }
  std::copy_n(wrapped->begin(), kSignatureSize,
              static_cast<uint8_t*>(parts.header()->buffer.value));
  parts.Split(std::span(*wrapped).subspan(kSignatureSize));
  parts.EmptyTheRest();
  if (sealed != nullptr) {
    *sealed = Seals(context) ? 1 : 0;
  }
  return GSS_S_COMPLETE;
}

OM_uint32 gss_wrap_iov_length(OM_uint32* minor, gss_ctx_id_t handle, int /*seal*/,
                              gss_qop_t quality, int* sealed, gss_iov_buffer_desc* buffers,
                              int count) {
  *minor = 0;
  const Parts parts(buffers, count);
  if (!parts.good() || parts.header() == nullptr || parts.stream() != nullptr) {
    return Refuse(minor);
  }
  parts.header()->buffer.length = kSignatureSize;
  parts.EmptyTheRest();
  if (sealed != nullptr) {
    *sealed = Seals(*ContextOf(handle)) ? 1 : 0;
  }
  return CheckQuality(quality);
}

OM_uint32 gss_unwrap_iov(OM_uint32* minor, gss_ctx_id_t handle, int* sealed, gss_qop_t* quality,
                         gss_iov_buffer_desc* buffers, int count) {
  *minor = 0;
  Context& context = *ContextOf(handle);
  const Parts parts(buffers, count);
  if (!parts.good() || (parts.header() == nullptr && parts.stream() == nullptr)) {
    return Refuse(minor);
  }
  if (sealed != nullptr) {
    *sealed = Seals(context) ? 1 : 0;
  }
  if (quality != nullptr) {
    *quality = GSS_C_QOP_DEFAULT;
  }
  if (parts.stream() != nullptr) {
    return UnwrapStream(minor, context, parts);
  }
  const auto header = OctetsOf(&parts.header()->buffer);
  std::vector<uint8_t> wrapped(header.begin(), header.end());
  const std::vector<uint8_t> message = parts.Joined();
  wrapped.insert(wrapped.end(), message.begin(), message.end());
  const auto unwrapped =
      header.size() == kSignatureSize
          ? context.security->Unwrap(wrapped)
          : absl::StatusOr<std::vector<uint8_t>>(absl::DataLossError("not a signature"));
  if (!unwrapped.ok()) {
    return Fail(minor, unwrapped.status());
  }
  parts.Split(*unwrapped);
  parts.EmptyTheRest();
  return GSS_S_COMPLETE;
}

OM_uint32 gss_get_mic_iov(OM_uint32* minor, gss_ctx_id_t handle, gss_qop_t quality,
                          gss_iov_buffer_desc* buffers, int count) {
  *minor = 0;
  const Parts parts(buffers, count);
  auto protection = ContextOf(handle)->security->message_protection();
  if (!protection.ok()) {
    return Fail(minor, protection.status());
  }
  if (!parts.good() || parts.mic() == nullptr || !Provide(*parts.mic())) {
    return Refuse(minor);
  }
  const absl::Status status =
      (*protection)
          ->Sign(parts.Joined(),
                 {static_cast<uint8_t*>(parts.mic()->buffer.value), kSignatureSize});
  return status.ok() ? CheckQuality(quality) : Fail(minor, status);
}

OM_uint32 gss_get_mic_iov_length(OM_uint32* minor, gss_ctx_id_t /*handle*/, gss_qop_t quality,
                                 gss_iov_buffer_desc* buffers, int count) {
  *minor = 0;
  const Parts parts(buffers, count);
  if (!parts.good() || parts.mic() == nullptr) {
    return Refuse(minor);
  }
  parts.mic()->buffer.length = kSignatureSize;
  return CheckQuality(quality);
}

OM_uint32 gss_verify_mic_iov(OM_uint32* minor, gss_ctx_id_t handle, gss_qop_t* quality,
                             gss_iov_buffer_desc* buffers, int count) {
  const Parts parts(buffers, count);
  if (!parts.good() || parts.mic() == nullptr) {
    return Refuse(minor);
  }
  std::vector<uint8_t> message = parts.Joined();
  gss_buffer_desc joined = {message.size(), message.data()};
  return ntlm_mechanism::gss_verify_mic(minor, handle, &joined, &parts.mic()->buffer, quality);
}

}  // namespace epa::gss::ntlm_mechanism
