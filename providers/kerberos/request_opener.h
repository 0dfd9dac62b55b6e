// Opens AP-REQs by OpenSSL alone, for whoever only looks at them: libkrb5 derives all keys with
// each request, and looks for plug-ins in the file system.
#ifndef EPA_PROVIDERS_KERBEROS_REQUEST_OPENER_H_
#define EPA_PROVIDERS_KERBEROS_REQUEST_OPENER_H_

#include <krb5/krb5.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "epa/base/secret.h"
#include "lib/crypto/hmac.h"
#include "providers/kerberos/aes_seal.h"
#include "providers/kerberos/gss_framing.h"
#include "providers/kerberos/request_fields.h"

namespace epa::kerberos {

// A key of the keytab, with what is derived from it when it is first needed.
class TicketKey {
 public:
  TicketKey(const krb5_keytab_entry& entry, const AesProfile& profile)
      : entry_(entry), profile_(profile) {}

  const krb5_keytab_entry& entry() const { return entry_; }
  AesSeal& seal();
  // Whether `signature` ([MS-PAC] 2.8), of the type that goes with the key, holds over `octets`.
  bool HasSigned(std::span<const uint8_t> octets, std::span<const uint8_t> signature);

 private:
  const krb5_keytab_entry& entry_;
  const AesProfile& profile_;
  std::optional<AesSeal> seal_;
  std::optional<crypto::Hmac> signatures_;
};

// Has pointers into itself.
struct OpenedTicket {
  OpenedTicket() = default;
  OpenedTicket(const OpenedTicket&) = delete;
  OpenedTicket& operator=(const OpenedTicket&) = delete;

  TicketKey* key = nullptr;  // of the opener
  krb5_ticket ticket = {};   // without its ciphertext
  TicketFields fields;
  SecretBytes text;
  // Where in `text` the PAC is whose signature somebody saw to hold.
  const uint8_t* signed_pac = nullptr;
};

// Has pointers into itself.
struct OpenedRequest {
  OpenedRequest() = default;
  OpenedRequest(const OpenedRequest&) = delete;
  OpenedRequest& operator=(const OpenedRequest&) = delete;

  krb5_flags options = 0;
  OpenedTicket* ticket = nullptr;     // of the opener, until it opens the next request
  AuthenticatorFields authenticator;  // without its sequence number
  SecretBytes authenticator_text;
};

// With the keys of one keytab, which are prepared when they are first needed. For one thread.
// Clients log in with one ticket again and again, each time with an authenticator of its own: the
// last few tickets stay open.
class RequestOpener {
 public:
  // `entries` outlive it. What `context` does not permit is left to libkrb5.
  RequestOpener(krb5_context context, std::span<const krb5_keytab_entry> entries);

  // True: the service has a key of the ticket's name, version and type, which is one of AES; and
  // all holds that krb5_rd_req demands. False says nothing of the request: it is for libkrb5, which
  // knows aliases, other types, realms on the way, clocks that differ, and why it refuses.
  [[nodiscard]] bool Open(std::span<const uint8_t> message, const TicketNames& names,
                          OpenedRequest& out);

 private:
  struct KnownTicket : OpenedTicket {
    std::vector<uint8_t> cipher;
    // For what is sealed with its session key.
    const AesProfile* session_profile = nullptr;
    std::optional<AesSeal> session;
  };

  bool IsPermitted(krb5_enctype type) const;
  TicketKey* FindKey(const TicketNames& names, const RequestFields& fields);
  // Null: it cannot be opened, or is not valid now.
  KnownTicket* OpenTicket(const TicketNames& names, const RequestFields& fields);
  KnownTicket* FindKnown(const TicketKey& key, std::span<const uint8_t> cipher);
  KnownTicket* OpenNew(TicketKey& key, const RequestFields& fields);
  // In the place of the one that came first.
  KnownTicket* Keep(std::unique_ptr<KnownTicket> ticket, const AesProfile& session_profile);
  bool OpenAuthenticator(KnownTicket& ticket, const RequestFields& fields, OpenedRequest& out);
  bool IsValidNow(const krb5_enc_tkt_part& ticket) const;

  krb5_context context_;
  std::vector<krb5_enctype> permitted_;
  std::vector<TicketKey> keys_;
  std::array<std::unique_ptr<KnownTicket>, 8> known_;
  size_t oldest_ = 0;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_REQUEST_OPENER_H_
