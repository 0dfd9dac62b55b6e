// Which keys of a keytab can have sealed a ticket.
#ifndef EPA_PROVIDERS_KERBEROS_KEY_SIEVE_H_
#define EPA_PROVIDERS_KERBEROS_KEY_SIEVE_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "providers/kerberos/gss_framing.h"

namespace epa::kerberos {

// One key's look at the beginning of a ticket.
class KeyProbe {
 public:
  virtual ~KeyProbe() = default;
  virtual bool Fits(std::span<const uint8_t> cipher) = 0;
};

// A look at a ticket's first blocks costs the same for a large ticket as for a small one, so that
// nobody has large ones decrypted with key after key who has none of them. For one thread.
class KeySieve {
 public:
  // `entries` outlive it.
  explicit KeySieve(std::span<const krb5_keytab_entry> entries);
  ~KeySieve();

  // The entries of the ticket's encryption type, whatever name and version they have, whose key
  // makes an EncTicketPart (RFC 4120 5.3) of its beginning: the right one and, once in many
  // millions, another. Keys of types that are not looked into here (Camellia, DES) all pass.
  // Views.
  std::vector<krb5_keytab_entry> KeysFor(const SealedTicket& ticket);

 private:
  std::span<const krb5_keytab_entry> entries_;
  std::vector<std::unique_ptr<KeyProbe>> probes_;  // one for each; null: passes
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_KEY_SIEVE_H_
