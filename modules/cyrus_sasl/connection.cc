#include "modules/cyrus_sasl/connection.h"

#include <sys/uio.h>

#include <algorithm>
#include <span>
#include <utility>

#include "epa/core/channel_bindings.h"
#include "lib/base/status_macros.h"

namespace epa::cyrus_sasl {
namespace {

// What lib/sasl takes for the least that makes sense.
constexpr unsigned kLeastBuffer = 4096;

std::span<const uint8_t> OctetsOf(const void* data, size_t size) {
  return {static_cast<const uint8_t*>(data), size};
}

// libsasl2 takes a null pointer for a fault.
void Show(const std::vector<uint8_t>& octets, const char** out, unsigned* size) {
  *out = octets.empty() ? "" : reinterpret_cast<const char*>(octets.data());
  *size = static_cast<unsigned>(octets.size());
}

}  // namespace

LayerDemand DemandOf(const sasl_security_properties_t& properties, sasl_ssf_t external) {
  LayerDemand demand;
  demand.strength.least = properties.min_ssf - std::min(properties.min_ssf, external);
  demand.strength.most = properties.max_ssf - std::min(properties.max_ssf, external);
  demand.possible = demand.strength.most > 0 && properties.maxbufsize >= kLeastBuffer &&
                    (external == 0 || demand.strength.least > 0);
  return demand;
}

bool IsLdap(std::string_view service) { return service == "ldap"; }

absl::StatusOr<std::optional<Channel>> GivenChannel(const sasl_channel_binding_t* given) {
  if (given == nullptr) {
    return std::nullopt;
  }
  const auto octets = OctetsOf(given->data, given->len);
  ChannelBindingFields fields;
  fields.application_data.assign(octets.begin(), octets.end());
  EPA_ASSIGN_OR_RETURN(ChannelBindings bindings, ChannelBindings::FromFields(std::move(fields)));
  return Channel::Tls(std::move(bindings));
}

void Login::GiveOut(std::vector<uint8_t> octets, const char** out, unsigned* size) {
  given_out_ = std::move(octets);
  Show(given_out_, out, size);
}

void Login::StartLayer(sasl::SecurityLayer* layer, const SecurityContext& context,
                       sasl_out_params_t& out) {
  layer_ = layer;
  if (layer == nullptr) {
    return;
  }
  out.mech_ssf = SecurityStrength(context, layer->layer());
  out.maxoutbuf = static_cast<unsigned>(layer->most_in_message());
  out.encode_context = this;
  out.encode = Encode;
  out.decode_context = this;
  out.decode = Decode;
}

int Login::Encode(void* context, const iovec* vectors, unsigned count, const char** out,
                  unsigned* size) {
  return Guarded([&] {
    auto& login = *static_cast<Login*>(context);
    std::vector<uint8_t> plain;
    for (const iovec& piece : std::span(vectors, count)) {
      const auto octets = OctetsOf(piece.iov_base, piece.iov_len);
      plain.insert(plain.end(), octets.begin(), octets.end());
    }
    auto wrapped = login.layer_->Wrap(plain);
    if (!wrapped.ok()) {
      return SASL_FAIL;
    }
    login.GiveOut(*std::move(wrapped), out, size);
    return SASL_OK;
  });
}

int Login::Decode(void* context, const char* in, unsigned size, const char** out,
                  unsigned* out_size) {
  return Guarded([&] {
    auto& login = *static_cast<Login*>(context);
    login.decoded_.clear();
    if (!login.layer_->Unwrap(OctetsOf(in, size), login.decoded_).ok()) {
      return SASL_FAIL;
    }
    Show(login.decoded_, out, out_size);
    return SASL_OK;
  });
}

}  // namespace epa::cyrus_sasl
