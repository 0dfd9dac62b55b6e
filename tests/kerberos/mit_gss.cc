#include "tests/kerberos/mit_gss.h"

#include <cstdlib>
#include <utility>

namespace epa::kerberos {
namespace {

// 1.3.6.1.5.5.2.
gss_OID_desc kSpnego = {6, const_cast<char*>("\x2b\x06\x01\x05\x05\x02")};

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

void MitContext::Negotiate(std::vector<gss_OID> mechanisms, std::string user) {
  negotiable_ = std::move(mechanisms);
  user_ = std::move(user);
}

gss_OID MitContext::mechanism() const {
  return negotiable_.empty() ? const_cast<gss_OID>(gss_mech_krb5) : &kSpnego;
}

void MitContext::Acquire(gss_cred_usage_t usage, std::vector<gss_key_value_element_desc> elements) {
  if (credential_ != GSS_C_NO_CREDENTIAL) {
    return;
  }
  const gss_key_value_set_desc store = {static_cast<OM_uint32>(elements.size()), elements.data()};
  gss_OID_set_desc mechanisms = {1, mechanism()};
  OM_uint32 minor = 0;
  if (negotiable_.empty()) {
    gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, usage, &store,
                          &credential_, nullptr, nullptr);
    return;
  }
  // gss-ntlmssp takes every credential store for its own, so Kerberos is told in the environment.
  for (const gss_key_value_element_desc& element : elements) {
    setenv(element.key, element.value, 1);
  }
  gss_buffer_desc text = {user_.size(), user_.data()};
  gss_name_t name = GSS_C_NO_NAME;
  if (!user_.empty()) {
    gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
  }
  gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage, &credential_, nullptr,
                   nullptr);
  gss_release_name(&minor, &name);
  std::vector<gss_OID_desc> offered;
  for (const gss_OID oid : negotiable_) {
    offered.push_back(*oid);
  }
  gss_OID_set_desc set = {offered.size(), offered.data()};
  gss_set_neg_mechs(&minor, credential_, &set);
}

MitContext::~MitContext() {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
  gss_release_cred(&minor, &credential_);
  gss_release_name(&minor, &target_);
}

MitStep MitContext::Initiate(const std::string& cache, const std::string& target, OM_uint32 flags,
                             const std::vector<uint8_t>& bindings, std::span<const uint8_t> token) {
  OM_uint32 minor = 0;
  const bool negotiates = !negotiable_.empty();
  Acquire(GSS_C_INITIATE, {{negotiates ? "KRB5CCNAME" : "ccache", cache.c_str()}});
  if (target_ == GSS_C_NO_NAME) {
    std::string text = target;
    if (negotiates) {
      text.replace(text.find('/'), 1, "@");
    }
    gss_buffer_desc name = {text.size(), text.data()};
    gss_import_name(&minor, &name,
                    negotiates ? GSS_C_NT_HOSTBASED_SERVICE : GSS_KRB5_NT_PRINCIPAL_NAME, &target_);
  }
  Bindings bound(bindings);
  gss_buffer_desc input = ViewOf(token), output = GSS_C_EMPTY_BUFFER;
  MitStep step;
  step.major = gss_init_sec_context(&minor, credential_, &context_, target_, mechanism(), flags, 0,
                                    bound.get(), &input, nullptr, &output, &step.flags, nullptr);
  step.token = Take(output);
  return step;
}

MitStep MitContext::Accept(const std::string& keytab, const std::vector<uint8_t>& bindings,
                           std::span<const uint8_t> token) {
  const bool negotiates = !negotiable_.empty();
  Acquire(GSS_C_ACCEPT, {{negotiates ? "KRB5_KTNAME" : "keytab", keytab.c_str()},
                         {negotiates ? "KRB5RCACHENAME" : "rcache", "none:"}});
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
