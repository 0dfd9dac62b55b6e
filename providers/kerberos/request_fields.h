// The fields of an AP-REQ and of what is sealed in it (RFC 4120 5.3, 5.5.1), as libkrb5's
// structures, whose pointers lead into the octets that were read.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_FIELDS_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_FIELDS_H_

#include <krb5/krb5.h>

#include <array>
#include <cstdint>
#include <span>

#include "providers/kerberos/gss_framing.h"

namespace epa::kerberos {

// All of these readers fail on more elements than there is room for here; libkrb5 has no such
// bound.

struct PrincipalFields {
  krb5_principal_data principal = {};
  std::array<krb5_data, 8> components = {};
};

struct AuthorizationFields {
  // Ends with a null pointer.
  std::array<krb5_authdata*, 9> list = {};
  std::array<krb5_authdata, 8> elements = {};
};

struct RequestFields {
  krb5_flags options = 0;
  krb5_kvno ticket_version = 0;  // of its key; 0: not said
  SealedTicket ticket;
  SealedTicket authenticator;
};

struct TicketFields {
  krb5_enc_tkt_part part = {};
  krb5_keyblock session = {};
  PrincipalFields client;
  AuthorizationFields authorization;
};

struct AuthenticatorFields {
  krb5_authenticator authenticator = {};
  krb5_checksum checksum = {};
  krb5_keyblock subkey = {};
  PrincipalFields client;
  AuthorizationFields authorization;
};

// False where the octets are not one element of DER as specified. `out` stays where it is as long
// as it is used.
[[nodiscard]] bool ReadRequestFields(std::span<const uint8_t> ap_req, RequestFields& out);
[[nodiscard]] bool ReadTicketPart(std::span<const uint8_t> text, TicketFields& out);
[[nodiscard]] bool ReadAuthenticator(std::span<const uint8_t> text, AuthenticatorFields& out);

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_FIELDS_H_
