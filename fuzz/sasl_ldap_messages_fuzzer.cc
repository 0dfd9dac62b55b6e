// One LDAPMessage as a bind request and as a bind response: what can be read of SASL can be written
// again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "lib/sasl/ldap_messages.h"

namespace {

using epa::fuzz::Require;
using epa::sasl::LdapBindRequest;
using Octets = std::span<const uint8_t>;

epa::fuzz::ReachPoint sasl("a bind by SASL");
epa::fuzz::ReachPoint absent("a bind by SASL without credentials");
epa::fuzz::ReachPoint simple("a simple bind");
epa::fuzz::ReachPoint sicily("a bind by Sicily");
epa::fuzz::ReachPoint critical("a critical control");
epa::fuzz::ReachPoint refused("what is no bind");
epa::fuzz::ReachPoint response("a response with credentials");

bool Same(const std::optional<Octets>& a, const std::optional<Octets>& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || std::ranges::equal(*a, *b));
}

void CheckRequest(Octets message) {
  const auto request = epa::sasl::ParseBindRequest(message);
  refused.Reach(!request.has_value());
  if (!request.has_value()) {
    return;
  }
  Require(epa::sasl::HasBindRequest(message) && request->message_id > 0 && request->version >= 0);
  critical.Reach(request->critical_control);
  simple.Reach(request->kind == LdapBindRequest::Kind::kSimple);
  sicily.Reach(request->kind == LdapBindRequest::Kind::kSicilyNegotiate);
  if (request->kind != LdapBindRequest::Kind::kSasl) {
    return;
  }
  sasl.Reach();
  absent.Reach(!request->credentials.has_value());
  const std::vector<uint8_t> rewritten = epa::sasl::EncodeBindRequest(*request);
  const auto again = epa::sasl::ParseBindRequest(rewritten);
  Require(again.has_value() && again->message_id == request->message_id &&
          again->version == request->version && again->name == request->name &&
          again->mechanism == request->mechanism && Same(again->credentials, request->credentials));
}

void CheckResponse(Octets message) {
  const auto read = epa::sasl::ParseBindResponse(message);
  if (!read.has_value()) {
    return;
  }
  response.Reach(read->credentials.has_value());
  const std::vector<uint8_t> rewritten = epa::sasl::EncodeBindResponse(*read);
  const auto again = epa::sasl::ParseBindResponse(rewritten);
  Require(again.has_value() && again->message_id == read->message_id &&
          again->result == read->result && again->diagnostic == read->diagnostic &&
          Same(again->credentials, read->credentials));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CheckRequest({data, size});
  CheckResponse({data, size});
  return 0;
}
