// The fields of an AP-REQ, of a ticket or of an authenticator, which tags tell apart:
// whatever is read lies within the input.
#include <cstdlib>
#include <memory>
#include <vector>

#include "fuzz/reach.h"
#include "providers/kerberos/request_fields.h"

namespace {

using Octets = std::span<const uint8_t>;

epa::fuzz::ReachPoint request_was_read("an AP-REQ");
epa::fuzz::ReachPoint ticket_was_read("a ticket");
epa::fuzz::ReachPoint authenticator_was_read("an authenticator");
epa::fuzz::ReachPoint authorization_was_read("authorization data");
epa::fuzz::ReachPoint refused("something refused");

void RequireWithin(const void* begin, size_t size, Octets input) {
  const auto* const first = static_cast<const uint8_t*>(begin);
  if (size != 0 && (first < input.data() || first + size > input.data() + input.size())) {
    std::abort();
  }
}

void Require(const krb5_principal_data& principal, Octets input) {
  RequireWithin(principal.realm.data, principal.realm.length, input);
  for (krb5_int32 i = 0; i < principal.length; ++i) {
    RequireWithin(principal.data[i].data, principal.data[i].length, input);
  }
}

void Require(const krb5_authdata* const* list, Octets input) {
  authorization_was_read.Reach(list != nullptr && *list != nullptr);
  for (; list != nullptr && *list != nullptr; ++list) {
    RequireWithin((*list)->contents, (*list)->length, input);
  }
}

bool ReadRequest(Octets input) {
  epa::kerberos::RequestFields fields;
  if (!ReadRequestFields(input, fields)) {
    return false;
  }
  request_was_read.Reach();
  RequireWithin(fields.ticket.cipher.data(), fields.ticket.cipher.size(), input);
  RequireWithin(fields.authenticator.cipher.data(), fields.authenticator.cipher.size(), input);
  return true;
}

bool ReadTicket(Octets input) {
  const auto fields = std::make_unique<epa::kerberos::TicketFields>();
  if (!ReadTicketPart(input, *fields)) {
    return false;
  }
  ticket_was_read.Reach();
  const krb5_enc_tkt_part& part = fields->part;
  RequireWithin(part.session->contents, part.session->length, input);
  RequireWithin(part.transited.tr_contents.data, part.transited.tr_contents.length, input);
  Require(*part.client, input);
  Require(part.authorization_data, input);
  return true;
}

bool ReadAuthenticatorOf(Octets input) {
  const auto fields = std::make_unique<epa::kerberos::AuthenticatorFields>();
  if (!ReadAuthenticator(input, *fields)) {
    return false;
  }
  authenticator_was_read.Reach();
  const krb5_authenticator& read = fields->authenticator;
  if (read.checksum != nullptr) {
    RequireWithin(read.checksum->contents, read.checksum->length, input);
  }
  if (read.subkey != nullptr) {
    RequireWithin(read.subkey->contents, read.subkey->length, input);
  }
  Require(*read.client, input);
  Require(read.authorization_data, input);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> copy(data, data + size);
  // Each has a tag of its own.
  const bool request = ReadRequest(copy), ticket = ReadTicket(copy);
  const bool authenticator = ReadAuthenticatorOf(copy);
  const int count = int{request} + int{ticket} + int{authenticator};
  refused.Reach(count == 0);
  if (count > 1) {
    std::abort();
  }
  return 0;
}
