#include "tests/support/ticket_forge.h"

#include <krb5/krb5.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "lib/base/byte_writer.h"
#include "lib/base/utf16.h"
#include "providers/kerberos/checksum.h"
#include "providers/kerberos/krb5_handles.h"
#include "tests/kerberos/keytab_writer.h"

namespace epa::test {
namespace {

using kerberos::OctetsOf;
using kerberos::ViewOf;
using Octets = std::vector<uint8_t>;

static_assert(TicketForge::kAes256 == ENCTYPE_AES256_CTS_HMAC_SHA1_96);
static_assert(TicketForge::kCamellia256 == ENCTYPE_CAMELLIA256_CTS_CMAC);
constexpr size_t kKeySize = 32;

void Check(krb5_error_code code, const char* what) {
  if (code != 0) {
    std::fprintf(stderr, "forging a ticket: %s: %ld\n", what, static_cast<long>(code));
    std::abort();
  }
}

class Context {
 public:
  Context() { Check(krb5_init_context(&context_), "krb5_init_context"); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { krb5_free_context(context_); }
  operator krb5_context() const { return context_; }  // NOLINT(google-explicit-constructor)

 private:
  krb5_context context_ = nullptr;
};

krb5_keyblock KeyOf(krb5_enctype type, const Octets& octets) {
  krb5_keyblock key = {};
  key.enctype = type;
  key.length = static_cast<unsigned int>(octets.size());
  key.contents = const_cast<uint8_t*>(octets.data());
  return key;
}

// DER (RFC 4120 5).

Octets Join(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

Octets Sequence(std::initializer_list<Octets> parts) {
  return asn1::Element(asn1::kSequence, Join(parts));
}

Octets Field(uint8_t number, const Octets& element) {
  return asn1::Element(asn1::ContextTag(number), element);
}

// Not negative, so that a first bit that is set needs a zero before it.
Octets Integer(uint8_t value) {
  constexpr uint8_t kInteger = 0x02;
  return asn1::Element(kInteger, value < 0x80 ? Octets{value} : Octets{0, value});
}

Octets Text(uint8_t tag, std::string_view text) {
  return asn1::Element(tag, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

Octets Name(std::span<const std::string> components) {
  constexpr uint8_t kNtPrincipal = 1;
  Octets list;
  for (const std::string& component : components) {
    const Octets element = Text(asn1::kGeneralString, component);
    list.insert(list.end(), element.begin(), element.end());
  }
  return Sequence(
      {Field(0, Integer(kNtPrincipal)), Field(1, asn1::Element(asn1::kSequence, list))});
}

Octets Time(std::time_t time) {
  constexpr uint8_t kGeneralizedTime = 0x18;
  std::tm parts = {};
  gmtime_r(&time, &parts);
  std::array<char, 16> text{};
  return Text(kGeneralizedTime,
              {text.data(), std::strftime(text.data(), text.size(), "%Y%m%d%H%M%SZ", &parts)});
}

Octets AuthorizationData(uint8_t type, const Octets& content) {
  return Sequence(
      {Sequence({Field(0, Integer(type)), Field(1, asn1::Element(asn1::kOctetString, content))})});
}

// NDR of KERB_VALIDATION_INFO.
class LogonInformationWriter {
 public:
  Octets Write(const ForgedPac& pac) && {
    const Octets name = Utf8ToUtf16Le(*pac.logon_name).value();
    const Octets domain = Utf8ToUtf16Le(pac.logon_domain).value();
    constexpr size_t kTimes = 6 * 8;
    writer_.WriteBytes(std::array<uint8_t, 8>{0x01, 0x10, 0x08, 0x00, 0xCC, 0xCC, 0xCC, 0xCC});
    writer_.WriteZeros(8);
    writer_.WriteU32(kPointer);
    writer_.WriteZeros(kTimes);
    AnnounceText(name);
    writer_.WriteZeros(5 * 8);  // full name, script, profile, home, drive
    writer_.WriteU32(0);        // counters
    writer_.WriteU32(pac.user_id);
    writer_.WriteU32(kDomainUsers);
    writer_.WriteZeros(4 + 4);       // groups
    writer_.WriteZeros(4 + 16 + 8);  // flags, key, server
    AnnounceText(domain);
    writer_.WriteU32(kPointer);                     // the domain's SID
    writer_.WriteZeros(8 + 4 + 4 + 8 + 8 + 4 + 4);  // to SidCount
    writer_.WriteZeros(4 + 4 + 4 + 4 + 4);          // extra SIDs and resource groups
    WriteText(name);
    WriteText(domain);
    WriteSid();
    return std::move(writer_).Take();
  }

 private:
  static constexpr uint32_t kPointer = 0x00020000;
  static constexpr uint32_t kDomainUsers = 513;

  void AnnounceText(const Octets& text) {
    writer_.WriteU16(static_cast<uint16_t>(text.size()));
    writer_.WriteU16(static_cast<uint16_t>(text.size()));
    writer_.WriteU32(kPointer);
  }
  void WriteText(const Octets& text) {
    const auto count = static_cast<uint32_t>(text.size() / 2);
    writer_.WriteU32(count);
    writer_.WriteU32(0);
    writer_.WriteU32(count);
    writer_.WriteBytes(text);
    writer_.WriteZeros((4 - writer_.size() % 4) % 4);
  }
  void WriteSid() {
    constexpr std::array<uint32_t, 4> kParts = {21, 1, 2, 3};
    writer_.WriteU32(kParts.size());
    writer_.WriteBytes(std::array<uint8_t, 8>{1, kParts.size(), 0, 0, 0, 0, 0, 5});
    for (const uint32_t part : kParts) {
      writer_.WriteU32(part);
    }
  }

  ByteWriter writer_;
};

Octets Encrypted(krb5_context context, const krb5_keyblock& key, krb5_keyusage usage,
                 const Octets& plain) {
  size_t size = 0;
  Check(krb5_c_encrypt_length(context, key.enctype, plain.size(), &size), "krb5_c_encrypt_length");
  Octets cipher(size);
  const krb5_data input = ViewOf(plain);
  krb5_enc_data output = {};
  output.ciphertext = ViewOf(cipher);
  Check(krb5_c_encrypt(context, &key, usage, nullptr, &input, &output), "krb5_c_encrypt");
  cipher.resize(output.ciphertext.length);
  return cipher;
}

class Forger {
 public:
  Forger(krb5_enctype type, const Octets& service_key, const ForgedTicket& ticket)
      : type_(type), service_key_(service_key), ticket_(ticket), now_(std::time(nullptr)) {
    for (const std::string& component : ticket.client) {
      components_.push_back(kerberos::ViewOfText(component));
    }
    client_.realm = kerberos::ViewOfText(ticket.client_realm);
    client_.data = components_.data();
    client_.length = static_cast<krb5_int32>(components_.size());
    client_.type = KRB5_NT_PRINCIPAL;
  }

  Octets Request() {
    kerberos::OwnedAuthContext auth(context_);
    kerberos::OwnedData message(context_);
    Octets checksum = kerberos::WriteGssChecksum({}).value();
    krb5_data content = ViewOf(checksum);
    Check(krb5_auth_con_init(context_, auth.out()), "krb5_auth_con_init");
    krb5_auth_con_setflags(context_, auth.get(), KRB5_AUTH_CONTEXT_DO_SEQUENCE);
    krb5_auth_con_set_req_cksumtype(context_, auth.get(), kerberos::kGssChecksumType);
    krb5_auth_context raw = auth.get();
    WithCredentials([&](krb5_creds& credentials) {
      Check(krb5_mk_req_extended(context_, &raw, AP_OPTS_USE_SUBKEY, &content, &credentials,
                                 message.out()),
            "krb5_mk_req_extended");
    });
    return {message.octets().begin(), message.octets().end()};
  }

  void Store(const std::string& cache_name) {
    krb5_ccache cache = nullptr;
    Check(krb5_cc_resolve(context_, cache_name.c_str(), &cache), "krb5_cc_resolve");
    Check(krb5_cc_initialize(context_, cache, &client_), "krb5_cc_initialize");
    WithCredentials([&](krb5_creds& credentials) {
      Check(krb5_cc_store_cred(context_, cache, &credentials), "krb5_cc_store_cred");
    });
    Check(krb5_cc_close(context_, cache), "krb5_cc_close");
  }

 private:
  static constexpr std::time_t kLifetime = 3600;
  static constexpr uint8_t kPacType = 128;       // AD-WIN2K-PAC
  static constexpr uint8_t kIfRelevantType = 1;  // RFC 4120 5.2.6.1

  // What a client has of its ticket.
  template <typename Use>
  void WithCredentials(const Use& use) {
    Octets ticket = Ticket();
    kerberos::OwnedPrincipal service(context_);
    Check(krb5_parse_name(context_,
                          (std::string(TicketForge::kService) + "@" + TicketForge::kRealm).c_str(),
                          service.out()),
          "krb5_parse_name");
    krb5_creds credentials = {};
    credentials.client = &client_;
    credentials.server = service.get();
    credentials.keyblock = KeyOf(type_, session_key_);
    credentials.ticket = ViewOf(ticket);
    credentials.times.authtime = static_cast<krb5_timestamp>(now_);
    credentials.times.endtime = static_cast<krb5_timestamp>(now_ + kLifetime);
    use(credentials);
  }

  Octets Ticket() {
    constexpr uint8_t kVersion = 5;
    const std::string_view service = TicketForge::kService;
    const size_t slash = service.find('/');
    const std::vector<std::string> name = {std::string(service.substr(0, slash)),
                                           std::string(service.substr(slash + 1))};
    const Octets cipher =
        Encrypted(context_, KeyOf(type_, service_key_), KRB5_KEYUSAGE_KDC_REP_TICKET, SealedPart());
    return asn1::Element(
        asn1::ApplicationTag(1),
        Sequence({Field(0, Integer(kVersion)),
                  Field(1, Text(asn1::kGeneralString, TicketForge::kRealm)), Field(2, Name(name)),
                  Field(3, Sequence({Field(0, Integer(static_cast<uint8_t>(type_))),
                                     Field(1, Integer(TicketForge::kKeyVersion)),
                                     Field(2, asn1::Element(asn1::kOctetString, cipher))}))}));
  }

  // EncTicketPart, RFC 4120 5.3.
  Octets SealedPart() {
    const std::array<uint8_t, 5> no_flags{};
    const Octets key = Sequence({Field(0, Integer(static_cast<uint8_t>(type_))),
                                 Field(1, asn1::Element(asn1::kOctetString, session_key_))});
    const Octets transited =
        Sequence({Field(0, Integer(1)), Field(1, asn1::Element(asn1::kOctetString, {}))});
    return asn1::Element(
        asn1::ApplicationTag(3),
        Sequence({Field(0, asn1::Element(asn1::kBitString, no_flags)), Field(1, key),
                  Field(2, Text(asn1::kGeneralString, ticket_.client_realm)),
                  Field(3, Name(ticket_.client)), Field(4, transited), Field(5, Time(now_)),
                  Field(7, Time(now_ + kLifetime)),
                  ticket_.pac.has_value()
                      ? Field(10, AuthorizationData(kIfRelevantType, PacContainer()))
                      : Octets()}));
  }

  Octets PacContainer() {
    Octets container = AuthorizationData(kPacType, Pac());
    if (ticket_.pac->torn_container) {
      container.pop_back();
    }
    return container;
  }

  Octets Pac() {
    kerberos::OwnedPac pac(context_);
    Check(krb5_pac_init(context_, pac.out()), "krb5_pac_init");
    if (ticket_.pac->logon_name.has_value()) {
      const Octets logon = LogonInformationWriter().Write(*ticket_.pac);
      const krb5_data data = ViewOf(logon);
      Check(krb5_pac_add_buffer(context_, pac.get(), KRB5_PAC_LOGON_INFO, &data),
            "krb5_pac_add_buffer");
    }
    const Octets other_key(kKeySize, 0x0F);
    const krb5_keyblock server =
        KeyOf(type_, ticket_.pac->signed_with_another_key ? other_key : service_key_);
    const krb5_keyblock kdc = KeyOf(type_, other_key);
    kerberos::OwnedData octets(context_);
    kerberos::OwnedPrincipal other_client(context_);
    Check(krb5_parse_name(context_, "mallory@OTHER", other_client.out()), "krb5_parse_name");
    const std::time_t time = ticket_.pac->of_another_time ? now_ - 1 : now_;
    Check(krb5_pac_sign(context_, pac.get(), static_cast<krb5_timestamp>(time),
                        ticket_.pac->of_another_client ? other_client.get() : &client_, &server,
                        &kdc, octets.out()),
          "krb5_pac_sign");
    return {octets.octets().begin(), octets.octets().end()};
  }

  const Context context_;
  const krb5_enctype type_;
  const Octets& service_key_;
  const ForgedTicket& ticket_;
  const Octets session_key_ = Octets(kKeySize, 0x55);
  const std::time_t now_;
  std::vector<krb5_data> components_;
  krb5_principal_data client_ = {};
};

}  // namespace

TicketForge::TicketForge(uint16_t encryption_type)
    : encryption_type_(encryption_type), key_(kKeySize, 0xA7) {}

SecretBytes TicketForge::Keytab() const { return KeytabOf("web.corp.example.com", kKeyVersion); }

SecretBytes TicketForge::KeytabOf(const std::string& host, uint32_t version) const {
  const std::vector<kerberos::KeytabEntry> entries = {
      {kRealm, {"HTTP", host}, version, encryption_type_, key_}};
  return SecretBytes(std::span<const uint8_t>(kerberos::WriteKeytab(entries)));
}

std::vector<uint8_t> TicketForge::Request(const ForgedTicket& ticket) const {
  return Forger(encryption_type_, key_, ticket).Request();
}

void TicketForge::Store(const ForgedTicket& ticket, const std::string& cache_name) const {
  Forger(encryption_type_, key_, ticket).Store(cache_name);
}

}  // namespace epa::test
