#include "tests/kerberos/mit_gss.h"

#include <cstdlib>
#include <utility>

namespace epa::kerberos {
namespace {

gss_buffer_desc ViewOf(std::span<const uint8_t> octets) {
  return {octets.size(), const_cast<uint8_t*>(octets.data())};
}

// Copies and releases.
std::vector<uint8_t> Take(gss_buffer_desc buffer) {
  const auto* const octets = static_cast<const uint8_t*>(buffer.value);
  std::vector<uint8_t> copy(octets, octets + buffer.length);
  OM_uint32 minor = 0;
  if (buffer.length == 0) {
    // MIT's release forgets buffers that are empty but allocated.
    std::free(buffer.value);
    return copy;
  }
  gss_release_buffer(&minor, &buffer);
  return copy;
}

gss_cred_id_t Acquire(gss_cred_usage_t usage, std::vector<gss_key_value_element_desc> elements) {
  const gss_key_value_set_desc store = {static_cast<OM_uint32>(elements.size()), elements.data()};
  gss_OID_set_desc mechanisms = {1, const_cast<gss_OID>(gss_mech_krb5)};
  gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, usage, &store,
                        &credential, nullptr, nullptr);
  return credential;
}

class Bindings {
 public:
  explicit Bindings(const std::vector<uint8_t>& octets) : present_(!octets.empty()) {
    value_.application_data = ViewOf(octets);
  }
  gss_channel_bindings_t get() { return present_ ? &value_ : GSS_C_NO_CHANNEL_BINDINGS; }

 private:
  bool present_;
  gss_channel_bindings_struct value_ = {};
};

}  // namespace

MitContext::~MitContext() {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
  gss_release_cred(&minor, &credential_);
  gss_release_name(&minor, &target_);
}

MitStep MitContext::Initiate(const std::string& cache, const std::string& target, OM_uint32 flags,
                             const std::vector<uint8_t>& bindings, std::span<const uint8_t> token) {
  OM_uint32 minor = 0;
  if (credential_ == GSS_C_NO_CREDENTIAL) {
    credential_ = Acquire(GSS_C_INITIATE, {{"ccache", cache.c_str()}});
    gss_buffer_desc name = {target.size(), const_cast<char*>(target.data())};
    gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &target_);
  }
  Bindings bound(bindings);
  gss_buffer_desc input = ViewOf(token), output = GSS_C_EMPTY_BUFFER;
  MitStep step;
  step.major = gss_init_sec_context(&minor, credential_, &context_, target_,
                                    const_cast<gss_OID>(gss_mech_krb5), flags, 0, bound.get(),
                                    &input, nullptr, &output, &step.flags, nullptr);
  step.token = Take(output);
  return step;
}

MitStep MitContext::Accept(const std::string& keytab, const std::vector<uint8_t>& bindings,
                           std::span<const uint8_t> token) {
  credential_ = Acquire(GSS_C_ACCEPT, {{"keytab", keytab.c_str()}, {"rcache", "none:"}});
  Bindings bound(bindings);
  gss_buffer_desc input = ViewOf(token), output = GSS_C_EMPTY_BUFFER;
  gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  MitStep step;
  step.major = gss_accept_sec_context(&minor, &context_, credential_, &input, bound.get(), nullptr,
                                      nullptr, &output, &step.flags, nullptr, &delegated);
  step.token = Take(output);
  step.delegated = delegated != GSS_C_NO_CREDENTIAL;
  gss_release_cred(&minor, &delegated);
  return step;
}

std::vector<uint8_t> MitContext::SessionKey() {
  OM_uint32 minor = 0;
  gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
  gss_inquire_sec_context_by_oid(&minor, context_, const_cast<gss_OID>(GSS_C_INQ_SSPI_SESSION_KEY),
                                 &set);
  std::vector<uint8_t> key;
  if (set != GSS_C_NO_BUFFER_SET && set->count > 0) {
    const auto* const octets = static_cast<const uint8_t*>(set->elements[0].value);
    key.assign(octets, octets + set->elements[0].length);
  }
  gss_release_buffer_set(&minor, &set);
  return key;
}

std::vector<uint8_t> MitContext::Wrap(std::span<const uint8_t> message, bool seal) {
  gss_buffer_desc input = ViewOf(message), output = GSS_C_EMPTY_BUFFER;
  OM_uint32 minor = 0;
  gss_wrap(&minor, context_, seal ? 1 : 0, GSS_C_QOP_DEFAULT, &input, nullptr, &output);
  return Take(output);
}

std::optional<std::vector<uint8_t>> MitContext::Unwrap(std::span<const uint8_t> wrapped,
                                                       bool sealed) {
  gss_buffer_desc input = ViewOf(wrapped), output = GSS_C_EMPTY_BUFFER;
  OM_uint32 minor = 0;
  int was_sealed = 0;
  const OM_uint32 major = gss_unwrap(&minor, context_, &input, &output, &was_sealed, nullptr);
  std::vector<uint8_t> message = Take(output);
  if (major != GSS_S_COMPLETE || (was_sealed != 0) != sealed) {
    return std::nullopt;
  }
  return message;
}

std::vector<uint8_t> MitContext::Mic(std::span<const uint8_t> message) {
  gss_buffer_desc input = ViewOf(message), output = GSS_C_EMPTY_BUFFER;
  OM_uint32 minor = 0;
  gss_get_mic(&minor, context_, GSS_C_QOP_DEFAULT, &input, &output);
  return Take(output);
}

bool MitContext::MicHolds(std::span<const uint8_t> message, std::span<const uint8_t> mic) {
  gss_buffer_desc input = ViewOf(message), token = ViewOf(mic);
  OM_uint32 minor = 0;
  return gss_verify_mic(&minor, context_, &input, &token, nullptr) == GSS_S_COMPLETE;
}

}  // namespace epa::kerberos
