#include "providers/kerberos/key_sieve.h"

#include <algorithm>
#include <array>
#include <utility>

#include "epa/base/secret.h"
#include "lib/asn1/der_reader.h"
#include "lib/crypto/aes_cts.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/openssl_library.h"
#include "lib/crypto/rc4.h"
#include "providers/kerberos/aes_profile.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {
namespace {

using Octets = std::span<const uint8_t>;
using crypto::kAesBlockSize;

// RFC 4120 7.5.1: a ticket's own encryption.
constexpr uint8_t kTicketUsage = 2;

// The headers of both elements, their lengths in whatever form.
constexpr size_t kLooked = 16;

// EncTicketPart ::= [APPLICATION 3] SEQUENCE, in a text of `size` octets that may end with padding.
bool BeginsTicket(std::span<const uint8_t, kLooked> beginning, size_t size) {
  constexpr size_t kMostPadding = 8;
  asn1::DerReader reader(beginning);
  uint8_t outer_tag = 0, inner_tag = 0;
  size_t outer = 0, inner = 0;
  if (!reader.ReadHeader(outer_tag, outer) || outer_tag != asn1::ApplicationTag(3)) {
    return false;
  }
  const size_t behind_outer = reader.rest().size();
  const size_t content = size - (kLooked - behind_outer);
  return outer <= content && content - outer <= kMostPadding &&
         reader.ReadHeader(inner_tag, inner) && inner_tag == asn1::kSequence &&
         inner + (behind_outer - reader.rest().size()) == outer;
}

// The first block is the confounder, and the second, which the end of the message with its stolen
// octets does not touch, is that of plain CBC.
constexpr size_t kShortestAes = 4 * kAesBlockSize;

class AesProbe final : public KeyProbe {
 public:
  AesProbe(const AesProfile& profile, Octets key)
      : code_size_(profile.code_size),
        cipher_(crypto::AesCts::Direction::kDecrypt,
                profile.Derive(key, kTicketUsage, KeyPurpose::kEncryption).Expose()) {}

  bool Fits(Octets cipher) override {
    if (cipher.size() < kShortestAes) {
      return false;
    }
    std::array<uint8_t, kAesBlockSize> block{};
    std::ranges::copy(cipher.subspan(kAesBlockSize, kAesBlockSize), block.begin());
    cipher_.ApplyToBlock(block);
    for (size_t i = 0; i < block.size(); ++i) {
      block[i] ^= cipher[i];
    }
    return BeginsTicket(block, cipher.size() - kAesBlockSize - code_size_);
  }

 private:
  size_t code_size_;
  crypto::AesCts cipher_;
};

// RFC 4757 3: a code of 16 octets, which is also what the key of each message is made with, then 8
// of a confounder and the text.
class Rc4Probe final : public KeyProbe {
 public:
  explicit Rc4Probe(Octets key)
      : usage_key_(crypto::HmacMd5(key, {std::array<uint8_t, 4>{kTicketUsage}})) {}

  bool Fits(Octets cipher) override {
    constexpr size_t kCode = 16;
    constexpr size_t kConfounder = 8;
    std::array<uint8_t, kConfounder + kLooked> text{};
    if (cipher.size() < kCode + text.size()) {
      return false;
    }
    std::ranges::copy(cipher.subspan(kCode, text.size()), text.begin());
    crypto::Rc4FromStart(crypto::HmacMd5(usage_key_.Expose(), {cipher.first(kCode)}), text);
    return BeginsTicket(std::span(text).subspan<kConfounder>(),
                        cipher.size() - kCode - kConfounder);
  }

 private:
  Secret<16> usage_key_;
};

std::unique_ptr<KeyProbe> ProbeFor(const krb5_keyblock& key) {
  if (const AesProfile* const profile = FindAesProfile(key); profile != nullptr) {
    return std::make_unique<AesProbe>(*profile, OctetsOf(key));
  }
  if (key.enctype == ENCTYPE_ARCFOUR_HMAC && crypto::OpenSslLibrary::Get().RequireNtlm().ok()) {
    return std::make_unique<Rc4Probe>(OctetsOf(key));
  }
  return nullptr;
}

}  // namespace

KeySieve::KeySieve(std::span<const krb5_keytab_entry> entries) : entries_(entries) {
  probes_.reserve(entries.size());
  for (const krb5_keytab_entry& entry : entries) {
    probes_.push_back(ProbeFor(entry.key));
  }
}

KeySieve::~KeySieve() = default;

std::vector<krb5_keytab_entry> KeySieve::KeysFor(const SealedTicket& ticket) {
  std::vector<krb5_keytab_entry> found;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].key.enctype == ticket.encryption_type &&
        (probes_[i] == nullptr || probes_[i]->Fits(ticket.cipher))) {
      found.push_back(entries_[i]);
    }
  }
  return found;
}

}  // namespace epa::kerberos
