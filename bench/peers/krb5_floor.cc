#include "bench/peers/krb5_floor.h"

#include <krb5/krb5.h>

#include <array>
#include <utility>

#include "providers/kerberos/checksum.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::bench {
namespace {

// RFC 4121 4.1.1: the checksum of a GSS-API client, with bindings that nobody looks at here.
constexpr std::array<uint8_t, 24> kGssChecksum = {16, 0, 0, 0};

using kerberos::kGssChecksumType;
using kerberos::ViewOf;

// What a thread keeps: its context, the ticket and the keys.
struct Kept {
  explicit Kept(const std::string& keytab_path) {
    krb5_ccache cache = nullptr;
    krb5_creds wanted = {};
    RequireKrb5(krb5_init_context(&context), "krb5_init_context");
    RequireKrb5(krb5_cc_resolve(context, Realm::CacheName().c_str(), &cache), "krb5_cc_resolve");
    RequireKrb5(krb5_cc_get_principal(context, cache, &wanted.client), "krb5_cc_get_principal");
    RequireKrb5(krb5_parse_name(context, std::string(kTargetName).c_str(), &wanted.server),
                "krb5_parse_name");
    RequireKrb5(krb5_get_credentials(context, KRB5_GC_CACHED, cache, &wanted, &ticket),
                "no ticket at hand");
    krb5_free_cred_contents(context, &wanted);
    krb5_cc_close(context, cache);
    CopyKeys("FILE:" + keytab_path);
  }
  ~Kept() {
    krb5_kt_close(context, keytab);
    krb5_free_creds(context, ticket);
    krb5_free_context(context);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  krb5_context context = nullptr;
  krb5_creds* ticket = nullptr;
  krb5_keytab keytab = nullptr;

 private:
  void CopyKeys(const std::string& from) {
    krb5_keytab file = nullptr;
    krb5_kt_cursor cursor = nullptr;
    krb5_keytab_entry entry = {};
    RequireKrb5(krb5_kt_resolve(context, "MEMORY:epa_bench_floor", &keytab), "a keytab in memory");
    RequireKrb5(krb5_kt_resolve(context, from.c_str(), &file), "krb5_kt_resolve");
    RequireKrb5(krb5_kt_start_seq_get(context, file, &cursor), "krb5_kt_start_seq_get");
    while (krb5_kt_next_entry(context, file, &entry, &cursor) == 0) {
      RequireKrb5(krb5_kt_add_entry(context, keytab, &entry), "krb5_kt_add_entry");
      krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, file, &cursor);
    krb5_kt_close(context, file);
  }
};

class Krb5FloorWorker : public Worker {
 public:
  Krb5FloorWorker(const std::string& keytab_path, PacCheck pac_check, size_t slots)
      : Worker(slots, kKerberosLegs),
        pac_check_(pac_check),
        kept_(keytab_path),
        clients_(slots),
        servers_(slots) {}
  ~Krb5FloorWorker() override {
    for (size_t slot = 0; slot < slots(); ++slot) {
      ReleaseClient(slot);
      ReleaseServer(slot);
    }
  }

  void Step(size_t slot, size_t leg) override {
    constexpr std::array kSteps = {&Krb5FloorWorker::Request, &Krb5FloorWorker::Reply,
                                   &Krb5FloorWorker::Check};
    (this->*kSteps.at(leg))(slot);
  }
  void ReleaseClient(size_t slot) override { Free(clients_[slot]); }
  void ReleaseServer(size_t slot) override { Free(servers_[slot]); }

  void PrepareMessages(size_t /*count*/, size_t /*size*/) override { Require(false, kNoMessages); }
  void Seal(size_t /*index*/) override { Require(false, kNoMessages); }
  void Unseal(size_t /*index*/) override { Require(false, kNoMessages); }

 private:
  static constexpr std::string_view kNoMessages = "libkrb5 alone logs in only";

  void Request(size_t slot) {
    krb5_auth_context& auth = NewAuth(clients_[slot]);
    krb5_auth_con_set_req_cksumtype(kept_.context, auth, kGssChecksumType);
    krb5_data checksum = ViewOf(kGssChecksum);
    krb5_data out = {};
    RequireKrb5(
        krb5_mk_req_extended(kept_.context, &auth, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY,
                             &checksum, kept_.ticket, &out),
        "krb5_mk_req_extended");
    Send(slot, out);
  }

  void Reply(size_t slot) {
    krb5_auth_context& auth = NewAuth(servers_[slot]);
    const krb5_data in = ViewOf(token(slot));
    krb5_flags options = 0;
    krb5_ticket* ticket = nullptr;
    RequireKrb5(krb5_rd_req(kept_.context, &auth, &in, kept_.ticket->server, kept_.keytab, &options,
                            &ticket),
                "krb5_rd_req");
    if (pac_check_ == PacCheck::kByAcceptor) {
      VerifyPac(*ticket);
    }
    krb5_free_ticket(kept_.context, ticket);
    krb5_auth_con_setflags(kept_.context, auth,
                           KRB5_AUTH_CONTEXT_DO_SEQUENCE | KRB5_AUTH_CONTEXT_USE_SUBKEY);
    krb5_data out = {};
    RequireKrb5(krb5_mk_rep(kept_.context, auth, &out), "krb5_mk_rep");
    Send(slot, out);
  }

  void Check(size_t slot) {
    const krb5_data in = ViewOf(token(slot));
    krb5_ap_rep_enc_part* reply = nullptr;
    RequireKrb5(krb5_rd_rep(kept_.context, clients_[slot], &in, &reply), "krb5_rd_rep");
    krb5_free_ap_rep_enc_part(kept_.context, reply);
  }

  void VerifyPac(const krb5_ticket& ticket) {
    krb5_context context = kept_.context;
    const krb5_enc_tkt_part& sealed = *ticket.enc_part2;
    kerberos::OwnedAuthData found(context);
    kerberos::OwnedPac pac(context);
    krb5_keytab_entry entry = {};
    RequireKrb5(krb5_find_authdata(context, sealed.authorization_data, nullptr,
                                   KRB5_AUTHDATA_WIN2K_PAC, found.out()),
                "krb5_find_authdata");
    Require(static_cast<bool>(found), "a ticket without a PAC");
    const auto octets = kerberos::OctetsOf(**found.get());
    RequireKrb5(krb5_pac_parse(context, octets.data(), octets.size(), pac.out()), "krb5_pac_parse");
    RequireKrb5(krb5_kt_get_entry(context, kept_.keytab, ticket.server, ticket.enc_part.kvno,
                                  ticket.enc_part.enctype, &entry),
                "krb5_kt_get_entry");
    RequireKrb5(krb5_pac_verify(context, pac.get(), sealed.times.authtime, sealed.client,
                                &entry.key, nullptr),
                "krb5_pac_verify");
    krb5_free_keytab_entry_contents(context, &entry);
  }

  // No flag asks for times, so that libkrb5 keeps no record of replays.
  krb5_auth_context& NewAuth(krb5_auth_context& auth) {
    Free(auth);
    RequireKrb5(krb5_auth_con_init(kept_.context, &auth), "krb5_auth_con_init");
    krb5_auth_con_setflags(kept_.context, auth, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
    return auth;
  }
  void Free(krb5_auth_context& auth) {
    krb5_auth_con_free(kept_.context, std::exchange(auth, nullptr));
  }
  void Send(size_t slot, krb5_data& data) {
    CopyToken(slot, data.data, data.length);
    krb5_free_data_contents(kept_.context, &data);
  }

  PacCheck pac_check_;
  Kept kept_;
  std::vector<krb5_auth_context> clients_;
  std::vector<krb5_auth_context> servers_;
};

class Krb5Floor : public Contender {
 public:
  Krb5Floor(std::string name, std::string keytab_path, PacCheck pac_check)
      : name_(std::move(name)), keytab_path_(std::move(keytab_path)), pac_check_(pac_check) {}

  std::string_view name() const override { return name_; }
  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<Krb5FloorWorker>(keytab_path_, pac_check_, slots);
  }

 private:
  std::string name_;
  std::string keytab_path_;
  PacCheck pac_check_;
};

}  // namespace

std::unique_ptr<Contender> CreateKrb5Floor(std::string name, const Realm& realm,
                                           PacCheck pac_check) {
  return std::make_unique<Krb5Floor>(std::move(name), realm.keytab_path(), pac_check);
}

}  // namespace epa::bench
